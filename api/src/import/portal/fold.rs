//! Forms of a text for comparing, and what the identity of an article is made of (rule 11).

use unicode_normalization::UnicodeNormalization;

use super::page::Block;
use crate::hash::sha256;

/// Compatibility form (NFKC) without white space: half and full width compare equal.
pub fn fold(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Compatibility form (NFKC), trimmed: for reading numbers and times.
pub fn narrow(text: &str) -> String {
    text.nfkc().collect::<String>().trim().to_owned()
}

/// The cleaned text: blocks joined by LF, a heading as its number, a blank and its text.
pub fn text(blocks: &[Block]) -> String {
    let lines = blocks.iter().map(|block| match block {
        Block::Paragraph(text) => text.clone(),
        Block::Heading { no, text } => format!("{no} {text}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Hash of the folded text: equal for the same article with other decoys and other
/// punctuation widths.
pub fn fingerprint(blocks: &[Block]) -> String {
    sha256(fold(&text(blocks)))
}
