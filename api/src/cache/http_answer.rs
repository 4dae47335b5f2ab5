//! An answer that is kept, and how it is sent: with the views of the moment, compressed for
//! those who take that, or not at all to those who have it.

use std::hash::DefaultHasher;
use std::hash::Hasher;
use std::sync::PoisonError;

use axum::body::Body as HttpBody;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use headers::ETag;
use http_body_util::BodyExt;
use tokio::sync::Mutex;

use super::body::Body;
use super::marks::Made;
use super::reads::Noted;
use crate::config::Config;
use crate::protocol::response::compressed;
use crate::protocol::response::is_known;
use crate::view::totals::Memory;

/// A compressed answer has the views of at most so long ago.
const COMPRESSED: TimeDelta = TimeDelta::seconds(1);

/// An editor behind a cache of everybody's is not given what the public was.
const VARY: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Encoding, Authorization, Origin");

/// An answer to the public.
pub struct Answer {
    /// What it was made from.
    pub made: Made,
    /// The same, as headers and webhooks tell it.
    pub tags: Vec<String>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// It is true before that.
    pub until: Option<DateTime<Utc>>,
    /// Its media type.
    pub content_type: HeaderValue,
    /// Whether it is known by its date, too.
    dated: bool,
    body: Body,
    /// Of the body without its numbers.
    hash: u64,
    known_by: std::sync::Mutex<Option<KnownBy>>,
    coding: Mutex<Coding>,
}

/// An entity tag, of when it is, and a hash of the numbers then.
struct KnownBy {
    tag: HeaderValue,
    at: DateTime<Utc>,
    numbers: u64,
}

/// How the body is sent to those who asked for this answer.
enum Coding {
    Unknown,
    Plain,
    Compressed(Compressed),
}

#[derive(Clone)]
struct Compressed {
    encoding: HeaderValue,
    bytes: Bytes,
    at: DateTime<Utc>,
    numbers: u64,
}

/// What is the same for all answers of an instance.
pub struct Settings<'a> {
    /// The views of the moment.
    pub totals: &'a Memory,
    /// The moment.
    pub now: DateTime<Utc>,
    /// The settings of the instance.
    pub config: &'a Config,
}

impl Answer {
    /// Made from the text of a JSON body with holes.
    pub fn new(
        json: &str,
        content_type: HeaderValue,
        made: Made,
        noted: Noted,
        at: DateTime<Utc>,
    ) -> Self {
        let body = Body::new(json);
        let mut hasher = DefaultHasher::new();
        body.hash_text(&mut hasher);
        Self {
            made,
            tags: noted.tags.into_iter().collect(),
            at,
            until: noted.until,
            content_type,
            dated: false,
            body,
            hash: hasher.finish(),
            known_by: std::sync::Mutex::default(),
            coding: Mutex::new(Coding::Unknown),
        }
    }

    /// The same, known by its date, too: that of when it was made, since it is kept no longer
    /// than it is true. What is listed may have older dates than what was there before.
    pub fn dated(mut self, dated: bool) -> Self {
        self.dated = dated;
        self
    }

    /// What it takes in memory, with a compressed body.
    pub fn weight(&self) -> u64 {
        let tags: usize = self.tags.iter().map(|tag| tag.len() + 50).sum();
        2 * self.body.weight() as u64 + tags as u64
    }

    /// The text with the numbers of this moment.
    pub fn text(&self, totals: &Memory) -> String {
        self.body.filled(totals)
    }

    /// The response to a request with these headers.
    pub async fn send(&self, asked: &HeaderMap, by_get: bool, settings: &Settings<'_>) -> Response {
        let tag = self.entity_tag(settings);
        let old = || has(asked, &tag) || self.dated && is_old(asked, self.at);
        let mut response = match by_get && old() {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.whole(asked, settings).await,
        };
        let headers = response.headers_mut();
        headers.insert(header::VARY, VARY);
        headers.insert(header::ETAG, tag);
        if self.dated {
            let at = self.at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            headers.extend(HeaderValue::try_from(at).ok().map(|at| (header::LAST_MODIFIED, at)));
        }
        if by_get {
            // No event tells other caches that its time is over.
            let own = self.until.map(|_| HeaderValue::from_static("no-cache"));
            let control = own.unwrap_or_else(|| settings.config.cache_control.clone());
            headers.insert(header::CACHE_CONTROL, control);
            if let Some(name) = &settings.config.cache_tag_header {
                let between = if name == "surrogate-key" { " " } else { "," };
                if let Ok(tags) = HeaderValue::try_from(self.tags.join(between)) {
                    headers.insert(name, tags);
                }
            }
        }
        response
    }

