//! From a portal page to the records that every format becomes.

use super::batch::Batch;
use super::batch::Place;
use super::origin::Recommended;
use super::portal::page::Article;
use super::portal::page::Block;
use super::portal::page::Page;
use super::prepare;
use super::prepare::Wanted;
use super::record::ArticleRecord;
use super::record::PageRecord;
use crate::article::body::escape_markdown;
use crate::article::input::Source;
use crate::clock::new_id;
use crate::region::Tree;
use chrono::DateTime;
use chrono::Utc;

/// The records of the page in `file` whose decoded text is `raw`.
pub fn batch(
    page: &Page,
    raw: String,
    file: &str,
    detect: Option<&Tree>,
    now: DateTime<Utc>,
) -> Batch {
    let mut batch = Batch { bytes: raw.len() as u64, ..Batch::default() };
    let place = |line| Place { file: file.into(), line };
    let id = new_id();
    let items = page.recommended.iter().flat_map(|list| &list.items);
    let recommended = (1..).zip(items).map(|(rank, item)| Recommended {
        rank,
        title: item.title.clone(),
        views: item.views.count.and_then(|count| i64::try_from(count).ok()),
    });
    batch.pages.push(PageRecord {
        kind: Default::default(),
        id,
        site: page.site.name.clone(),
        column: page.site.column.clone(),
        raw: raw.replace('\0', "\u{fffd}"),
        recommended: recommended.collect(),
        imported_at: now,
    });
    let wanted = Wanted { detect, index: true };
    for found in &page.articles {
        let record = ArticleRecord { page: Some(id), ..article(found) };
        let place = place(found.lines.0);
        match prepare::article(place.clone(), record, page.site.name.clone(), true, wanted) {
            Ok(prepared) => batch.articles.push(prepared),
            Err(message) => batch.failures.push((place, message)),
        }
    }
    batch.warnings = page.warnings.iter().map(|key| (place(1), key.clone())).collect();
    batch
}

fn article(found: &Article) -> ArticleRecord {
    ArticleRecord {
        title: one_line(found.title.as_deref().unwrap_or_default()),
        byline: found.body.author.as_deref().map(one_line),
        source: found
            .body
            .source
            .as_deref()
            .map(|name| Source { name: Some(one_line(name)), url: None }),
        body: markdown(&found.body.blocks, found.body.fold_at),
        updated_at: found.updated.at,
        imported_views: found.views.count.and_then(|count| i64::try_from(count).ok()),
        ..ArticleRecord::default()
    }
}

/// Control characters have no place in a title or a name.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The blocks as Markdown whose plain text is the blocks' text.
fn markdown(blocks: &[Block], fold_at: Option<usize>) -> String {
    let mut parts = Vec::with_capacity(blocks.len() + 1);
    for (at, block) in blocks.iter().enumerate() {
        if fold_at == Some(at) {
            parts.push("<!--more-->".to_owned());
        }
        parts.push(match block {
            Block::Paragraph(text) => escape_markdown(text),
            Block::Heading { no, text } => {
                format!("## {}", escape_markdown(&format!("{no} {text}")))
            }
        });
    }
    if fold_at == Some(blocks.len()) {
        parts.push("<!--more-->".to_owned());
    }
    parts.join("\n\n")
}
