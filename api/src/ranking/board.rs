//! Views of all articles as lists need them, in memory: by hour, summed up over
//! windows that move with the hour, and as scores that decay.

use std::collections::BTreeMap;
use std::collections::HashMap;

use uuid::Uuid;

use super::Scope;
use super::bucket::Bucket;
use super::crowd::Crowd;
use super::places::Place;
use super::places::Places;
use crate::view::batch::Display;
use crate::view::class::Class;
use crate::view::fold_scores;
use crate::view::log;
use crate::view::log::Applied;
use crate::view::log::Batch;
use crate::view::score;
use crate::view::score::HALF_LIVES;
use crate::view::zone::HOUR;
use crate::view::zone::hour;

/// The windows of [`Entry::sums`] but the last, in hours, the running one among them.
pub const WINDOWS: [i32; 3] = [24, 168, 720];
/// Hours are kept so long: two more than a month has, for the lists of earlier hours.
pub const KEPT: i32 = 722;
/// Most views of an hour are reported within so many hours.
const LATE: i32 = 26;
/// What is worth less than so many views is not hot.
pub const LEAST: f64 = 0.01;

/// What a list asks of an article. A cache line: the list of the whole site looks at
/// all of them.
#[derive(Debug)]
pub struct Entry {
    /// Scores, one for each of [`HALF_LIVES`].
    pub hot: [f64; 2],
    /// Views in each of [`WINDOWS`], and all that were counted.
    pub sums: [i64; 4],
    /// Views from before Redian counted.
    pub imported: i64,
    /// Whether it is there and published, maybe for another time than now.
    pub listed: bool,
    /// Whether enough different people read it on one day.
    pub eligible: bool,
}

/// The scores of an earlier instant, of what was hot then, by entry.
pub type Scores = BTreeMap<u32, [f64; 2]>;

/// All articles with views.
#[derive(Debug)]
pub struct Board {
    /// The last batch of the log of views that is in here.
    pub through: i64,
    /// The edition of the region directory that articles are filed by.
    pub edition: i64,
    /// Regions and channels.
    pub places: Places,
    /// The running hour, in hours since 1970.
    pub hour: i32,
    /// Views by hour and entry.
    pub hours: BTreeMap<i32, Bucket>,
    /// The scores at the start of the running hour and of the hour before.
    pub before: [Scores; 2],
    /// Who reads articles that have few readers yet.
    pub crowd: Crowd,
    index: HashMap<Uuid, u32>,
    entries: Vec<Entry>,
    /// The article of each entry.
    ids: Vec<Uuid>,
    /// The numbers of each entry's places.
    filed: Vec<Box<[u32]>>,
    /// Articles whose places are not known yet.
    unplaced: Vec<Uuid>,
}

impl Board {
    /// Without articles.
    pub fn new(through: i64, edition: i64, hour: i32, crowd: Crowd) -> Self {
        Self {
            through,
            edition,
            places: Places::default(),
            hour,
            hours: BTreeMap::new(),
            before: [Scores::new(), Scores::new()],
            crowd,
            index: HashMap::new(),
            entries: Vec::new(),
            ids: Vec::new(),
            filed: Vec::new(),
            unplaced: Vec::new(),
        }
    }

    /// All entries; their numbers are their places here.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that number.
    pub fn entry(&self, entry: u32) -> Option<&Entry> {
        self.entries.get(entry as usize)
    }

    /// The entry of that number, to be changed.
    pub fn entry_mut(&mut self, entry: u32) -> Option<&mut Entry> {
        self.entries.get_mut(entry as usize)
    }

    /// The article of an entry.
    pub fn id(&self, entry: u32) -> Option<Uuid> {
        self.ids.get(entry as usize).copied()
    }

    /// The number of an article's entry, if it has one.
    pub fn find(&self, article: Uuid) -> Option<u32> {
        self.index.get(&article).copied()
    }

    /// The number of an article's entry.
    pub fn find_or_add(&mut self, article: Uuid) -> u32 {
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let number = *self.index.entry(article).or_insert(next);
        if number == next {
            self.entries.push(Entry {
                hot: [f64::NEG_INFINITY; 2],
                sums: [0; 4],
                imported: 0,
                listed: false,
                eligible: self.crowd.is_open(),
            });
            self.ids.push(article);
            self.filed.push(Box::default());
            self.unplaced.push(article);
        }
        number
    }

    /// Articles whose places are to be read; they are told once.
    pub fn take_unplaced(&mut self) -> Vec<Uuid> {
        std::mem::take(&mut self.unplaced)
    }

    /// Files an article's entry, if it has one. `None`: it is not published.
    pub fn place(&mut self, article: Uuid, places: Option<Vec<Place>>) {
        let Some(number) = self.find(article) else { return };
        if let Some(entry) = self.entries.get_mut(number as usize) {
            entry.listed = places.is_some();
        }
        if let Some(filed) = self.filed.get_mut(number as usize) {
            *filed = self.places.set(number, filed, places.unwrap_or_default());
        }
    }

    /// Files an article's entry in one more place, if it has one and is published.
    pub fn add_place(&mut self, article: Uuid, place: Place) {
        let Some(number) = self.find(article) else { return };
        if self.entry(number).is_some_and(|entry| entry.listed)
            && let Some(filed) = self.filed.get_mut(number as usize)
        {
            *filed = self.places.add(number, filed, place);
        }
    }

