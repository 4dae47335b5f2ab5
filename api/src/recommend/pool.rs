//! The newest articles, by what they are about and where: from these the others are chosen.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use smallvec::SmallVec;
use uuid::Uuid;

use super::read::Read;
use super::text::Text;
use crate::ranking::places::Places;

/// So many articles are in it, and up to an eighth more.
pub const MOST: usize = 10_000;
/// So many terms of an article are kept: those that are rarest among all, and most often in it.
const TERMS: usize = 192;
/// A term that more than one in so many articles have says nothing, nor does what so many
/// articles have.
const COMMON: u32 = 20;
/// Among fewer articles than this, terms are taken for as rare as among so many.
const FEWEST: u32 = 300;
/// So many articles more than at first, and as many again, make it old.
const GROWTH: u32 = 50;

/// The largest part in a [`Posting`].
const WHOLE: f32 = 65_535.0;

/// What an article is about: terms by number, each with its part of a vector of length 1.
pub type Terms = Box<[(u32, f32)]>;

/// An article in the pool.
#[derive(Debug)]
pub struct Entry {
    /// The article.
    pub id: Uuid,
    /// Since when it is seen.
    pub published_at: DateTime<Utc>,
    /// Until when, exclusive.
    pub unpublish_at: Option<DateTime<Utc>>,
    /// What it is about.
    pub terms: Terms,
    /// See [`Text::sketch`].
    pub sketch: Box<[u32]>,
    /// The numbers of its places.
    pub filed: Box<[u32]>,
}

/// An entry that has a term. There are as many as all articles have terms, so that each byte
/// counts.
#[derive(Clone, Copy, Debug)]
struct Posting {
    /// Its number, well below 65,536.
    entry: u16,
    /// The term's part of its vector, in 65,535ths.
    part: u16,
}

/// The newest articles.
#[derive(Debug, Default)]
pub struct Pool {
    /// The edition of the region directory that they are filed by.
    pub edition: i64,
    /// Where they are.
    pub places: Places,
    /// By number; numbers of what was taken out are given again.
    entries: Vec<Option<Entry>>,
    free: Vec<u32>,
    index: HashMap<Uuid, u32>,
    /// By term, the entries that have it.
    postings: HashMap<u32, SmallVec<[Posting; 4]>>,
    /// In how many of the articles that were ever put here a term is.
    frequency: HashMap<u32, u32>,
    /// The oldest of a full pool.
    oldest: Option<DateTime<Utc>>,
    /// How many articles were ever put here.
    seen: u32,
    /// How many of them at first.
    first: u32,
}

impl Pool {
    /// Without articles.
    pub fn new(edition: i64) -> Self {
        Self { edition, ..Self::default() }
    }

    /// Whether an article of that time would be the oldest of a full pool.
    pub fn is_too_old(&self, published_at: DateTime<Utc>) -> bool {
        self.oldest.is_some_and(|oldest| published_at < oldest)
    }

    /// How many articles it has.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Notes that all articles of the moment are here.
    pub fn set_read(&mut self) {
        self.first = self.seen;
        if self.len() >= MOST {
            self.oldest = self.entries.iter().flatten().map(|entry| entry.published_at).min();
        }
    }

    /// Whether so many articles came since it was read that terms are not as rare as they were:
    /// it is to be read anew.
    pub fn is_old(&self) -> bool {
        self.seen > self.first.saturating_mul(2).saturating_add(GROWTH)
    }

