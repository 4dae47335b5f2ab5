//! Which articles are recommended with one, in which order, and why. Nothing here waits or asks
//! a database.
//!
//! An article is worth what it shares with the one that is read, how hot and how new it is. What
//! is worth most comes first, less how much it is like what stands before it: maximal marginal
//! relevance (Carbonell and Goldstein, SIGIR 1998). So a list is of several things.

use std::collections::HashMap;
use std::collections::HashSet;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::Reason;
use super::pool;
use super::pool::Entry;
use super::pool::Pool;
use super::pool::Terms;
use super::text::nearly_same;
use crate::ranking::places::Place;
use crate::region::Tree;

/// The most articles of a list.
pub const LENGTH: usize = 60;
/// So many are looked at for each reason.
const LOOKED_AT: usize = 100;
/// Texts with this cosine tell of the same event.
const STORY: f32 = 0.10;
/// Texts with less than this cosine have nothing to do with each other.
const SIMILAR: f32 = 0.04;
/// Texts with this cosine are likely to be on one event, and help to find more of it.
const LIKELY: f32 = 0.06;
/// So many of the texts that are most alike help to find others: an article does not name
/// everything of an event, but together they do.
const HELPERS: usize = 3;
/// How much each of them counts.
const HELP: f64 = 0.5;
/// A cosine that is as good as can be expected of different texts on one event.
const BEST: f64 = 0.2;
/// What an article is worth for each of these, at most.
const TEXT: f64 = 0.5;
const TOGETHER: f64 = 0.4;
const REGION: f64 = 0.15;
const HOT: f64 = 0.3;
const NEW: f64 = 0.2;
/// After so many hours an article is half as new.
const HALF_LIFE: f64 = 48.0;
/// What is worth so many views now is as hot as can be where nothing is hotter.
const QUIET: f64 = 20.0;
/// How much of the order is what an article is worth; the rest is how little it is like those
/// before it.
const WORTH: f64 = 0.7;
/// How much each article before it with the same reason takes from one.
const AGAIN: f64 = 0.1;

/// The article that is read.
#[derive(Debug)]
pub struct Subject {
    /// The article.
    pub id: Uuid,
    /// What it is about.
    pub terms: Terms,
    /// See [`Text::sketch`](super::text::Text::sketch).
    pub sketch: Box<[u32]>,
    /// Where it is.
    pub places: Vec<Place>,
}

/// What is known beside the pool.
#[derive(Debug)]
pub struct Known {
    /// What is read together with the article, and how strongly, from 0 to 1.
    pub together: Vec<(Uuid, f64)>,
    /// What is hot.
    pub hot: Vec<Uuid>,
    /// What is not recommended.
    pub blocked: HashSet<Uuid>,
    /// What comes first.
    pub pinned: Vec<Uuid>,
}

/// What is chosen.
#[derive(Debug, Default)]
pub struct Chosen {
    /// The articles, the best first.
    pub articles: Vec<(Uuid, Reason)>,
    /// Articles with nearly the same text, the newest first.
    pub reprints: Vec<Uuid>,
}

/// An article that may be recommended.
struct Candidate<'a> {
    id: Uuid,
    entry: Option<&'a Entry>,
    alike: f32,
    /// Whether it tells of the same event.
    same: bool,
    together: f64,
    region: f64,
    worth: f64,
    reason: Reason,
}

impl Entry {
    fn seen_at(&self, now: DateTime<Utc>) -> bool {
        self.published_at <= now && self.unpublish_at.is_none_or(|until| now < until)
    }
}