    /// Adds a batch if it is the next.
    pub fn apply(&mut self, batch: &Batch) -> Applied {
        let applied = log::follows(self.through, batch.seq);
        if applied == Applied::Now {
            self.through = batch.seq;
            for view in batch.displays.iter().filter(|view| view.class == Class::Counted) {
                let number = self.find_or_add(view.article);
                self.add_to_hour(number, hour(view.at), 1);
                self.add_hot(number, view);
                self.add_before(number, view);
                if let Some(entry) = self.entries.get_mut(number as usize) {
                    entry.sums[3] += 1;
                }
            }
        }
        applied
    }

    /// Adds views of an hour to it and to the windows that it is in. Those of an
    /// hour to come are in no window before it runs.
    pub fn add_to_hour(&mut self, number: u32, hour: i32, views: i64) {
        if hour <= self.hour - KEPT {
            return;
        }
        self.hours.entry(hour).or_default().add(number, views);
        let now = self.hour;
        if let Some(entry) = self.entries.get_mut(number as usize) {
            for (sum, length) in entry.sums.iter_mut().zip(WINDOWS) {
                if (now - length + 1..=now).contains(&hour) {
                    *sum += views;
                }
            }
        }
    }

    /// Adds a view to the scores of earlier hours, if it is of then.
    fn add_before(&mut self, number: u32, view: &Display) {
        for (hour, scores) in [self.hour, self.hour - 1].into_iter().zip(&mut self.before) {
            if view.at < i64::from(hour) * HOUR {
                let stored = scores.entry(number).or_insert([f64::NEG_INFINITY; 2]);
                *stored = fold_scores::add(*stored, fold_scores::of(view.at));
            }
        }
    }

    /// Adds a view to the score and to the visitors.
    fn add_hot(&mut self, number: u32, view: &Display) {
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        entry.hot = fold_scores::add(entry.hot, fold_scores::of(view.at));
        if !entry.eligible {
            entry.eligible = self.crowd.view(number, view);
        }
    }

    /// Moves the windows on to an hour.
    pub fn roll(&mut self, now: i32) {
        while self.hour < now {
            // Only the last two copies are of use.
            if now - self.hour <= 2 {
                let copy = self.scores_at(self.hour + 1);
                self.before.swap(0, 1);
                self.before[0] = copy;
            }
            self.hour += 1;
            let hour = self.hour;
            self.shift(hour, [1; 3]);
            for (window, length) in WINDOWS.iter().enumerate() {
                let mut sign = [0; 3];
                sign[window] = -1;
                self.shift(hour - length, sign);
            }
            self.hours.remove(&(hour - KEPT));
            self.pack(hour - LATE);
        }
    }

    /// Packs an hour to which hardly any views come any more.
    pub fn pack(&mut self, hour: i32) {
        if hour <= self.hour - LATE
            && let Some(bucket) = self.hours.get_mut(&hour)
        {
            bucket.pack();
        }
    }

    /// Adds the views of an hour to each window so many times.
    fn shift(&mut self, hour: i32, times: [i64; 3]) {
        for (number, views) in self.hours.get(&hour).into_iter().flat_map(Bucket::views) {
            if let Some(entry) = self.entries.get_mut(number as usize) {
                for (sum, times) in entry.sums.iter_mut().zip(times) {
                    *sum += times * views;
                }
            }
        }
    }

    /// The scores of what is still worth something at the start of an hour.
    fn scores_at(&self, hour: i32) -> Scores {
        let least = least(i64::from(hour) * HOUR);
        let entries = (0..).zip(&self.entries).map(|(number, entry)| (number, entry.hot));
        entries.filter(|(_, hot)| hot.iter().zip(least).any(|(hot, least)| *hot >= least)).collect()
    }

    /// The entries that a list of this scope may have, in no order.
    pub fn members<'a>(&'a self, scope: &Scope) -> Box<dyn Iterator<Item = u32> + 'a> {
        let Some(places) = self.numbers(scope) else { return Box::new(std::iter::empty()) };
        let shortest = places.iter().min_by_key(|place| self.places.entries(**place).len());
        match shortest {
            None => Box::new((0..).zip(&self.entries).map(|(number, _)| number)),
            Some(place) => {
                let entries = self.places.entries(*place).iter().copied();
                Box::new(entries.filter(move |number| self.is_in(*number, &places)))
            }
        }
    }

    /// The numbers of a scope's places; `None` if nothing ever was in one of them.
    pub fn numbers(&self, scope: &Scope) -> Option<Vec<u32>> {
        let region = scope.region.iter().map(|code| Place::Region(code.clone()));
        let channel = scope.channel.iter().map(|id| Place::Channel(*id));
        region.chain(channel).map(|place| self.places.number(&place)).collect()
    }

    /// Whether an entry is in all of these places.
    pub fn is_in(&self, number: u32, places: &[u32]) -> bool {
        let filed = self.filed.get(number as usize);
        filed.is_some_and(|filed| places.iter().all(|place| filed.contains(place)))
    }
}

/// The least scores that are hot at an instant, in milliseconds since 1970.
pub fn least(at: i64) -> [f64; 2] {
    HALF_LIVES.map(|half_life| score::of(at, half_life) + LEAST.log2())
}
