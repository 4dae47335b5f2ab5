//! What makes two imported articles the same one.
//!
//! A record's own external id, id or source address comes first, in this order.
//! Only without them count the folded title with the site, and the fingerprint
//! of title and text.

use entity::article_body;

use super::portal::fold::fold;
use super::record::ArticleRecord;
use crate::article::block;
use crate::article::block::Block;
use crate::hash::sha256;

/// The keys of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Any of these identifies the article, the first the best.
    pub own: Vec<String>,
    /// Identifies a copy with other punctuation or decoys: the same article,
    /// but no correction of its text.
    pub copy: Option<String>,
}

/// The keys of a record with this text that came from `site`.
pub fn keys(record: &ArticleRecord, site: Option<&str>, body: &article_body::Model) -> Keys {
    if let Some(external) = &record.external_id {
        return Keys { own: vec![format!("external {external}")], copy: None };
    }
    if record.id.is_some() {
        return Keys::default();
    }
    let source = record.source.as_ref();
    if let Some(url) = source.and_then(|source| source.url.as_ref()) {
        return Keys { own: vec![format!("url {url}")], copy: None };
    }
    let site = site.or_else(|| source.and_then(|source| source.name.as_deref()));
    let title = record.title.as_str();
    let own = if title.is_empty() { Vec::new() } else { vec![title_key(site, title)] };
    let head = if title.is_empty() { record.byline.as_deref().unwrap_or_default() } else { title };
    let blocks: Vec<Block> = serde_json::from_str(&body.blocks).unwrap_or_default();
    let print = sha256(format!("{}\n{}", fold(head), fold(&block::text(&blocks))));
    Keys { own, copy: Some(format!("text {print}")) }
}

/// The key of a title on a site.
pub fn title_key(site: Option<&str>, title: &str) -> String {
    format!("title {}\n{}", fold(site.unwrap_or_default()), fold(title))
}
