//! The end of the log that is not folded yet, in memory: what its displays have
//! used up is not in the tables of keys.

use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;

use uuid::Uuid;

use super::class::Class;
use super::log;
use super::log::Applied;
use super::log::Batch;

/// Batches that may not be folded yet, and their keys.
#[derive(Debug, Default)]
pub struct Tail {
    /// The last batch that was applied.
    through: i64,
    /// The last batch that was forgotten.
    folded: i64,
    batches: VecDeque<Batch>,
    events: HashMap<Uuid, Class>,
    visits: HashSet<Uuid>,
    networks: HashMap<Uuid, i64>,
    /// What was applied since each of its followers last asked for it.
    fresh: [Option<Vec<Batch>>; 2],
}

/// Who follows what is applied.
#[derive(Clone, Copy, Debug)]
pub enum Follower {
    /// Lists by views.
    Rankings,
    /// What is read together.
    Recommendations,
}

impl Tail {
    /// After a batch up to which everything is folded.
    pub fn after(folded: i64) -> Self {
        Self { through: folded, folded, ..Self::default() }
    }

    /// The number of the last batch.
    pub fn through(&self) -> i64 {
        self.through
    }

    /// How many displays it has.
    pub fn displays(&self) -> usize {
        self.events.len()
    }

    /// What an event was.
    pub fn event(&self, id: &Uuid) -> Option<&Class> {
        self.events.get(id)
    }

    /// Whether there was a visit.
    pub fn has_visit(&self, key: &Uuid) -> bool {
        self.visits.contains(key)
    }

    /// How many visits there were from a network.
    pub fn visits_of(&self, network: &Uuid) -> i64 {
        self.networks.get(network).copied().unwrap_or(0)
    }

    /// Adds a batch if it is the next.
    pub fn apply(&mut self, batch: &Batch) -> Applied {
        let applied = log::follows(self.through, batch.seq);
        if applied != Applied::Now {
            return applied;
        }
        self.through = batch.seq;
        for display in &*batch.displays {
            self.events.insert(display.id, display.class);
            if let Some(visit) = display.first_visit() {
                self.visits.insert(visit.key);
                if let Some(network) = visit.network {
                    *self.networks.entry(network).or_insert(0) += 1;
                }
            }
        }
        self.batches.push_back(batch.clone());
        self.fresh.iter_mut().flatten().for_each(|fresh| fresh.push(batch.clone()));
        Applied::Now
    }

    /// The batches since this was last asked; `None` the first time, when they were not
    /// collected. From now on they are.
    pub fn take_fresh(&mut self, follower: Follower) -> Option<Vec<Batch>> {
        self.fresh[follower as usize].replace(Vec::new())
    }

    /// Makes this what the tables lack as of a moment when they had so many batches.
    /// False if it cannot be: it knows of a later moment, or not of all those batches.
    pub fn complements(&mut self, folded: i64) -> bool {
        let possible = (self.folded..=self.through).contains(&folded);
        if possible {
            self.forget(folded);
        }
        possible
    }

    /// The batches that the tables lack as of a moment when they had so many; `None` if
    /// some of them are forgotten already, or not known yet.
    pub fn after_folded(&self, folded: i64) -> Option<Vec<Batch>> {
        let known = (self.folded..=self.through).contains(&folded);
        let later = || self.batches.iter().filter(|batch| batch.seq > folded);
        known.then(|| later().cloned().collect())
    }

    /// Forgets what is folded: the tables have it.
    pub fn forget(&mut self, folded: i64) {
        self.folded = self.folded.max(folded);
        while let Some(batch) = self.batches.pop_front_if(|batch| batch.seq <= folded) {
            for display in &*batch.displays {
                self.events.remove(&display.id);
                let Some(visit) = display.first_visit() else { continue };
                self.visits.remove(&visit.key);
                let Some(network) = visit.network else { continue };
                if let Some(visits) = self.networks.get_mut(&network) {
                    *visits -= 1;
                    if *visits == 0 {
                        self.networks.remove(&network);
                    }
                }
            }
        }
    }
}
