//! What is read, prepared and stored together.

use entity::article_body;

use super::identity::Keys;
use super::record::ArticleRecord;
use super::record::ChannelRecord;
use super::record::PageRecord;
use super::record::RegionRecord;
use crate::region::detect::Tag;

/// How many records of JSON Lines are stored in one transaction.
pub const SIZE: usize = 1000;
/// So many bytes of JSON Lines end a batch as well.
pub const BYTES: u64 = 32 << 20;

/// Records that are stored in one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// Stored before the others.
    pub channels: Vec<(Place, ChannelRecord)>,
    /// Stored before the articles.
    pub regions: Vec<(Place, RegionRecord)>,
    /// Stored with the articles.
    pub pages: Vec<PageRecord>,
    /// The articles.
    pub articles: Vec<Prepared>,
    /// What could not be read.
    pub failures: Vec<(Place, String)>,
    /// What a report should mention besides.
    pub warnings: Vec<(Place, String)>,
    /// So many bytes were read, for the progress bar.
    pub bytes: u64,
}

/// Where a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name, `-` for standard input.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// An article with all that can be made without the database.
#[derive(Debug)]
pub struct Prepared {
    /// Where it stands.
    pub place: Place,
    /// The record; its text is in `body`.
    pub record: ArticleRecord,
    /// Whether the record tells its own state and times, or a command's option does.
    pub portal: bool,
    /// Its text, rendered; of no article yet.
    pub body: article_body::Model,
    /// Its plain text before the fold.
    pub teaser: String,
    /// What it can be found by; `None`: it is indexed later.
    pub tokens: Option<String>,
    /// The regions that it names, if they are asked for.
    pub found: Option<Vec<Tag>>,
    /// What identifies it.
    pub keys: Keys,
    /// SHA-256 of the record without its views and its page, in hexadecimal.
    pub hash: String,
}

/// What became of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Created,
    /// Its text or data was corrected.
    Updated,
    /// It was there already.
    Unchanged,
    /// It was left alone, for this reason.
    Kept(String),
    /// It breaks a rule.
    Failed(String),
}
