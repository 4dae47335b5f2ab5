//! What of an article's text is compared with others: terms that tell what it is about, and a
//! sketch that tells whether another one is nearly the same.
//!
//! Terms are overlapping pairs of Chinese characters, words of letters and numbers, as search
//! cuts them: for retrieval of Chinese news pairs do as well as words (Kwok, SIGIR 1997).
//!
//! Sketches are of runs of characters: see Broder, On the resemblance and containment of
//! documents, 1997.

use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use crate::search::cut::wanted;
use crate::search::fold::fold;

/// Terms are taken of the title and of so many characters of the text.
const BEGINNING: usize = 400;
/// A term of the title counts like so many of the text.
const TITLE: u16 = 2;
/// Sketches look at so many characters of the text.
const SKETCHED: usize = 4_000;
/// So many characters are a run.
const RUN: usize = 4;
/// A sketch has so many numbers, or fewer when a text has fewer runs.
const SKETCH: usize = 64;

/// Texts with fewer runs than this may be the same by chance, or by habit.
const FEWEST: usize = 20;
/// Texts are nearly the same with so much of what one of them has.
const SAME: f64 = 0.25;

/// English words that every text has. Among Chinese ones they are as rare as names.
const ENGLISH: [&str; 96] = [
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "back", "be",
    "been", "before", "but", "by", "can", "could", "day", "days", "do", "each", "even", "every",
    "few", "first", "for", "from", "had", "has", "have", "he", "her", "here", "him", "his", "how",
    "if", "in", "into", "is", "it", "its", "just", "like", "made", "many", "may", "more", "most",
    "new", "no", "not", "now", "of", "on", "one", "only", "or", "other", "our", "out", "over",
    "said", "says", "she", "so", "some", "than", "that", "the", "their", "them", "then", "there",
    "they", "this", "those", "to", "two", "up", "us", "was", "we", "were", "what", "when", "which",
    "who", "will", "with", "would", "year", "years", "you",
];

/// What is compared of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// Terms, and how often each stands there; in the order of terms.
    pub terms: Vec<(u32, u16)>,
    /// The least numbers of all runs, sorted.
    pub sketch: Box<[u32]>,
}

/// What is compared of an article.
pub fn of(title: &str, text: &str) -> Text {
    let mut counts: HashMap<u32, u16> = HashMap::new();
    let mut count = |folded: &str, times: u16| {
        for term in wanted(folded).0.into_iter().filter(|term| !ENGLISH.contains(term)) {
            let count = counts.entry(number(term)).or_insert(0);
            *count = count.saturating_add(times);
        }
    };
    count(&fold(title), TITLE);
    count(&fold(first(text, BEGINNING)), 1);
    let mut terms: Vec<(u32, u16)> = counts.into_iter().collect();
    terms.sort_unstable();
    Text { terms, sketch: sketch(&fold(first(text, SKETCHED))) }
}

/// Whether two texts are nearly the same, by their sketches.
pub fn nearly_same(one: &[u32], other: &[u32]) -> bool {
    one.len().min(other.len()) >= FEWEST && resemblance(one, other) >= SAME
}

/// How much of two texts is the same, from 0 to 1: an estimate of the share of runs that both
/// have among those that one of them has. Its standard deviation is 0.06 at most.
fn resemblance(one: &[u32], other: &[u32]) -> f64 {
    let (mut at, mut same, mut all) = ([0, 0], 0_u32, 0_u32);
    while all < SKETCH as u32 {
        let (a, b) = match (one.get(at[0]), other.get(at[1])) {
            (None, None) => break,
            (a, b) => (a.copied().unwrap_or(u32::MAX), b.copied().unwrap_or(u32::MAX)),
        };
        at[0] += usize::from(a <= b);
        at[1] += usize::from(b <= a);
        same += u32::from(a == b);
        all += 1;
    }
    if all == 0 { 0.0 } else { f64::from(same) / f64::from(all) }
}

fn sketch(folded: &str) -> Box<[u32]> {
    let ends = folded.char_indices().map(|(at, _)| at).chain([folded.len()]);
    let begins = folded.char_indices().map(|(at, _)| at);
    let runs = begins.zip(ends.skip(RUN)).filter_map(|(begin, end)| folded.get(begin..end));
    let mut numbers: Vec<u32> = runs.map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(SKETCH);
    numbers.into()
}

fn first(text: &str, most: usize) -> &str {
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// Two terms among a million have the same one now and then, which does no harm.
fn number(term: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish() as u32
}
