//! An event as a client sends it, and the rules that need no database.

use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use uuid::Uuid;

use super::class::Verdict;
use super::reader::Reader;
use crate::error::Fault;
use crate::error::Reason;

/// A client's clock may be ahead by so much, in milliseconds.
const AHEAD: i64 = 120_000;
/// The longest install id, in bytes.
const VISITOR_ID_MOST: usize = 128;
/// The longest id or slug of an article, in bytes.
const ARTICLE_MOST: usize = 400;

/// A display of an article, as a client reports it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// A UUIDv7, made by the client when it displayed the article.
    pub event_id: String,
    /// The article's global id, UUID or slug.
    pub article: String,
    /// The install id of an app, or another id of the reader's device.
    pub visitor_id: Option<String>,
    /// Who reads, as a trusted front end tells it.
    pub reader: Option<Told>,
}

/// A reader whom a trusted front end tells of.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The address.
    pub ip: Option<String>,
    /// The `User-Agent`.
    pub user_agent: Option<String>,
}

/// How old events may be.
#[derive(Clone, Copy, Debug)]
pub struct Ages {
    /// Of somebody of whom only the address is known, in seconds.
    pub most: u64,
    /// With an install id or a token, in seconds.
    pub most_known: u64,
}

/// An event that keeps the rules.
#[derive(Debug)]
pub struct Sound {
    /// The event's id.
    pub id: Uuid,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// The address that a trusted front end told.
    pub ip: Option<IpAddr>,
}

/// Checks what can be checked without the database.
pub fn check(
    event: &Event,
    reader: &Reader,
    ages: Ages,
    now: DateTime<Utc>,
) -> Result<Sound, Verdict> {
    let id = Uuid::try_parse(&event.event_id).ok().filter(|id| id.get_version_num() == 7);
    let Some(id) = id else {
        return invalid("eventId", "`eventId` must be a UUIDv7 (RFC 9562), made at the display.");
    };
    let at = i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX);
    let now = now.timestamp_millis();
    if at > now + AHEAD {
        let message =
            "The time of `eventId` lies ahead: set the clock, make the id when you display.";
        return invalid("eventId", message);
    }
    if event.article.is_empty() || event.article.len() > ARTICLE_MOST {
        return invalid("article", "`article` must be the id or a slug of an article.");
    }
    let fits = |id: &String| !id.is_empty() && id.len() <= VISITOR_ID_MOST;
    if !event.visitor_id.iter().all(fits) {
        return invalid("visitorId", "`visitorId` must have 1 to 128 bytes.");
    }
    if event.reader.is_some() && !reader.trusted {
        let message = "Only a token with the scope `count` may tell of a `reader`: leave it out.";
        return invalid("reader", message);
    }
    let told = event.reader.as_ref().and_then(|told| told.ip.as_deref()).map(str::parse);
    let Ok(ip) = told.transpose() else {
        return invalid("reader.ip", "`reader.ip` must be an IPv4 or IPv6 address.");
    };
    let known = event.visitor_id.is_some() || reader.has_token;
    let age = if known { ages.most_known } else { ages.most };
    let oldest = now.saturating_sub(i64::try_from(age).unwrap_or(i64::MAX).saturating_mul(1000));
    if at < oldest {
        return Err(Verdict::TooOld);
    }
    Ok(Sound { id, at, ip })
}

fn invalid<T>(field: &str, message: &str) -> Result<T, Verdict> {
    Err(Verdict::Invalid(Fault::new(field, Reason::Invalid, message)))
}
