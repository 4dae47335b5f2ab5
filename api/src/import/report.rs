//! What an import tells about itself.

use serde_json::Value;
use serde_json::json;

use super::batch::Batch;
use super::batch::Outcome;
use super::batch::Place;
use super::store::Stored;

/// Numbers of an import.
#[derive(Debug, Default)]
pub struct Report {
    read: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    kept: usize,
    failed: usize,
    others: usize,
    messages: Vec<String>,
}

impl Report {
    /// Adds a batch; the lines to print about it.
    pub fn add(&mut self, batch: &Batch, stored: Stored) -> Vec<String> {
        let mut lines = Vec::new();
        self.read += stored.articles.len().max(batch.articles.len());
        for (place, message) in batch.failures.iter().chain(&stored.failures) {
            self.failed += 1;
            lines.push(line(place, "error", message));
        }
        for (place, warning) in &batch.warnings {
            lines.push(line(place, "warning", warning));
        }
        self.others += stored.others;
        for (place, outcome) in stored.articles {
            match outcome {
                Outcome::Created => self.created += 1,
                Outcome::Updated => self.updated += 1,
                Outcome::Unchanged => self.unchanged += 1,
                Outcome::Kept(why) => {
                    self.kept += 1;
                    lines.push(line(&place, "left alone", &why));
                }
                Outcome::Failed(message) => {
                    self.failed += 1;
                    lines.push(line(&place, "error", &message));
                }
            }
        }
        self.messages.extend_from_slice(&lines);
        lines
    }

    /// Adds something that could not be read at all.
    pub fn fail(&mut self) {
        self.failed += 1;
    }

    /// Adds the numbers of another one.
    pub fn join(&mut self, other: Self) {
        self.read += other.read;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.kept += other.kept;
        self.failed += other.failed;
        self.others += other.others;
    }

    /// The numbers and messages of a file of JSON Lines.
    pub fn to_json(&self, file: &str) -> Value {
        json!({
            "file": file,
            "outcome": if self.failed() { "error" } else { "ok" },
            "articles": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "leftAlone": self.kept,
            "failed": self.failed,
            "messages": self.messages,
        })
    }

    /// Whether anything went wrong.
    pub fn failed(&self) -> bool {
        self.failed > 0
    }

    /// How many articles were created or changed.
    pub fn written(&self) -> u64 {
        (self.created + self.updated) as u64
    }

    /// One line of numbers.
    pub fn summary(&self, dry_run: bool) -> String {
        let Self { created, updated, unchanged, kept, failed, others, .. } = self;
        let would = if dry_run { "would be: " } else { "" };
        format!(
            "{would}{created} created, {updated} updated, {unchanged} unchanged, {kept} left \
             alone, {failed} failed; {others} channels or regions changed"
        )
    }
}

/// A line of a report.
pub fn line(place: &Place, what: &str, message: &str) -> String {
    format!("{}:{}: {what}: {message}", place.file, place.line)
}
