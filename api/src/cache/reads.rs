//! What an answer is made from, noted by resolvers while it is made.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;

/// What was read for an answer.
#[derive(Default)]
pub struct Reads {
    /// Whether the answer is to be kept; nothing is noted otherwise.
    kept: bool,
    noted: Mutex<Noted>,
}

/// What resolvers said.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// What it was made from.
    pub tags: BTreeSet<String>,
    /// It is true no longer than that.
    pub until: Option<DateTime<Utc>>,
    /// It is true for this request only.
    pub once: bool,
}

impl Reads {
    /// For an answer that is to be kept.
    pub fn kept() -> Self {
        Self { kept: true, noted: Mutex::default() }
    }

    /// Whether the answer is to be kept, and so may have holes.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// Notes that it was made from what has this tag, also if that was nothing.
    pub fn tag(&self, tag: impl Into<String>) {
        self.note(|noted| _ = noted.tags.insert(tag.into()));
    }

    /// Notes that some of it is true no longer than that.
    pub fn until(&self, at: DateTime<Utc>) {
        self.note(|noted| noted.until = Some(noted.until.map_or(at, |until| until.min(at))));
    }

    /// Notes that some of it is true for this request only.
    pub fn once(&self) {
        self.note(|noted| noted.once = true);
    }

    /// What was noted so far.
    pub fn noted(&self) -> Noted {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Noted)) {
        if self.kept {
            change(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}
