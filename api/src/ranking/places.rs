//! Regions and channels, and which entries of the board are in them.

use std::collections::HashMap;

use uuid::Uuid;

/// Where an article can be listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The region of this code, or one below it.
    Region(String),
    /// The channel of this id.
    Channel(Uuid),
}

/// Entries by place. A place has a number, for an entry is in several.
#[derive(Debug, Default)]
pub struct Places {
    numbers: HashMap<Place, u32>,
    names: Vec<Place>,
    entries: Vec<Vec<u32>>,
}

impl Places {
    /// The number of a place; `None` while nothing was ever there.
    pub fn number(&self, place: &Place) -> Option<u32> {
        self.numbers.get(place).copied()
    }

    /// The place of a number.
    pub fn name(&self, number: u32) -> Option<Place> {
        self.names.get(number as usize).cloned()
    }

    /// The entries in a place, in no order.
    pub fn entries(&self, place: u32) -> &[u32] {
        self.entries.get(place as usize).map_or(&[], Vec::as_slice)
    }

    /// Takes an entry from where it was to where it is; the numbers of its places.
    pub fn set(&mut self, entry: u32, before: &[u32], after: Vec<Place>) -> Box<[u32]> {
        let after: Box<[u32]> = after.into_iter().map(|place| self.intern(place)).collect();
        for place in before.iter().filter(|place| !after.contains(place)) {
            if let Some(entries) = self.entries.get_mut(*place as usize)
                && let Some(at) = entries.iter().position(|other| *other == entry)
            {
                entries.swap_remove(at);
            }
        }
        for place in after.iter().filter(|place| !before.contains(place)) {
            if let Some(entries) = self.entries.get_mut(*place as usize) {
                entries.push(entry);
            }
        }
        after
    }

    /// Puts an entry into one more place than it was in; the numbers of its places.
    pub fn add(&mut self, entry: u32, before: &[u32], place: Place) -> Box<[u32]> {
        let place = self.intern(place);
        if before.contains(&place) {
            return before.into();
        }
        if let Some(entries) = self.entries.get_mut(place as usize) {
            entries.push(entry);
        }
        [before, &[place]].concat().into()
    }

    fn intern(&mut self, place: Place) -> u32 {
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(place.clone()).or_insert(next);
        if number == next {
            self.names.push(place);
            self.entries.push(Vec::new());
        }
        number
    }
}
