//! A page, or why it cannot be imported, as the JSON of `redian import --dry-run --json`.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::fold;
use super::page::Article;
use super::page::ArticleKind;
use super::page::Block;
use super::page::Item;
use super::page::Lines;
use super::page::Node;
use super::page::Page;
use super::page::Precision;
use super::page::Recommended;
use super::page::Regions;
use super::regions::path;
use super::times;

use crate::hash::sha256;
use crate::region::Kind;
use crate::region::Level;
use crate::region::Tree;
use crate::region::detect;

/// Version of the shape.
pub const SCHEMA: &str = "redian-page/1";

/// The report of a page that can be imported.
pub fn of_page(page: &Page, tree: &Tree) -> Value {
    let offset = page.utc_offset_minutes;
    let articles: Vec<Value> = page.articles.iter().map(|a| article(a, offset, tree)).collect();
    json!({
        "schema": SCHEMA,
        "file": page.file,
        "outcome": "ok",
        "site": { "name": page.site.name, "column": page.site.column },
        "articles": articles,
        "regions": page.regions.as_ref().map(regions),
        "recommended": page.recommended.as_ref().map(recommended),
        "warnings": page.warnings,
    })
}

/// The report of a page that cannot be imported.
pub fn of_failure(failure: &Failure, file: &str) -> Value {
    let mut error = object(json!({
        "code": failure.code.as_str(),
        "message": failure.message,
        "file": file,
        "line": failure.line,
    }));
    if let Some(offset) = failure.offset {
        error.insert("offset".to_owned(), json!(offset));
    }
    json!({ "schema": SCHEMA, "file": file, "outcome": "error", "error": error })
}

fn article(article: &Article, offset: i32, tree: &Tree) -> Value {
    let body = &article.body;
    let mut value = object(json!({
        "n": article.n,
        "kind": kind(article.kind),
        "lines": lines(article.lines),
        "title": article.title,
        "author": body.author,
        "byline_raw": body.byline_raw,
        "source": body.source,
        "source_raw": body.source_raw,
        "views": article.views.count,
        "views_raw": article.views.raw,
    }));
    rounded(&mut value, article.views.rounded);
    value.extend(object(json!({
        "updated_at": article.updated.at.map(|at| {
            at.with_timezone(&times::offset(offset)).to_rfc3339_opts(SecondsFormat::Secs, false)
        }),
        "updated_precision": article.updated.precision.map(precision),
        "updated_raw": article.updated.raw,
    })));
    value.extend(text(article));
    value.insert("region_mentions".to_owned(), mentions(article, tree));
    Value::Object(value)
}

/// The regions that the title and the text name, each once.
fn mentions(article: &Article, tree: &Tree) -> Value {
    let title = article.title.as_deref().unwrap_or_default();
    let tags = detect::detect(tree, &format!("{title}\n{}", fold::text(&article.body.blocks)));
    let mut mentions: Vec<Value> = Vec::new();
    for tag in tags {
        let mention = json!({ "code": tag.code, "name": tag.name, "surface": tag.surface });
        if !mentions.iter().any(|known| known["code"] == mention["code"]) {
            mentions.push(mention);
        }
    }
    mentions.into()
}

fn text(article: &Article) -> Map<String, Value> {
    let body = &article.body;
    let text = fold::text(&body.blocks);
    let flags: Vec<&str> = article.flags.iter().map(|flag| flag.as_str()).collect();
    object(json!({
        "blocks": body.blocks.iter().map(block).collect::<Vec<_>>(),
        "blocks_count": body.blocks.len(),
        "headings": body.blocks.iter().filter_map(heading).collect::<Vec<_>>(),
        "fold_at": body.fold_at,
        "text_chars": text.chars().count(),
        "text_sha256": sha256(&text),
        "decoys": { "removed": body.decoys.removed, "stride": body.decoys.stride },
        "flags": flags,
        "raw_chars": body.raw.chars().count(),
        "raw_sha256": sha256(&body.raw),
        "raw": body.raw,
    }))
}

