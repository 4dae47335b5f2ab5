//! Views of articles: counted once each, added up by hour, day and month.
//!
//! An event is judged ([`event`], [`reader`]), queued ([`queue`]) and counted
//! with others in one transaction ([`writer`], [`batch`], [`seen`]). The
//! counted ones leave in a log ([`log`]) that every instance follows ([`follow`])
//! to keep its totals ([`totals`]).

pub mod base;
pub mod batch;
pub mod check;
pub mod class;
pub mod event;
pub mod excluded;
pub mod fold;
pub mod follow;
pub mod graphql;
pub mod graphql_series;
pub mod http;
pub mod http_reader;
pub mod keep;
pub mod known;
pub mod log;
pub mod mutation;
pub mod queue;
pub mod reader;
pub mod rebuild;
pub mod record;
pub mod robot;
pub mod salt;
pub mod score;
pub mod seen;
pub mod series;
pub mod site;
pub mod store_postgres;
pub mod store_sqlite;
pub mod sums;
pub mod totals;
pub mod visitors;
pub mod writer;
pub mod zone;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::config::Config;
use crate::db::Db;
use crate::error::Error;

/// What an instance holds for counting.
pub struct Views {
    /// The totals of all articles.
    pub totals: totals::Memory,
    /// What waits to be counted.
    pub queue: queue::Queue,
    /// The rules of the counting transaction.
    pub rules: batch::Rules,
    /// Articles that were asked for lately.
    pub known: known::Known,
    /// The secrets of the days.
    pub salts: salt::Salts,
    failing: AtomicBool,
    fresh: Mutex<Option<Vec<log::Batch>>>,
}

impl Views {
    /// Empty, by these settings.
    pub fn new(config: &Config) -> Self {
        let rules = batch::Rules { zone: config.time_zone, network_cap: config.view_network_cap };
        Self {
            totals: totals::Memory::default(),
            queue: queue::Queue::new(config.view_queue),
            rules,
            known: known::Known::default(),
            salts: salt::Salts::default(),
            failing: AtomicBool::new(false),
            fresh: Mutex::new(None),
        }
    }

    /// Reads what is held in memory.
    pub async fn load(&self, db: &Db) -> Result<(), Error> {
        site::fix(db, self.rules.zone).await?;
        self.totals.load(db).await?;
        // What was skipped was not collected.
        *self.fresh.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// Takes over a committed batch.
    pub fn apply(&self, batch: log::Batch) -> log::Applied {
        // Locked first, so that batches are collected in the order of the totals.
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let applied = self.totals.apply(&batch);
        if applied == log::Applied::Now
            && let Some(fresh) = fresh.as_mut()
        {
            fresh.push(batch);
        }
        applied
    }

    /// The batches since this was last asked; `None` if they were not collected: the
    /// first time, and after everything was read anew. From now on they are.
    pub fn take_fresh(&self) -> Option<Vec<log::Batch>> {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.replace(Vec::new())
    }

    /// Whether the last views could not be stored.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Notes whether views can be stored.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }
}
