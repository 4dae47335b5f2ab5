//! The first places of a list, out of the board. Looks at every entry that the
//! list may have, a few nanoseconds each; nothing here waits or asks a database.

use std::cmp::Reverse;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::Key;
use super::Kind;
use super::Scope;
use super::Window;
use super::board::Board;
use super::board::Entry;
use super::board::Scores;
use super::board::WINDOWS;
use super::board::least;
use super::bucket::Bucket;
use crate::view::zone::HOUR;

/// A list with fewer views than this, on average in each of the last 24 hours, has
/// the longer half-life: one reader more or less shall not turn it over.
const BUSY: i64 = 200;

/// An article in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The article.
    pub id: Uuid,
    /// What orders the list; the larger, the earlier.
    pub key: i64,
    /// Its views in the window.
    pub views: i64,
    /// Its rank at the full hour before.
    pub previous: Option<u32>,
}

/// The beginning of a list.
#[derive(Debug)]
pub struct Top {
    /// The hour that runs in it, in hours since 1970.
    pub hour: i32,
    /// The articles, whether readers see them at the moment or not.
    pub places: Vec<Place>,
    /// Whether there are more.
    pub more: bool,
}

/// What an entry has for one list.
struct Found {
    number: u32,
    key: i64,
    previous: Option<i64>,
    views: i64,
}

/// The first `most` of a list.
pub fn top(board: &Board, key: &Key, now: DateTime<Utc>, most: usize) -> Top {
    // The full hour nearest to an hour ago: the start of this one, or of the last.
    let ago = i32::from(now.timestamp_millis().rem_euclid(HOUR) < HOUR / 2);
    let (found, above) = match key.kind {
        Kind::Hot => hot(board, &key.scope, now, ago),
        Kind::Read(window) => read(board, &key.scope, window, ago),
    };
    let more = found.len() > most;
    let first = first(board, found, most);
    let previous = ranks(&first, above);
    let place = |(found, previous): (Found, Option<u32>)| {
        let id = board.entry(found.number)?.id;
        Some(Place { id, key: found.key, views: found.views, previous })
    };
    let places = first.into_iter().zip(previous).filter_map(place).collect();
    Top { hour: board.hour, places, more }
}

/// What is hot, and the keys of all that was `ago` hours before this hour began.
fn hot(board: &Board, scope: &Scope, now: DateTime<Utc>, ago: i32) -> (Vec<Found>, Vec<i64>) {
    let now = now.timestamp_millis();
    let day: i64 = entries(board, scope).map(|(_, entry)| entry.sums[0]).sum();
    let life = usize::from(day < BUSY * i64::from(WINDOWS[0]));
    let before: &Scores = &board.before[usize::from(ago > 0)];
    let least_before = least(i64::from(board.hour - ago) * HOUR)[life];
    let previous =
        |hot: &[f64; 2]| Some(hot[life]).filter(|score| *score >= least_before).map(whole);
    let least = least(now)[life];
    let found = entries(board, scope)
        .filter(|(_, entry)| entry.eligible && entry.hot[life] >= least)
        .map(|(number, entry)| Found {
            number,
            key: whole(entry.hot[life]),
            previous: before.get(&number).and_then(previous),
            views: entry.sums[0],
        })
        .collect();
    let places = board.numbers(scope).unwrap_or_default();
    let listed = |number: u32| {
        let entry = board.entry(number);
        entry.is_some_and(|entry| entry.listed && entry.eligible) && board.is_in(number, &places)
    };
    let above = before
        .iter()
        .filter(|(number, _)| listed(**number))
        .filter_map(|(_, hot)| previous(hot))
        .collect();
    (found, above)
}

/// Equal sums may differ in their last bits by the order of additions: scores are
/// compared to a millionth, which is less than a millionth of the views.
fn whole(score: f64) -> i64 {
    (score * 1e6).round() as i64
}

