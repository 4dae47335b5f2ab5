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
use super::curation::Wanted;
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
    /// Its rank at the full hour before, without what is pinned now.
    pub previous: Option<u32>,
    /// Whether an editor pinned it here.
    pub pinned: bool,
}

/// The beginning of a list.
#[derive(Debug)]
pub struct Top {
    /// The hour that runs in it, in hours since 1970.
    pub hour: i32,
    /// The articles, whether readers see them at the moment or not; first those that
    /// are pinned, over and above the number asked for.
    pub places: Vec<Place>,
    /// Whether there are more.
    pub more: bool,
}

/// An entry that may be in a list.
#[derive(Clone, Copy)]
struct Found {
    number: u32,
    key: i64,
}

/// Entries that are not where their views put them, sorted.
struct Aside(Vec<u32>);

impl Aside {
    fn has(&self, number: u32) -> bool {
        self.0.binary_search(&number).is_ok()
    }
}

/// The first `most` of a list.
pub fn top(board: &Board, key: &Key, wanted: &Wanted, now: DateTime<Utc>, most: usize) -> Top {
    let pinned = match key.kind {
        Kind::Hot => pinned(board, &key.scope, &wanted.pinned),
        Kind::Read(_) => Vec::new(),
    };
    let excluded = wanted.excluded.iter().filter_map(|article| board.find(*article));
    let mut aside: Vec<u32> = excluded.chain(pinned.iter().copied()).collect();
    aside.sort_unstable();
    let aside = Aside(aside);
    // The full hour nearest to an hour ago: the start of this one, or of the last.
    let ago = i32::from(now.timestamp_millis().rem_euclid(HOUR) < HOUR / 2);
    match key.kind {
        Kind::Hot => {
            let mut top = hot(board, &key.scope, &aside, (now.timestamp_millis(), ago), most);
            let pinned = pinned.into_iter().filter_map(|number| head(board, number));
            top.places.splice(..0, pinned);
            top
        }
        Kind::Read(window) => read(board, &key.scope, &aside, (window, ago), most),
    }
}

/// The entries that are pinned in a list.
fn pinned(board: &Board, scope: &Scope, articles: &[Uuid]) -> Vec<u32> {
    let Some(places) = board.numbers(scope) else { return Vec::new() };
    let listed = |number: u32| board.entry(number).is_some_and(|entry| entry.listed);
    let found = articles.iter().filter_map(|article| board.find(*article));
    found.filter(|number| listed(*number) && board.is_in(*number, &places)).collect()
}

/// The place of a pinned entry.
fn head(board: &Board, number: u32) -> Option<Place> {
    let (id, views) = (board.id(number)?, board.entry(number)?.sums[0]);
    Some(Place { id, key: i64::MAX, views, previous: None, pinned: true })
}

/// What is hot, with ranks of `ago` hours before this hour began.
fn hot(board: &Board, scope: &Scope, aside: &Aside, (now, ago): (i64, i32), most: usize) -> Top {
    let day: i64 = entries(board, scope).map(|(_, entry)| entry.sums[0]).sum();
    let life = usize::from(day < BUSY * i64::from(WINDOWS[0]));
    let hot = |hot: &[f64; 2], least: [f64; 2]| {
        Some(hot[life]).filter(|score| *score >= least[life]).map(whole)
    };
    let today = least(now);
    let eligible = || {
        let eligible = |number: u32, entry: &Entry| entry.eligible && !aside.has(number);
        entries(board, scope).filter(move |(number, entry)| eligible(*number, entry))
    };
    let (first, more) = first(
        board,
        eligible().filter_map(|(number, entry)| Some((number, hot(&entry.hot, today)?))),
        most,
    );
    let scores: &Scores = &board.before[usize::from(ago > 0)];
    let least = least(i64::from(board.hour - ago) * HOUR);
    let before = |number: u32| scores.get(&number).and_then(|score| hot(score, least));
    let ranks = if scope.is_whole() {
        let listed = |number: u32, entry: &Entry| entry.listed && !aside.has(number);
        let entry = |number: u32| board.entry(number).filter(|entry| listed(number, entry));
        let eligible = |number: u32| entry(number).is_some_and(|entry| entry.eligible);
        let all = scores.iter().filter(|(number, _)| eligible(**number));
        ranks(&first, before, all.filter_map(|(_, score)| hot(score, least)))
    } else {
        ranks(&first, before, eligible().filter_map(|(number, _)| before(number)))
    };
    let day = |number: u32| board.entry(number).map(|entry| entry.sums[0]);
    let place = |(found, previous): (&Found, Option<u32>)| {
        let (id, views) = (board.id(found.number)?, day(found.number)?);
        Some(Place { id, key: found.key, views, previous, pinned: false })
    };
    let places = first.iter().zip(ranks).filter_map(place).collect();
    Top { hour: board.hour, places, more }
}

