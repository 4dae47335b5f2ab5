//! Finding the regions that a text is about.
//!
//! Precision before recall: a wrong region page is worse than a missing one. Full
//! names count, short ones of provinces, prefectures and well-known cities where
//! the words of the text end with them and nothing behind makes them part of
//! another name; those of counties only in a chain behind their parent. A name
//! that several regions bear is decided by a parent nearby, or not at all.
//! `tests/detection/` has the labelled sentences.

mod names;
mod text;
mod walk;
mod words;

use serde::Serialize;

pub use names::Names;
pub use text::words;

use super::Tree;

/// A region that a text names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The code of the region.
    pub code: String,
    /// Its full name.
    pub name: String,
    /// The words of the text.
    pub surface: String,
    /// Where they begin, in Unicode code points.
    pub offset: usize,
    /// The rule that found it.
    pub rule: Rule,
}

/// What made a name count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A full name that one region bears.
    FullName,
    /// A full name that several bear, decided by a parent nearby.
    Context,
    /// A short name.
    ShortName,
    /// Names one after the other, from above to below: the lowest is meant.
    Chain,
    /// A name in a list of regions.
    List,
}

impl Rule {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FullName => "full-name",
            Self::Context => "context",
            Self::ShortName => "short-name",
            Self::Chain => "chain",
            Self::List => "list",
        }
    }
}

/// The regions that a text names, in its order.
pub fn detect(tree: &Tree, text: &str) -> Vec<Tag> {
    walk::tags(tree, tree.names(), text)
}

/// The codes of tags, each once, in the order of the text.
pub fn codes(tags: &[Tag]) -> Vec<&str> {
    let mut codes: Vec<&str> = Vec::new();
    for tag in tags {
        if !codes.contains(&tag.code.as_str()) {
            codes.push(&tag.code);
        }
    }
    codes
}
