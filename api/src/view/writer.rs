//! Counts what is queued, one transaction after the other. While one commits,
//! the next fills up: the more views come, the larger the batches.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use rusqlite::Connection;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Views;
use super::batch;
use super::batch::Display;
use super::batch::Rules;
use super::class::Verdict;
use super::log;
use super::log::Batch;
use super::log::Stamp;
use super::queue::Job;
use super::seen::Seen;
use super::store_postgres;
use super::store_sqlite;
use super::sums::Sums;
use crate::clock;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Error;

/// A batch is tried so often.
const TRIES: u32 = 4;
/// After a failure, the database is tried again so often without views.
const PROBE: Duration = Duration::from_secs(1);

/// So often a writer says that it lives; those that are silent for long are
/// forgotten.
const ALIVE: TimeDelta = TimeDelta::hours(1);

/// Who numbers batches in the log.
struct Writer {
    id: Uuid,
    seq: i64,
    /// When the log last heard that it lives.
    alive_at: Option<DateTime<Utc>>,
    /// To SQLite.
    connection: Option<Connection>,
}

/// Counts until it is stopped.
pub async fn run(db: &Db, clock: &Clock, views: &Views) {
    let mut writer = Writer::new();
    let mut failing = probe(db).await.is_err();
    views.set_failing(failing);
    loop {
        let first = tokio::select! {
            biased;
            first = views.queue.next() => first,
            () = tokio::time::sleep(PROBE), if failing => {
                failing = probe(db).await.is_err();
                views.set_failing(failing);
                continue;
            }
        };
        let jobs = views.queue.with(first).await;
        let displays: Arc<[Display]> =
            jobs.iter().flat_map(|job| job.displays.iter().cloned()).collect();
        let verdicts = writer.count(db, clock, views, &displays).await;
        failing = verdicts.is_err();
        views.set_failing(failing);
        answer(jobs, verdicts);
    }
}

fn answer(jobs: Vec<Job>, verdicts: Result<Vec<Verdict>, Error>) {
    match verdicts {
        Ok(verdicts) => {
            let mut verdicts = verdicts.into_iter();
            for job in jobs {
                let own = verdicts.by_ref().take(job.displays.len()).collect();
                // Who asked may be gone.
                drop(job.answer.send(Ok(own)));
            }
        }
        Err(error) => {
            tracing::error!(?error, "views could not be stored");
            // Their answers are dropped with them: the sender is told to come again.
            drop(jobs);
        }
    }
}

/// Whether views could be stored.
async fn probe(db: &Db) -> Result<(), Error> {
    let txn = db.begin().await?;
    let tables = "SELECT 1 FROM view_event, view_visit, view_network, view_hour, view_day, \
                  view_total, view_batch WHERE 1 = 0";
    txn.db.execute_unprepared(tables).await?;
    txn.commit().await
}

impl Writer {
    fn new() -> Self {
        Self { id: clock::new_id(), seq: 0, alive_at: None, connection: None }
    }

    /// Counts displays in one transaction, again if it fails.
    async fn count(
        &mut self,
        db: &Db,
        clock: &Clock,
        views: &Views,
        displays: &Arc<[Display]>,
    ) -> Result<Vec<Verdict>, Error> {
        let mut pause = Duration::from_millis(10);
        let mut tries = 1;
        loop {
            match self.once(db, clock, views, displays).await {
                Err(error) if tries < TRIES => {
                    tracing::warn!(?error, tries, "storing views failed, trying again");
                    // The commit may have gone through all the same: a new writer starts a
                    // sequence of its own, and this instance follows the old one's.
                    *self = Self::new();
                    tries += 1;
                    tokio::time::sleep(pause).await;
                    pause *= 4;
                }
                Err(error) => {
                    *self = Self::new();
                    return Err(error);
                }
                counted => return counted,
            }
        }
    }

    async fn once(
        &mut self,
        db: &Db,
        clock: &Clock,
        views: &Views,
        displays: &Arc<[Display]>,
    ) -> Result<Vec<Verdict>, Error> {
        let stamp = Stamp { writer: self.id, seq: self.seq + 1, at: clock.now() };
        if self.alive_at.is_none_or(|at| stamp.at - at > ALIVE) {
            let txn = db.begin().await?;
            log::alive(&txn, self.id, stamp.at).await?;
            txn.commit().await?;
            self.alive_at = Some(stamp.at);
        }
        let (seen, sums) = match db.sqlite_file() {
            Some(file) => self.on_sqlite(db, file, displays, views.rules, stamp).await?,
            None => {
                let txn = db.begin().await?;
                let heads = batch::heads(displays);
                let counted = store_postgres::count(&txn, &heads, views.rules, stamp).await?;
                txn.commit().await?;
                counted
            }
        };
        if !sums.counted.is_empty() {
            self.seq = stamp.seq;
            views.apply(Batch { writer: self.id, seq: stamp.seq, views: sums.counted });
        }
        batch::verdicts(displays, &seen)
    }

    /// On a thread that may wait.
    async fn on_sqlite(
        &mut self,
        db: &Db,
        file: &str,
        displays: &Arc<[Display]>,
        rules: Rules,
        stamp: Stamp,
    ) -> Result<(Seen, Sums), Error> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => store_sqlite::open(file)?,
        };
        let turn = db.turn().await?;
        let displays = displays.clone();
        let count = move || {
            let heads = batch::heads(&displays);
            let counted = store_sqlite::count(&mut connection, &heads, rules, stamp);
            drop(turn);
            (connection, counted)
        };
        let (connection, counted) = tokio::task::spawn_blocking(count)
            .await
            .map_err(|error| Error::Internal(format!("the thread that counts: {error}")))?;
        self.connection = Some(connection);
        counted
    }
}
