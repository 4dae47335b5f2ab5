//! Displays on their way into a counting transaction, and their verdicts.

use std::collections::HashSet;

use chrono_tz::Tz;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use super::class::Class;
use super::class::Verdict;
use super::reader::Key;
use super::seen::Seen;
use super::zone;
use crate::error::Error;

/// A display of an article that may count.
#[derive(Clone, Debug)]
pub struct Display {
    /// The event's id.
    pub id: Uuid,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The article.
    pub article: Uuid,
    /// [`Class::Counted`], or why it will not be.
    pub class: Class,
    /// The visit that it may repeat; `None` without a visitor.
    pub visit: Option<Visit>,
    /// The hash of the visitor on the day.
    pub visitor: Option<u64>,
}

/// A visitor's reading of an article in a window.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// The hour in which its window ends, in hours since 1970.
    pub hour: i32,
    /// The hash of visitor, article and window.
    pub key: Key,
    /// The hash of network, article and window.
    pub network: Option<Key>,
}

/// A view that was counted, as those who follow need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The article.
    pub article: Uuid,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The hash of the visitor on the day; `None` without one.
    pub visitor: Option<u64>,
}

/// The rules of counting that the operator sets.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The site's time zone.
    pub zone: Tz,
    /// How many visits from one network count on one article in one window.
    pub network_cap: usize,
}

/// One of each id, in the order of hours and ids: two instances that insert the
/// same keys then wait for each other in one order and never in a circle.
pub fn heads(displays: &[Display]) -> Vec<&Display> {
    let mut heads: Vec<&Display> = displays.iter().collect();
    heads.sort_by_key(|display| (zone::hour(display.at), display.id));
    heads.dedup_by_key(|display| display.id);
    heads
}

/// One verdict for each display, in their order.
pub fn verdicts(displays: &[Display], seen: &Seen) -> Result<Vec<Verdict>, Error> {
    let mut answered = HashSet::new();
    let verdict = |display: &Display| {
        let (before, new) = (seen.before.get(&display.id), seen.new.get(&display.id));
        match (before, new) {
            (Some(class), _) => Ok(Verdict::Duplicate(*class)),
            (None, Some(class)) if answered.insert(display.id) => Ok(Verdict::New(*class)),
            (None, Some(class)) => Ok(Verdict::Duplicate(*class)),
            (None, None) => Err(Error::Internal(format!("event {} is nowhere", display.id))),
        }
    };
    displays.iter().map(verdict).collect()
}