fn block(block: &Block) -> Value {
    match block {
        Block::Paragraph(text) => json!({ "k": "p", "t": text }),
        Block::Heading { no, text } => json!({ "k": "h", "no": no, "t": text }),
    }
}

fn heading(block: &Block) -> Option<Value> {
    match block {
        Block::Paragraph(_) => None,
        Block::Heading { no, text } => Some(json!([no, text])),
    }
}

fn regions(regions: &Regions) -> Value {
    json!({
        "lines": lines(regions.lines),
        // What a page does not list is not gone.
        "complete": false,
        "counts": counts(&regions.nodes),
        "counties_per_prefecture": counties(&regions.nodes),
        "missing_prefectures": missing(regions),
        "nodes": regions.nodes.iter().map(node).collect::<Vec<_>>(),
    })
}

fn counts(nodes: &[Node]) -> Value {
    let at = |level| nodes.iter().filter(|node| node.level == level).count();
    let official = nodes.iter().filter(|node| is_official(node)).count();
    let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
    for node in nodes {
        *by_type.entry(type_of(node)).or_default() += 1;
    }
    json!({
        "total": nodes.len(),
        "province": at(Level::Province),
        "prefecture": at(Level::Prefecture),
        "county": at(Level::County),
        "by_type": by_type,
        "in_gbt2260": official,
        "not_in_gbt2260": nodes.len() - official,
    })
}

/// Counties below each prefecture, by the path of the prefecture; 0 for a city without counties.
fn counties(nodes: &[Node]) -> Value {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut order = Vec::new();
    for node in nodes {
        match (&node.level, &node.parent) {
            (Level::Prefecture, _) => {
                order.push(path(node));
                counts.entry(path(node)).or_default();
            }
            (Level::County, Some(parent)) => *counts.entry(parent.clone()).or_default() += 1,
            _ => {}
        }
    }
    let counted =
        order.into_iter().filter_map(|path| counts.get(&path).map(|&count| (path, json!(count))));
    Value::Object(counted.collect())
}

fn missing(regions: &Regions) -> Value {
    let provinces = regions.missing.iter().map(|(province, lacks)| {
        let names: Vec<String> =
            lacks.iter().map(|lack| format!("{} {}", lack.code, lack.name)).collect();
        (province.clone(), json!(names))
    });
    Value::Object(provinces.collect())
}

fn node(node: &Node) -> Value {
    json!({
        "code": node.code,
        "name": node.name,
        "level": node.level.as_str(),
        "type": type_of(node),
        "parent": node.parent,
        "gbt2260": is_official(node),
        "line": node.line,
    })
}

/// A name that the tree lacks is of no known kind: `other`.
fn type_of(node: &Node) -> &'static str {
    node.kind.unwrap_or(Kind::Other).as_str()
}

/// In the civil-affairs list.
fn is_official(node: &Node) -> bool {
    !matches!(node.kind, None | Some(Kind::FunctionalArea | Kind::Other))
}

fn recommended(recommended: &Recommended) -> Value {
    json!({
        "line": recommended.line,
        "count": recommended.items.len(),
        "items": recommended.items.iter().map(item).collect::<Vec<_>>(),
    })
}

fn item(item: &Item) -> Value {
    let mut value = object(json!({
        "n": item.n,
        "title": item.title,
        "views": item.views.count,
        "views_raw": item.views.raw,
    }));
    rounded(&mut value, item.views.rounded);
    value.extend(object(json!({ "line": item.line, "article": item.article })));
    Value::Object(value)
}

/// Printed only where it is true.
fn rounded(value: &mut Map<String, Value>, rounded: bool) {
    if rounded {
        value.insert("views_rounded".to_owned(), json!(true));
    }
}

fn kind(kind: ArticleKind) -> &'static str {
    match kind {
        ArticleKind::Main => "main",
        ArticleKind::Secondary => "secondary",
    }
}

fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Day => "day",
        Precision::Minute => "minute",
        Precision::Second => "second",
    }
}

fn lines((first, last): Lines) -> Value {
    json!([first, last])
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
