//! Views of articles: counted once each, added up by hour, day and month.
//!
//! An event is checked ([`event`], [`reader`]), queued ([`queue`]), judged with
//! others ([`batch`]) by all that was seen before, and appended with them to a log
//! ([`writer`], [`log`]). Then it is acknowledged. Every instance follows the log
//! ([`follow`]) for its totals ([`totals`]) and to judge by it ([`tail`]); one of them
//! folds it into the tables ([`fold`]).

pub mod base;
pub mod batch;
pub mod belong;
pub mod check;
pub mod class;
pub mod event;
pub mod excluded;
pub mod fold;
pub mod fold_counters;
pub mod fold_keys;
pub mod fold_scores;
pub mod fold_visitors;
pub mod follow;
pub mod graphql;
pub mod graphql_series;
pub mod http;
pub mod http_reader;
pub mod keep;
pub mod known;
pub mod latest;
pub mod log;
pub mod mutation;
pub mod queue;
pub mod reader;
pub mod rebuild;
pub mod record;
pub mod robot;
pub mod salt;
pub mod score;
pub mod series;
pub mod site;
pub mod store_postgres;
pub mod store_sqlite;
pub mod tail;
pub mod totals;
pub mod visitors;
pub mod writer;
pub mod zone;

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use self::tail::Tail;
use crate::config::Config;
use crate::db::Db;
use crate::db::scan;
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
    /// Held by who reads all totals, and by who follows what imports say of them.
    pub loading: tokio::sync::Mutex<()>,
    /// Told whenever totals change.
    pub changed: watch::Sender<()>,
    tail: Mutex<Tail>,
    failing: AtomicBool,
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
            loading: tokio::sync::Mutex::default(),
            changed: watch::Sender::new(()),
            tail: Mutex::default(),
            failing: AtomicBool::new(false),
        }
    }

    /// Reads what is held in memory, as of one moment.
    pub async fn load(&self, db: &Db) -> Result<(), Error> {
        site::fix(db, self.rules.zone).await?;
        belong::check(db).await?;
        // What an import says meanwhile comes after what is read here.
        let _turn = self.loading.lock().await;
        let (totals, read) = loop {
            let (folded, totals) = scan::apart(totals::read(db.clone())).await?;
            let Some(batches) = log::unfolded(db, folded).await? else { continue };
            let totals = totals::Memory::new(totals);
            let mut read = Tail::after(folded);
            for batch in batches {
                read.apply(&batch);
                totals.add(&batch);
            }
            break (totals, read);
        };
        let mut tail = self.tail();
        self.totals.replace(totals);
        *tail = read;
        self.changed.send_replace(());
        Ok(())
    }

    /// The end of the log.
    pub fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a committed batch.
    pub fn apply(&self, batch: &log::Batch) -> log::Applied {
        let mut tail = self.tail();
        let applied = tail.apply(batch);
        // With the tail locked, so that whoever has its number has these totals.
        if applied == log::Applied::Now {
            self.totals.add(batch);
            self.changed.send_replace(());
        }
        applied
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
