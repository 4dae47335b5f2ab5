//! Scraped pages of news portals: from bytes to plain data. Nothing is stored here.
//! The rules that comments name by number are in RULES.md.
//!
//! A page is a title line, a site line with the title, a line with 更新时间 and 浏览次数, a text
//! in one line, a directory of regions, perhaps further texts, and 推荐阅读. The time taken is
//! linear in the size of the page.

mod articles;
mod blocks;
mod breaks;
mod counts;
mod decode;
mod decoys;
mod directory;
mod emoji;
pub mod failure;
pub mod fold;
mod header;
mod marks;
pub mod page;
mod recommended;
mod regions;
pub mod report;
mod sections;
mod times;
mod walk;
mod warnings;

use chrono::DateTime;
use chrono::Utc;

use crate::region::Tree;

pub use self::failure::Code;
pub use self::failure::Failure;
pub use self::page::Page;

/// How pages are read.
#[derive(Debug, Clone)]
pub struct Options {
    /// When the page was fetched: only with it a time without a year is completed.
    pub fetched_at: Option<DateTime<Utc>>,
    /// Offset from UTC, in minutes, in which pages give their times. +08:00 is 480.
    pub utc_offset_minutes: i32,
    /// A larger page is not read.
    pub max_bytes: usize,
}

impl Default for Options {
    /// +08:00, 16 MiB, time of the fetch unknown.
    fn default() -> Self {
        Options { fetched_at: None, utc_offset_minutes: 480, max_bytes: 16 << 20 }
    }
}

/// Parses one scraped page; the page and its decoded text. `file` is the name for reports.
///
/// # Errors
/// `too_large`, `empty_document`, `invalid_encoding` and `unrecognised_page`; nothing of
/// such a page is usable.
pub fn parse(
    bytes: &[u8],
    file: &str,
    options: &Options,
    tree: &Tree,
) -> Result<(Page, String), Failure> {
    let text = decode::decode(bytes, options.max_bytes)?;
    let lines: Vec<&str> = text.split('\n').collect();
    let header = header::read(&lines, options)?;
    let sections = sections::sort(&lines, header.last + 1);
    let articles = articles::read(&header, &sections.texts);
    let recommended = sections.list_line.map(|line| {
        let items = articles::link(recommended::read(&sections.list), &articles.kept);
        page::Recommended { line, items }
    });
    let lines = sections.entry_lines.unwrap_or_default();
    let mut page = Page {
        file: file.to_owned(),
        site: header.site,
        regions: regions::read(&sections.entries, lines, tree),
        recommended,
        warnings: Vec::new(),
        utc_offset_minutes: options.utc_offset_minutes,
        articles: articles.kept,
    };
    page.warnings = warnings::of(&page, &sections, &articles.repeated);
    Ok((page, text))
}