/// Equal sums may differ in their last bits by the order of additions: scores are
/// compared to a millionth, which is less than a millionth of the views.
fn whole(score: f64) -> i64 {
    (score * 1e6).round() as i64
}

/// What was read, with ranks of `ago` hours before this hour began.
fn read(
    board: &Board,
    scope: &Scope,
    aside: &Aside,
    (window, ago): (Window, i32),
    most: usize,
) -> Top {
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
    let with = |changes: &[i64], number: u32, entry: &Entry| {
        let change = changes.get(number as usize).copied().unwrap_or(0);
        Some(base(entry).saturating_add(change)).filter(|views| *views > 0)
    };
    let eligible = || {
        let eligible = move |entry: &Entry| window == Window::All || entry.eligible;
        let eligible = move |number: u32, entry: &Entry| eligible(entry) && !aside.has(number);
        entries(board, scope).filter(move |(number, entry)| eligible(*number, entry))
    };
    let (first, more) = first(
        board,
        eligible().filter_map(|(number, entry)| Some((number, with(&now, number, entry)?))),
        most,
    );
    let before = |number: u32| with(&then, number, board.entry(number)?);
    let all = eligible().filter_map(|(number, entry)| with(&then, number, entry));
    let ranks = ranks(&first, before, all);
    let place = |(found, previous): (&Found, Option<u32>)| {
        let id = board.id(found.number)?;
        Some(Place { id, key: found.key, views: found.key, previous, pinned: false })
    };
    let places = first.iter().zip(ranks).filter_map(place).collect();
    Top { hour: board.hour, places, more }
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

/// The first ones in their order, of equal keys the later id first; and whether there
/// are more. Holds no more than a few at a time.
fn first(board: &Board, all: impl Iterator<Item = (u32, i64)>, most: usize) -> (Vec<Found>, bool) {
    let order = |found: &Found| Reverse((found.key, board.id(found.number)));
    let (mut found, mut least, mut count) = (Vec::new(), i64::MIN, 0_usize);
    for (number, key) in all {
        count += 1;
        if key < least {
            continue;
        }
        found.push(Found { number, key });
        if found.len() >= 4 * most {
            found.select_nth_unstable_by_key(most, order);
            found.truncate(most);
            least = found.iter().map(|found| found.key).min().unwrap_or(least);
        }
    }
    found.sort_unstable_by_key(order);
    found.truncate(most);
    (found, count > most)
}

/// The rank that each had before, among all keys of then: one more than there were
/// larger ones.
fn ranks(
    first: &[Found],
    before: impl Fn(u32) -> Option<i64>,
    all: impl Iterator<Item = i64>,
) -> Vec<Option<u32>> {
    let own: Vec<Option<i64>> = first.iter().map(|found| before(found.number)).collect();
    let mut keys: Vec<i64> = own.iter().flatten().copied().collect();
    keys.sort_unstable_by_key(|key| Reverse(*key));
    keys.dedup();
    let least = keys.last().copied().unwrap_or(i64::MAX);
    // How many lie between a key and the one above it.
    let mut above = vec![0_u32; keys.len()];
    for key in all.filter(|key| *key > least) {
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
    own.into_iter().map(|key| key.and_then(rank)).collect()
}