/// Chooses; `heat` tells what the views of articles are worth now.
pub fn choose(
    pool: &Pool,
    tree: &Tree,
    subject: &Subject,
    known: &Known,
    heat: impl FnOnce(&[Uuid]) -> Vec<f64>,
    now: DateTime<Utc>,
) -> Chosen {
    let alike = alike(pool, subject, &subject.terms, LIKELY, now);
    let reprints = reprints(pool, subject, &alike);
    let told: HashMap<u32, f32> = alike.iter().copied().collect();
    let others = alike.iter().filter_map(|(number, _)| pool.entry(*number));
    let helpers = others.filter(|entry| !reprints.contains(&entry.id)).take(HELPERS);
    let helpers = helpers.map(|entry| (&entry.terms, HELP));
    let story = pool::sum([(&subject.terms, 1.0)].into_iter().chain(helpers));
    let mut found: HashMap<Uuid, Candidate<'_>> = HashMap::new();
    let mut note = |id: Uuid, set: &dyn Fn(&mut Candidate<'_>)| {
        if id == subject.id || known.blocked.contains(&id) || known.pinned.contains(&id) {
            return;
        }
        let candidate = Candidate::new(pool, id);
        let same = |entry: &Entry| nearly_same(&entry.sketch, &subject.sketch);
        if !candidate.entry.is_some_and(same) {
            set(found.entry(id).or_insert(candidate));
        }
    };
    for (number, cosine) in self::alike(pool, subject, &story, SIMILAR, now) {
        let Some(entry) = pool.entry(number) else { continue };
        let same = told.get(&number).is_some_and(|cosine| *cosine >= STORY);
        note(entry.id, &|candidate| (candidate.alike, candidate.same) = (cosine, same));
    }
    for (id, share) in near(pool, tree, subject, now) {
        note(id, &|candidate| candidate.region = share);
    }
    for (id, strength) in &known.together {
        note(*id, &|candidate| candidate.together = *strength);
    }
    known.hot.iter().for_each(|id| note(*id, &|_| ()));
    let mut found: Vec<Candidate<'_>> = found.into_values().collect();
    let ids: Vec<Uuid> = found.iter().map(|candidate| candidate.id).collect();
    let heat = heat(&ids);
    let hottest = heat.iter().copied().fold(QUIET, f64::max);
    for (candidate, heat) in found.iter_mut().zip(heat) {
        candidate.weigh((1.0 + heat).ln() / (1.0 + hottest).ln(), now);
    }
    let pinned = known.pinned.iter().filter(|id| **id != subject.id);
    let pinned = pinned.map(|id| Candidate { reason: Reason::Editor, ..Candidate::new(pool, *id) });
    Chosen { articles: mix(pinned.collect(), found), reprints }
}

impl<'a> Candidate<'a> {
    fn new(pool: &'a Pool, id: Uuid) -> Self {
        let entry = pool.find(id).and_then(|number| pool.entry(number));
        let reason = Reason::Hot;
        let (alike, same, worth) = (0.0, false, 0.0);
        Self { id, entry, alike, same, together: 0.0, region: 0.0, worth, reason }
    }

    /// What it is worth; the reason is what counts most of what it shares.
    fn weigh(&mut self, hot: f64, now: DateTime<Utc>) {
        let text = TEXT * shared(self.alike);
        let all = [
            (text, Reason::Similar),
            (TOGETHER * self.together, Reason::ReadTogether),
            (REGION * self.region, Reason::SameRegion),
        ];
        let most = all.iter().max_by(|one, other| one.0.total_cmp(&other.0));
        self.reason = match most {
            _ if self.same => Reason::SameStory,
            Some((share, reason)) if *share > 0.0 => *reason,
            _ => Reason::Hot,
        };
        let age = self.entry.map_or(f64::INFINITY, |entry| {
            (now - entry.published_at).as_seconds_f64().max(0.0) / 3600.0
        });
        let new = (-age / HALF_LIFE).exp2();
        self.worth = all.iter().map(|(share, _)| share).sum::<f64>() + HOT * hot + NEW * new;
    }
}

/// How much two texts share, from 0 to 1.
fn shared(cosine: f32) -> f64 {
    (f64::from(cosine) / BEST).min(1.0)
}

/// Articles like these terms that readers see, the most alike first.
fn alike(
    pool: &Pool,
    subject: &Subject,
    terms: &Terms,
    least: f32,
    now: DateTime<Utc>,
) -> Vec<(u32, f32)> {
    let mut alike = pool.alike(terms, least);
    alike.retain(|(number, _)| {
        pool.entry(*number).is_some_and(|entry| entry.seen_at(now) && entry.id != subject.id)
    });
    first(&mut alike, |(_, cosine)| f64::from(*cosine));
    alike
}

/// Keeps those that are worth most, the most first.
fn first<T>(all: &mut Vec<T>, worth: impl Fn(&T) -> f64) {
    all.sort_by(|one, other| worth(other).total_cmp(&worth(one)));
    all.truncate(LOOKED_AT);
}

/// Articles with nearly the text of the one that is read, the newest first.
fn reprints(pool: &Pool, subject: &Subject, alike: &[(u32, f32)]) -> Vec<Uuid> {
    let entries = alike.iter().filter_map(|(number, _)| pool.entry(*number));
    let same = |entry: &&Entry| nearly_same(&entry.sketch, &subject.sketch);
    let mut same: Vec<&Entry> = entries.filter(same).collect();
    same.sort_by_key(|entry| std::cmp::Reverse((entry.published_at, entry.id)));
    same.into_iter().map(|entry| entry.id).collect()
}

