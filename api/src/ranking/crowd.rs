//! Which articles enough different people read on one day to be listed at all:
//! a single one who clicks all night makes no list.

use std::collections::HashMap;

use chrono_tz::Tz;

use crate::view::batch::Display;
use crate::view::zone;

/// Days before the last one of which visitors are still gathered: reports come late.
const LATE: i32 = 2;

/// Visitors of entries that have too few yet, by day and entry.
#[derive(Debug)]
pub struct Crowd {
    zone: Tz,
    /// So many are enough; 0: everything is.
    enough: usize,
    days: HashMap<i32, HashMap<u32, Vec<u64>>>,
}

impl Crowd {
    /// Nobody yet. Days are those of the site's time zone.
    pub fn new(zone: Tz, enough: usize) -> Self {
        Self { zone, enough, days: HashMap::new() }
    }

    /// Whether nobody need be gathered.
    pub fn is_open(&self) -> bool {
        self.enough == 0
    }

    /// Adds the visitor of a view; whether they are enough now.
    pub fn view(&mut self, entry: u32, view: &Display) -> bool {
        let day = zone::day(self.zone, view.at);
        view.visitor.is_some_and(|visitor| self.add(day, entry, visitor)) || self.is_open()
    }

    /// Adds a visitor of a day; whether they are enough now.
    pub fn add(&mut self, day: i32, entry: u32, visitor: u64) -> bool {
        if !self.days.contains_key(&day) {
            let last = self.days.keys().max().copied().unwrap_or(day).max(day);
            self.days.retain(|day, _| *day >= last - LATE);
        }
        let entries = self.days.entry(day).or_default();
        let visitors = entries.entry(entry).or_default();
        if !visitors.contains(&visitor) {
            visitors.push(visitor);
        }
        let enough = visitors.len() >= self.enough;
        if enough {
            entries.remove(&entry);
        }
        enough
    }
}