    async fn whole(&self, asked: &HeaderMap, settings: &Settings<'_>) -> Response {
        let accepted = asked.get(header::ACCEPT_ENCODING);
        let compressed = match accepted {
            // Boxed, for most are not compressed anew, and have less to remember.
            Some(accepted) => Box::pin(self.compressed(accepted, settings)).await,
            None => None,
        };
        let mut response = match compressed {
            Some(Compressed { encoding, bytes, .. }) => {
                let mut response = Response::new(HttpBody::from(bytes));
                response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
                response
            }
            None => Response::new(HttpBody::from(self.text(settings.totals))),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, self.content_type.clone());
        response
    }

    /// The compressed body, with numbers of at most a second ago.
    async fn compressed(
        &self,
        accepted: &HeaderValue,
        settings: &Settings<'_>,
    ) -> Option<Compressed> {
        let mut coding = self.coding.lock().await;
        let mut numbers = None;
        match &mut *coding {
            Coding::Plain => return None,
            Coding::Compressed(last) if settings.now - last.at < COMPRESSED => {
                return Some(last.clone());
            }
            Coding::Compressed(last) => {
                let today = *numbers.insert(self.numbers(settings.totals));
                if last.numbers == today {
                    last.at = settings.now;
                    return Some(last.clone());
                }
            }
            Coding::Unknown => {}
        }
        let numbers = numbers.unwrap_or_else(|| self.numbers(settings.totals));
        let text = self.text(settings.totals);
        let compressed = compress(accepted, &self.content_type, text).await;
        let compressed = compressed.map(|(encoding, bytes)| Compressed {
            encoding,
            bytes,
            at: settings.now,
            numbers,
        });
        *coding = compressed.clone().map_or(Coding::Plain, Coding::Compressed);
        compressed
    }

    /// The entity tag: of the text, and of numbers that were right some time ago. Who has it
    /// is not sent others before that time is over.
    fn entity_tag(&self, settings: &Settings<'_>) -> HeaderValue {
        let mut known_by = self.known_by.lock().unwrap_or_else(PoisonError::into_inner);
        let age = TimeDelta::seconds(settings.config.etag_views.into());
        if let Some(last) = known_by.as_mut() {
            if settings.now - last.at < age {
                return last.tag.clone();
            }
            if last.numbers == self.numbers(settings.totals) {
                last.at = settings.now;
                return last.tag.clone();
            }
        }
        let numbers = self.numbers(settings.totals);
        let text = format!("W/\"{:x}-{numbers:x}\"", self.hash);
        let tag = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("W/\"\""));
        *known_by = Some(KnownBy { tag: tag.clone(), at: settings.now, numbers });
        tag
    }

    fn numbers(&self, totals: &Memory) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.body.hash_numbers(totals, &mut hasher);
        hasher.finish()
    }
}

/// Whether who asks has what was last modified at this instant, and knows it by no tag (RFC 9110,
/// 13.1.3).
fn is_old(asked: &HeaderMap, modified: DateTime<Utc>) -> bool {
    let since = asked.get(header::IF_MODIFIED_SINCE).and_then(|since| since.to_str().ok());
    let since = since.and_then(|since| DateTime::parse_from_rfc2822(since).ok());
    let tagged = asked.contains_key(header::IF_NONE_MATCH);
    !tagged && since.is_some_and(|since| modified.timestamp() <= since.timestamp())
}

fn has(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().ok().and_then(|tag| tag.parse::<ETag>().ok());
    tag.is_some_and(|tag| is_known(asked, &tag))
}

/// A body as all others are compressed; `None` if it is not.
async fn compress(
    accepted: &HeaderValue,
    content_type: &HeaderValue,
    text: String,
) -> Option<(HeaderValue, Bytes)> {
    let plain = ([(header::CONTENT_TYPE, content_type.clone())], text).into_response();
    let response = compressed(Some(accepted.clone()), plain).await;
    let encoding = response.headers().get(header::CONTENT_ENCODING)?.clone();
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    Some((encoding, bytes))
}