/// The newest articles of the narrowest regions of the one that is read, and how much of a
/// region they share, from 0 to 1.
fn near(pool: &Pool, tree: &Tree, subject: &Subject, now: DateTime<Utc>) -> Vec<(Uuid, f64)> {
    let region = |place: &Place| match place {
        Place::Region(code) => Some((tree.ancestors(code).len(), place.clone())),
        Place::Channel(_) => None,
    };
    let mut regions: Vec<(usize, Place)> = subject.places.iter().filter_map(region).collect();
    regions.sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
    let mut near: Vec<(Uuid, f64)> = Vec::new();
    let mut known = HashSet::new();
    for (depth, region) in regions {
        if near.len() >= LOOKED_AT {
            break;
        }
        let numbers = pool.places.number(&region).map_or(&[][..], |at| pool.places.entries(at));
        let entries = numbers.iter().filter_map(|number| pool.entry(*number));
        let mut entries: Vec<&Entry> = entries
            .filter(|entry| entry.seen_at(now) && entry.id != subject.id)
            .filter(|entry| known.insert(entry.id))
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.published_at, entry.id)));
        // A province says less than a city, a city less than a district.
        let share = [0.4, 0.7, 1.0].get(depth).copied().unwrap_or(1.0);
        near.extend(entries.into_iter().take(LOOKED_AT).map(|entry| (entry.id, share)));
    }
    near
}

/// Takes one after the other, of what is left always the one that is worth most beside those
/// that were taken, and none that is nearly the same as one of them. Those that are pinned are
/// taken first, in their order.
fn mix<'a>(pinned: Vec<Candidate<'a>>, mut left: Vec<Candidate<'a>>) -> Vec<(Uuid, Reason)> {
    // Of the same worth the later id first, so that every instance has the same order.
    left.sort_by_key(|candidate| std::cmp::Reverse(candidate.id));
    first(&mut left, |candidate| candidate.worth);
    let heads = pinned.len();
    left.splice(..0, pinned);
    let cosines = cosines(&left);
    let mut open: Vec<usize> = (0..left.len()).collect();
    let mut closest = vec![0.0_f32; left.len()];
    let (mut taken, mut reasons) = (Vec::new(), HashMap::<Reason, u32>::new());
    while taken.len() < LENGTH {
        let value = |at: &usize| {
            let Candidate { worth, reason, .. } = left[*at];
            let again = reasons.get(&reason).map_or(0.0, |times| AGAIN * f64::from(*times));
            WORTH * worth - (1.0 - WORTH) * (TEXT * shared(closest[*at]) + again)
        };
        let pinned = open.first().copied().filter(|at| *at < heads);
        let best =
            pinned.or_else(|| open.iter().copied().max_by(|a, b| value(a).total_cmp(&value(b))));
        let Some(best) = best else { break };
        taken.push((left[best].id, left[best].reason));
        *reasons.entry(left[best].reason).or_insert(0) += 1;
        let cosines = &cosines[best * left.len()..][..left.len()];
        let same = |at: usize| match (left[best].entry, left[at].entry) {
            (Some(one), Some(other)) => {
                cosines[at] >= LIKELY && nearly_same(&one.sketch, &other.sketch)
            }
            _ => false,
        };
        open.retain(|at| *at != best && !same(*at));
        for (closest, cosine) in closest.iter_mut().zip(cosines) {
            *closest = closest.max(*cosine);
        }
    }
    taken
}

/// The cosine of each two, by rows. Those that have a term stand side by side when the terms of
/// all are sorted, so only those are multiplied.
fn cosines(all: &[Candidate<'_>]) -> Vec<f32> {
    let terms = |(at, candidate): (usize, &Candidate<'_>)| {
        let terms = candidate.entry.map_or(&[][..], |entry| &entry.terms);
        terms.iter().map(move |(term, part)| (*term, at, *part)).collect::<Vec<_>>()
    };
    let mut terms: Vec<(u32, usize, f32)> = all.iter().enumerate().flat_map(terms).collect();
    terms.sort_unstable_by_key(|(term, at, _)| (*term, *at));
    let mut cosines = vec![0.0; all.len() * all.len()];
    for same in terms.chunk_by(|one, other| one.0 == other.0) {
        for (_, one, part) in same {
            for (_, other, by) in same {
                cosines[one * all.len() + other] += part * by;
            }
        }
    }
    cosines
}
