//! The whole directory as one JSON document, for clients that keep it.

use serde::Serialize;

use super::Tree;
use crate::error::Error;
use crate::hash::sha256;

/// The document of an edition.
#[derive(Debug)]
pub struct Document {
    /// JSON.
    pub body: Vec<u8>,
    /// SHA-256 of the JSON, in hexadecimal.
    pub hash: String,
}

#[derive(Serialize)]
struct Directory<'a> {
    edition: i64,
    regions: Vec<Region<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    code: &'a str,
    name: &'a str,
    short_name: &'a str,
    pinyin: Option<&'a str>,
    level: &'a str,
    r#type: &'a str,
    parent: Option<String>,
    path: Option<&'a str>,
}

/// Every region that exists, each before those below it; summary groups left out.
pub fn document(tree: &Tree) -> Result<Document, Error> {
    let rows = tree.descendants(None);
    let region = |at: usize| {
        let row = rows.get(at)?;
        Some(Region {
            code: &row.code,
            name: &row.name,
            short_name: &row.short_name,
            pinyin: row.pinyin.as_deref(),
            level: row.level.as_str(),
            r#type: row.kind.as_str(),
            parent: tree.ancestors(&row.code).first().map(|above| above.code.clone()),
            path: row.path.as_deref(),
        })
    };
    let regions = (0..rows.len()).filter_map(region).collect();
    let body = serde_json::to_vec(&Directory { edition: tree.edition(), regions })?;
    Ok(Document { hash: sha256(&body), body })
}
