//! Public keys of an identity provider: a JSON Web Key Set (RFC 7517), from a file or from
//! the web.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::AlgorithmParameters;
use jsonwebtoken::jwk::EllipticCurve;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::jwk::PublicKeyUse;
use tokio::sync::Mutex;

use crate::error::Error;

/// The longest wait for the provider.
const PATIENCE: Duration = Duration::from_secs(10);
/// A set of keys is not larger, in bytes.
const LARGEST: usize = 1 << 20;
/// For a key that is not known the set is read anew no more often, so that nobody makes this
/// server a burden to the provider.
const REST: TimeDelta = TimeDelta::seconds(30);

enum Source {
    File(PathBuf),
    Web(String),
}

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: Arc<DecodingKey>,
}

/// When keys were read, and how that went.
type Look = (DateTime<Utc>, Result<(), Error>);

/// The keys, as they were read last.
pub struct Keys {
    source: Source,
    known: RwLock<Arc<Vec<Key>>>,
    /// When they were read for a key that was not known.
    looked: Mutex<Option<Look>>,
}

impl Keys {
    /// Those at an address of the web, or in a file; not read yet.
    pub fn new(place: &str) -> Self {
        let web = place.starts_with("https://") || place.starts_with("http://");
        let source = if web { Source::Web(place.into()) } else { Source::File(place.into()) };
        Self { source, known: RwLock::default(), looked: Mutex::default() }
    }

    /// Whether they are in a file.
    pub fn are_local(&self) -> bool {
        matches!(self.source, Source::File(_))
    }

    /// Those that a token may be signed by.
    pub async fn of(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Arc<DecodingKey>>, Error> {
        let found = self.known_of(algorithm, id);
        if !found.is_empty() {
            return Ok(found);
        }
        // One asks the provider, and the others wait for what it learns.
        let mut looked = self.looked.lock().await;
        let read = match looked.as_ref().filter(|(at, _)| now < *at + REST) {
            Some((_, read)) => read.clone(),
            None => looked.insert((now, self.refresh().await)).1.clone(),
        };
        let found = self.known_of(algorithm, id);
        // Whose key could not be looked up is not taken for a stranger.
        if found.is_empty() { read.map(|()| found) } else { Ok(found) }
    }

    fn known_of(&self, algorithm: Algorithm, id: Option<&str>) -> Vec<Arc<DecodingKey>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        let fits = |key: &&Key| {
            // A token or a key without an id says nothing about which one it is.
            let named = id.is_none() || key.id.is_none() || key.id.as_deref() == id;
            key.algorithm == algorithm && named
        };
        known.iter().filter(fits).map(|key| key.key.clone()).collect()
    }

    /// Reads them anew; keeps those of before if that fails.
    pub async fn refresh(&self) -> Result<(), Error> {
        let bytes = match &self.source {
            Source::File(path) => tokio::fs::read(path).await.map_err(|error| {
                Error::Unavailable(format!(
                    "--jwt-keys: {} cannot be read: {error}.",
                    path.display()
                ))
            })?,
            Source::Web(url) => fetch(url).await.map_err(|error| {
                tracing::warn!(?error, "the keys of the identity provider cannot be read");
                let message = "The keys of the identity provider are out of reach. Try again.";
                Error::Unavailable(message.into())
            })?,
        };
        let set: JwkSet = serde_json::from_slice(&bytes).map_err(|error| {
            Error::Unavailable(format!("--jwt-keys is no JSON Web Key Set: {error}."))
        })?;
        let keys: Vec<Key> = set.keys.iter().filter_map(usable).collect();
        if keys.is_empty() {
            let message = "--jwt-keys has no key for signatures by RS256 or ES256.";
            return Err(Error::Unavailable(message.into()));
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }
}

/// A key for signatures of the two kinds that are believed.
fn usable(jwk: &Jwk) -> Option<Key> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        _ => return None,
    };
    let common = &jwk.common;
    let other_use = matches!(common.public_key_use, Some(PublicKeyUse::Encryption));
    let other = common
        .key_algorithm
        .is_some_and(|named| named.to_string().parse::<Algorithm>().ok() != Some(algorithm));
    let key = DecodingKey::from_jwk(jwk).ok().filter(|_| !other_use && !other)?;
    Some(Key { id: common.key_id.clone(), algorithm, key: Arc::new(key) })
}

async fn fetch(url: &str) -> Result<Vec<u8>, reqwest::Error> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(part) = response.chunk().await? {
        bytes.extend_from_slice(&part);
        if bytes.len() > LARGEST {
            break;
        }
    }
    Ok(bytes)
}
