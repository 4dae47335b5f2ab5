//! Displays on their way into the log.

use std::collections::HashMap;
use std::collections::HashSet;

use chrono_tz::Tz;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use super::class::Class;
use super::class::Verdict;
use super::tail::Tail;

/// A display of an article, judged or to be judged. The log has it like this, and what an
/// earlier version left there must stay readable: change it together with `log::decode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    /// The event's id.
    pub id: Uuid,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The article.
    pub article: Uuid,
    /// [`Class::Counted`], or why it is not.
    pub class: Class,
    /// The visit that it may repeat; `None` without a visitor.
    pub visit: Option<Visit>,
    /// The hash of the visitor on the day; `None` without one.
    pub visitor: Option<u64>,
}

/// A visitor's reading of an article in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The hour in which its window ends, in hours since 1970.
    pub hour: i32,
    /// The hash of visitor, article and window.
    pub key: Uuid,
    /// The hash of network, article and window, where networks have a cap.
    pub network: Option<Uuid>,
}

/// The rules of counting that the operator sets.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The site's time zone.
    pub zone: Tz,
    /// How many visits from one network count on one article in one window; 0 for
    /// any number.
    pub network_cap: usize,
}

/// What the tables remember of the keys of some displays, as of one moment.
#[derive(Debug, Default)]
pub struct Stored {
    /// The last batch of the log that is folded into them.
    pub folded: i64,
    /// Events, and what they were.
    pub events: HashMap<Uuid, Class>,
    /// Visits.
    pub visits: HashSet<Uuid>,
    /// The number of visits of networks.
    pub networks: HashMap<Uuid, i64>,
}

impl Display {
    /// The visit, if this is the first view of it: counted, or beyond the cap.
    pub fn first_visit(&self) -> Option<Visit> {
        self.visit.filter(|_| matches!(self.class, Class::Counted | Class::NetworkCap))
    }
}

/// Judges displays in their order: by what the database and the log's tail
/// remember, and by each other. One verdict for each, and those that are new.
pub fn judge(
    displays: impl Iterator<Item = Display>,
    stored: &Stored,
    tail: &Tail,
    cap: usize,
) -> (Vec<Verdict>, Vec<Display>) {
    let cap = i64::try_from(cap).unwrap_or(i64::MAX);
    let (mut verdicts, mut new) = (Vec::new(), Vec::new());
    let mut own = Stored::default();
    for mut display in displays {
        let id = &display.id;
        let before =
            stored.events.get(id).or_else(|| tail.event(id)).or_else(|| own.events.get(id));
        if let Some(class) = before {
            verdicts.push(Verdict::Duplicate(*class));
            continue;
        }
        if let Some(visit) = display.first_visit() {
            let key = &visit.key;
            if stored.visits.contains(key) || tail.has_visit(key) || !own.visits.insert(*key) {
                display.class = Class::Repeat;
            } else if let Some(network) = visit.network {
                let before = stored.networks.get(&network).copied().unwrap_or(0);
                let own = own.networks.entry(network).or_insert(0);
                *own += 1;
                if before + tail.visits_of(&network) + *own > cap {
                    display.class = Class::NetworkCap;
                }
            }
        }
        own.events.insert(display.id, display.class);
        verdicts.push(Verdict::New(display.class));
        new.push(display);
    }
    (verdicts, new)
}
