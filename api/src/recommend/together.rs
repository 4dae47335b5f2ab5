//! What is read in the same visit. Kept in memory only: what a visitor read lately, for half an
//! hour, and of pairs of articles how many read both, which counts for half as much every day.

use std::collections::HashMap;

use uuid::Uuid;

use crate::view::batch::Display;
use crate::view::class::Class;
use crate::view::score;

/// A visit ends with so long without a view, in milliseconds.
const VISIT: i64 = 30 * 60 * 1000;
/// Of a visit the last so many articles are known.
const LENGTH: usize = 8;
/// At most so many visits at a time; others are not looked at.
const VISITS: usize = 100_000;
/// At most so many articles have others that were read with them.
const ARTICLES: usize = 20_000;
/// At most so many others.
const OTHERS: usize = 32;
/// After so many hours who read both counts for half.
const HALF_LIFE: f64 = 24.0;
/// Fewer readers of both than this, as they count now, are chance.
const FEWEST: f64 = 2.5;

/// What a visitor read lately.
#[derive(Debug)]
struct Visit {
    /// When last, in milliseconds since 1970.
    at: i64,
    /// The last one is the latest.
    articles: Vec<Uuid>,
}

/// How often an article was read, alone and with others; as [`score`] has it.
#[derive(Debug)]
struct Read {
    all: f64,
    with: HashMap<Uuid, f64>,
}

/// What is read together.
#[derive(Debug, Default)]
pub struct Together {
    visits: HashMap<u64, Visit>,
    /// When visits that had ended were forgotten, in milliseconds since 1970.
    pruned: i64,
    reads: HashMap<Uuid, Read>,
}

impl Together {
    /// Adds a view, if it counts and somebody is known to have had it.
    pub fn view(&mut self, view: &Display) {
        let Some(visitor) = view.visitor.filter(|_| view.class == Class::Counted) else { return };
        if self.visits.len() >= VISITS && !self.visits.contains_key(&visitor) {
            return;
        }
        let visit =
            self.visits.entry(visitor).or_insert(Visit { at: view.at, articles: Vec::new() });
        // Some views are reported long after others.
        if (view.at - visit.at).abs() > VISIT {
            visit.articles.clear();
        }
        visit.at = visit.at.max(view.at);
        let before = visit.articles.clone();
        visit.articles.retain(|article| *article != view.article);
        visit.articles.push(view.article);
        if visit.articles.len() > LENGTH {
            visit.articles.remove(0);
        }
        let score = score::of(view.at, HALF_LIFE);
        self.add(view.article, None, score);
        // Who reads one again is no other reader of both.
        let new = !before.contains(&view.article);
        for other in before.into_iter().filter(|_| new) {
            self.add(view.article, Some(other), score);
            self.add(other, Some(view.article), score);
        }
    }

    fn add(&mut self, article: Uuid, other: Option<Uuid>, score: f64) {
        if self.reads.len() >= ARTICLES && !self.reads.contains_key(&article) {
            self.forget_articles();
        }
        let none = || Read { all: f64::NEG_INFINITY, with: HashMap::new() };
        let read = self.reads.entry(article).or_insert_with(none);
        let Some(other) = other else {
            read.all = score::add(read.all, score);
            return;
        };
        if read.with.len() >= OTHERS && !read.with.contains_key(&other) {
            let least = read.with.iter().min_by(|one, other| one.1.total_cmp(other.1));
            if let Some(least) = least.map(|(article, _)| *article) {
                read.with.remove(&least);
            }
        }
        let with = read.with.entry(other).or_insert(f64::NEG_INFINITY);
        *with = score::add(*with, score);
    }

    /// Forgets the visits that ended, at most once a minute.
    pub fn forget(&mut self, now: i64) {
        if (now - self.pruned).abs() >= 60_000 {
            self.pruned = now;
            self.visits.retain(|_, visit| now - visit.at <= VISIT);
        }
    }

    /// Forgets the half of the articles that was read least.
    fn forget_articles(&mut self) {
        let mut scores: Vec<f64> = self.reads.values().map(|read| read.all).collect();
        let middle = scores.len() / 2;
        let (_, middle, _) = scores.select_nth_unstable_by(middle, f64::total_cmp);
        let middle = *middle;
        self.reads.retain(|_, read| read.all > middle);
    }

    /// The articles that were read by those who read this one, and how strongly they belong
    /// together, from 0 to 1: the cosine of who read them.
    pub fn with(&self, article: Uuid, now: i64) -> Vec<(Uuid, f64)> {
        let Some(read) = self.reads.get(&article) else { return Vec::new() };
        let views = |score: f64| score::views(score, now, HALF_LIFE);
        let strength = |(other, both): (&Uuid, &f64)| {
            let both = views(*both);
            let alone = views(read.all) * views(self.reads.get(other)?.all);
            // Nothing is known any more of how often it was read.
            let known = alone > 0.0;
            (known && both >= FEWEST).then(|| (*other, (both / alone.sqrt()).min(1.0)))
        };
        read.with.iter().filter_map(strength).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn view(visitor: u64, article: Uuid, at: i64) -> Display {
        let (id, class) = (Uuid::nil(), Class::Counted);
        Display { id, at, article, class, visit: None, visitor: Some(visitor) }
    }

    #[test]
    fn a_visit_is_forgotten_half_an_hour_after_its_last_view() {
        let mut together = Together::default();
        together.view(&view(1, Uuid::from_u128(1), 0));
        together.view(&view(2, Uuid::from_u128(1), 10 * MINUTE));
        together.forget(30 * MINUTE);
        assert_eq!(together.visits.len(), 2);
        together.forget(31 * MINUTE);
        assert_eq!(together.visits.keys().collect::<Vec<_>>(), [&2]);
        together.forget(60 * MINUTE);
        assert!(together.visits.is_empty());
    }

    #[test]
    fn what_is_reported_hours_late_is_of_another_visit() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for (hours, pairs) in [(9, 0), (0, 1)] {
            let mut together = Together::default();
            for visitor in 0..3 {
                together.view(&view(visitor, one, 9 * 60 * MINUTE));
                together.view(&view(visitor, other, (9 - hours) * 60 * MINUTE));
            }
            assert_eq!(together.with(one, 9 * 60 * MINUTE).len(), pairs);
        }
    }
}
