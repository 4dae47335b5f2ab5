//! The views of an hour, by entry. An hour that is over is packed into a quarter of
//! the memory: there are hundreds of them, and few views come late.

use std::collections::HashMap;

/// Views of an hour.
#[derive(Debug, Default)]
pub struct Bucket {
    open: HashMap<u32, i64>,
    packed: Vec<(u32, u32)>,
}

impl Bucket {
    /// Adds views of an entry.
    pub fn add(&mut self, entry: u32, views: i64) {
        *self.open.entry(entry).or_default() += views;
    }

    /// Entries with views. One may come several times: its views are all of them.
    pub fn views(&self) -> impl Iterator<Item = (u32, i64)> {
        let packed = self.packed.iter().map(|(entry, views)| (*entry, i64::from(*views)));
        packed.chain(self.open.iter().map(|(entry, views)| (*entry, *views)))
    }

    /// Packs what came so far.
    pub fn pack(&mut self) {
        self.packed.reserve_exact(self.open.len());
        for (entry, views) in std::mem::take(&mut self.open) {
            match u32::try_from(views) {
                Ok(views) => self.packed.push((entry, views)),
                Err(_) => drop(self.open.insert(entry, views)),
            }
        }
    }
}
