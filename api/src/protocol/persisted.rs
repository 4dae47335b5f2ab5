//! Documents that are asked for by their hash: sent once and then remembered (automatic
//! persisted queries, as Apollo's clients do it), or registered before (a safelist).

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use super::answer::Refusal;
use crate::error::Error;
use crate::hash;

/// Texts that are remembered, in bytes.
const REMEMBERED: u64 = 8 << 20;
/// So many of them at about that size.
const USUAL: usize = 8_000;

/// Documents by hash.
pub struct Persisted {
    sent: Cache<String, Arc<str>, ByLength>,
    /// Those that alone may be executed, by id and by hash.
    safelist: Option<HashMap<String, Arc<str>>>,
}

#[derive(Clone)]
struct ByLength;

impl Weighter<String, Arc<str>> for ByLength {
    fn weight(&self, hash: &String, text: &Arc<str>) -> u64 {
        (hash.len() + text.len()) as u64
    }
}

/// What a request says of the document that it means.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    version: i64,
    sha256_hash: String,
}

/// A list of documents, as clients' tools write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// Apollo's `generate-persisted-query-manifest`.
    Apollo { operations: Vec<Operation> },
    /// Relay's `persistConfig`: texts by id.
    Relay(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Persisted {
    /// With the documents of a manifest, if there is one, and no others then.
    pub fn new(manifest: Option<&Path>) -> Result<Self, Error> {
        let safelist = manifest.map(registered).transpose()?;
        Ok(Self { sent: Cache::with_weighter(USUAL, REMEMBERED, ByLength), safelist })
    }

    /// The text that a request means, and the hash by which it wants to be remembered.
    pub fn text(
        &self,
        query: Option<&str>,
        extensions: &Map<String, Value>,
    ) -> Result<(Arc<str>, Option<String>), Refusal> {
        let named = extensions.get("persistedQuery").map(Named::deserialize).transpose();
        let Ok(named) = named else {
            let message = "`persistedQuery` must have `version` and `sha256Hash`.";
            return Err(Refusal::new("BAD_REQUEST", message));
        };
        if named.as_ref().is_some_and(|named| named.version != 1) {
            let message = "Persisted queries are known in version 1 only.";
            return Err(Refusal::new("PERSISTED_QUERY_NOT_SUPPORTED", message));
        }
        // The empty text is what some clients send with a hash.
        let query = query.filter(|query| !query.is_empty() || named.is_none());
        let hash = named.map(|named| named.sha256_hash);
        if let (Some(query), Some(hash)) = (&query, &hash)
            && !hash::sha256(query).eq_ignore_ascii_case(hash)
        {
            let message = "`sha256Hash` is not the SHA-256 of `query`.";
            return Err(Refusal::new("PERSISTED_QUERY_HASH_MISMATCH", message));
        }
        if let Some(safelist) = &self.safelist {
            let hash = hash.or_else(|| query.map(hash::sha256)).unwrap_or_default();
            return match safelist.get(&hash) {
                Some(text) => Ok((text.clone(), None)),
                None => {
                    let message = "This server executes registered operations only.";
                    Err(Refusal::new("PERSISTED_QUERY_NOT_IN_LIST", message))
                }
            };
        }
        match (query, hash) {
            (Some(query), hash) => Ok((query.into(), hash)),
            (None, Some(hash)) => match self.sent.get(&hash.to_ascii_lowercase()) {
                Some(text) => Ok((text, None)),
                // The message is what older clients know it by.
                None => Err(Refusal::new("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")),
            },
            (None, None) => {
                let message = "Pass `query`, the text of a document.";
                Err(Refusal::new("BAD_REQUEST", message))
            }
        }
    }

    /// Remembers a text that is valid.
    pub fn remember(&self, hash: String, text: Arc<str>) {
        self.sent.insert(hash.to_ascii_lowercase(), text);
    }
}

fn registered(manifest: &Path) -> Result<HashMap<String, Arc<str>>, Error> {
    let wrong =
        |why: &str| Error::Unavailable(format!("The safelist {} {why}.", manifest.display()));
    let bytes = std::fs::read(manifest).map_err(|_| wrong("cannot be read: check its name"))?;
    let shape = "is no manifest: it must be JSON as Apollo's or Relay's tools write it";
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| wrong(shape))?;
    let texts: Vec<(String, String)> = match manifest {
        Manifest::Apollo { operations } => {
            operations.into_iter().map(|operation| (operation.id, operation.body)).collect()
        }
        Manifest::Relay(texts) => texts.into_iter().collect(),
    };
    let mut registered = HashMap::new();
    for (id, text) in texts {
        let text: Arc<str> = text.into();
        registered.insert(hash::sha256(&*text), text.clone());
        registered.insert(id, text);
    }
    Ok(registered)
}