/// What was read, and the keys of all that was before the hour `ago` hours ago.
fn read(board: &Board, scope: &Scope, window: Window, ago: i32) -> (Vec<Found>, Vec<i64>) {
    let sum = match window {
        Window::Hour => None,
        Window::Day => Some(0),
        Window::Week => Some(1),
        Window::Month => Some(2),
        Window::All => Some(3),
    };
    let imported = |entry: &Entry| if window == Window::All { entry.imported } else { 0 };
    let base = |entry: &Entry| sum.map_or(0, |sum| entry.sums[sum]).saturating_add(imported(entry));
    // Then, the last whole hour was this one.
    let last = board.hour - ago - 1;
    let mut now = Vec::new();
    let mut then: Vec<(i32, i64)> = (last + 1..=board.hour).map(|hour| (hour, -1)).collect();
    match sum.and_then(|sum| WINDOWS.get(sum)) {
        Some(length) => {
            let oldest = board.hour - length + 1;
            then.extend((last - length + 1..oldest).map(|hour| (hour, 1)));
        }
        None if window == Window::Hour => {
            now.push((board.hour, 1));
            then = vec![(last, 1)];
        }
        // All that was counted but what came since, also ahead of its time.
        None => then.extend(board.hours.range(board.hour + 1..).map(|(hour, _)| (*hour, -1))),
    }
    let (now, then) = (changes(board, &now), changes(board, &then));
    let change = |changes: &[i64], number: u32| changes.get(number as usize).copied().unwrap_or(0);
    let (mut found, mut above) = (Vec::new(), Vec::new());
    for (number, entry) in entries(board, scope) {
        if window != Window::All && !entry.eligible {
            continue;
        }
        let (key, previous) = (
            base(entry).saturating_add(change(&now, number)),
            base(entry).saturating_add(change(&then, number)),
        );
        if previous > 0 {
            above.push(previous);
        }
        if key > 0 {
            let previous = Some(previous).filter(|previous| *previous > 0);
            found.push(Found { number, key, previous, views: key });
        }
    }
    (found, above)
}

/// For each entry the views of some hours, each hour's so many times.
fn changes(board: &Board, hours: &[(i32, i64)]) -> Vec<i64> {
    let mut changes = vec![0; if hours.is_empty() { 0 } else { board.entries().len() }];
    for (hour, times) in hours {
        for (number, views) in board.hours.get(hour).into_iter().flat_map(Bucket::views) {
            if let Some(change) = changes.get_mut(number as usize) {
                *change += times * views;
            }
        }
    }
    changes
}

/// What a list of this scope may have.
fn entries<'a>(board: &'a Board, scope: &Scope) -> impl Iterator<Item = (u32, &'a Entry)> {
    let entries = board.members(scope).filter_map(|number| Some((number, board.entry(number)?)));
    entries.filter(|(_, entry)| entry.listed)
}

/// The first ones in their order; of equal keys the later id first.
fn first(board: &Board, mut found: Vec<Found>, most: usize) -> Vec<Found> {
    let order = |found: &Found| Reverse((found.key, board.entry(found.number).map(|e| e.id)));
    if found.len() > most {
        found.select_nth_unstable_by(most, |a, b| {
            let by_key = b.key.cmp(&a.key);
            by_key.then_with(|| order(a).cmp(&order(b)))
        });
        found.truncate(most);
    }
    found.sort_unstable_by_key(order);
    found
}

/// The rank that each had among `all` keys of then: one more than there were larger
/// ones.
fn ranks(first: &[Found], all: Vec<i64>) -> Vec<Option<u32>> {
    let mut keys: Vec<i64> = first.iter().filter_map(|found| found.previous).collect();
    keys.sort_unstable_by_key(|key| Reverse(*key));
    keys.dedup();
    let least = keys.last().copied().unwrap_or(i64::MAX);
    // How many lie between a key and the one above it.
    let mut above = vec![0_u32; keys.len()];
    for key in all.into_iter().filter(|key| *key > least) {
        if let Some(count) = above.get_mut(keys.partition_point(|other| *other >= key)) {
            *count += 1;
        }
    }
    let mut ranks = Vec::with_capacity(keys.len());
    let mut rank = 1;
    for count in above {
        rank += count;
        ranks.push(rank);
    }
    let rank = |key: i64| ranks.get(keys.partition_point(|other| *other > key)).copied();
    first.iter().map(|found| found.previous.and_then(rank)).collect()
}