    /// The entry of that number.
    pub fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)?.as_ref()
    }

    /// The number of an article's entry, if it is here.
    pub fn find(&self, article: Uuid) -> Option<u32> {
        self.index.get(&article).copied()
    }

    /// Counts the terms of an article. Who puts many first counts those of all.
    pub fn count(&mut self, text: &Text) {
        self.seen += 1;
        for (term, _) in &text.terms {
            *self.frequency.entry(*term).or_insert(0) += 1;
        }
    }

    /// What a text is about, by how often its terms are in others.
    pub fn terms(&self, text: &Text) -> Terms {
        let weigh = |(term, times): &(u32, u16)| {
            let others = self.frequency.get(term).copied().unwrap_or(0).max(1);
            let rarity = (1.0 + f64::from(self.seen.max(FEWEST)) / f64::from(others)).ln();
            let common = others > COMMON.max(self.seen / COMMON);
            (!common).then(|| (*term, (1.0 + f64::from(*times).ln()) * rarity))
        };
        let mut weighed: Vec<(u32, f64)> = text.terms.iter().filter_map(weigh).collect();
        if weighed.len() > TERMS {
            weighed.select_nth_unstable_by(TERMS, |one, other| other.1.total_cmp(&one.1));
            weighed.truncate(TERMS);
        }
        weighed.sort_unstable_by_key(|(term, _)| *term);
        scaled(weighed)
    }

    /// Puts a published article here whose terms were counted, in place of what was known of it.
    pub fn put(&mut self, read: Read) {
        let Read { id, published_at, unpublish_at, text, places } = read;
        self.remove(id);
        let Some(published_at) = published_at else { return };
        let number = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        let terms = self.terms(&text);
        for (term, part) in &terms {
            let posting = Posting { entry: number as u16, part: (part * WHOLE) as u16 };
            self.postings.entry(*term).or_default().push(posting);
        }
        let (sketch, filed) = (text.sketch, self.places.set(number, &[], places));
        if let Some(entry) = self.entries.get_mut(number as usize) {
            *entry = Some(Entry { id, published_at, unpublish_at, terms, sketch, filed });
            self.index.insert(id, number);
        }
    }

    /// Takes an article out.
    pub fn remove(&mut self, article: Uuid) {
        let Some(number) = self.index.remove(&article) else { return };
        let entry = self.entries.get_mut(number as usize).and_then(Option::take);
        let Some(entry) = entry else { return };
        for (term, _) in &entry.terms {
            if let Some(entries) = self.postings.get_mut(term) {
                entries.retain(|posting| u32::from(posting.entry) != number);
                if entries.is_empty() {
                    self.postings.remove(term);
                }
            }
        }
        self.places.set(number, &entry.filed, Vec::new());
        self.free.push(number);
    }

    /// Takes the oldest out when there are too many.
    pub fn trim(&mut self) {
        let surplus = self.len().saturating_sub(MOST);
        if surplus < MOST / 8 {
            return;
        }
        let entries = self.entries.iter().flatten();
        let mut ages: Vec<_> = entries.map(|entry| (entry.published_at, entry.id)).collect();
        self.oldest = Some(ages.select_nth_unstable(surplus).1.0);
        for (_, article) in ages.into_iter().take(surplus) {
            self.remove(article);
        }
    }

    /// How alike articles are to these terms: the cosine, for those where it is `least` or more,
    /// in no order.
    pub fn alike(&self, terms: &Terms, least: f32) -> Vec<(u32, f32)> {
        let mut sums = vec![0_f32; self.entries.len()];
        for (term, part) in terms {
            for Posting { entry, part: other } in self.postings.get(term).into_iter().flatten() {
                if let Some(sum) = sums.get_mut(usize::from(*entry)) {
                    *sum += part * f32::from(*other);
                }
            }
        }
        let cosines = (0..).zip(sums).map(|(number, sum)| (number, sum / WHOLE));
        cosines.filter(|(_, cosine)| *cosine >= least).collect()
    }
}

/// The direction of a sum of terms, each so many times.
pub fn sum<'a>(all: impl Iterator<Item = (&'a Terms, f64)>) -> Terms {
    let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
    for (terms, times) in all {
        for (term, part) in terms {
            *sums.entry(*term).or_insert(0.0) += times * f64::from(*part);
        }
    }
    scaled(sums.into_iter().collect())
}

fn scaled(weighed: Vec<(u32, f64)>) -> Terms {
    let length = weighed.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
    weighed.into_iter().map(|(term, weight)| (term, (weight / length) as f32)).collect()
}
