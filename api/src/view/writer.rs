//! Counts what is queued, one batch after the other. While one waits for the disk,
//! the next fills up: the more views come, the larger the batches.

use std::time::Duration;

use sea_orm::ConnectionTrait;

use super::Views;
use super::batch;
use super::batch::Display;
use super::batch::Stored;
use super::class::Verdict;
use super::fold;
use super::follow;
use super::log;
use super::log::Batch;
use super::queue::Job;
use super::store_postgres;
use super::store_sqlite;
use super::store_sqlite::Store;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Error;

/// A batch is tried so often.
const TRIES: u32 = 4;
/// On PostgreSQL a batch waits so long for others to join: it costs as many round trips
/// for one view as for many.
const PATIENCE: Duration = Duration::from_micros(200);
/// After a failure, the database is tried again so often without views.
const PROBE: Duration = Duration::from_secs(1);
/// A database that does not answer a batch for so long is given up. What it may have stored
/// all the same is known when the batch comes again.
const LONGEST: Duration = Duration::from_secs(20);
/// So many displays may wait to be folded, before the next are counted.
const UNFOLDED: usize = 200_000;

/// Counts until it is stopped. On SQLite it blocks the thread it runs on.
pub async fn run(db: &Db, clock: &Clock, views: &Views) {
    let mut sqlite = None;
    let mut failing = answered(probe(db)).await.is_err();
    views.set_failing(failing);
    loop {
        let first = tokio::select! {
            biased;
            first = views.queue.next() => first,
            () = tokio::time::sleep(PROBE), if failing => {
                failing = answered(probe(db)).await.is_err();
                views.set_failing(failing);
                continue;
            }
        };
        // On SQLite, what comes meanwhile gathers while the thread waits for the disk.
        let patience = if db.sqlite_files().is_some() { Duration::ZERO } else { PATIENCE };
        let jobs = views.queue.with(first, patience).await;
        let verdicts = count(db, clock, views, &mut sqlite, &jobs).await;
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
    let tables = "SELECT 1 FROM view_event, view_visit, view_network WHERE 1 = 0";
    db.read.execute_unprepared(tables).await?;
    let last = "UPDATE view_log SET at = at WHERE seq = (SELECT MAX(seq) FROM view_log)";
    db.log.execute_unprepared(last).await?;
    Ok(())
}

/// What a database does, or an error if it does not answer.
async fn answered<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = || Error::Unavailable("The database does not answer. Try again.".into());
    tokio::time::timeout(LONGEST, work).await.unwrap_or_else(|_| Err(late()))
}

/// Counts displays, again if that fails: one verdict for each.
async fn count(
    db: &Db,
    clock: &Clock,
    views: &Views,
    sqlite: &mut Option<Store>,
    jobs: &[Job],
) -> Result<Vec<Verdict>, Error> {
    let mut pause = Duration::from_millis(10);
    let mut tries = 1;
    loop {
        match answered(once(db, clock, views, sqlite, jobs)).await {
            Err(error) if tries < TRIES => {
                tracing::warn!(?error, tries, "storing views failed, trying again");
                *sqlite = None;
                tries += 1;
                tokio::time::sleep(pause).await;
                pause *= 4;
                // It may have been committed all the same.
                drop(follow::run(db, views).await);
            }
            counted => return counted,
        }
    }
}

async fn once(
    db: &Db,
    clock: &Clock,
    views: &Views,
    sqlite: &mut Option<Store>,
    jobs: &[Job],
) -> Result<Vec<Verdict>, Error> {
    if let (None, Some((tables, log))) = (&sqlite, db.sqlite_files()) {
        *sqlite = Some(store_sqlite::open(tables, &log)?);
    }
    make_room(db, clock, views).await?;
    let displays = || jobs.iter().flat_map(|job| &job.displays);
    let mut alone = None;
    loop {
        let stored = match sqlite {
            Some(store) => store_sqlite::stored(store, displays())?,
            None => store_postgres::stored(&db.read, displays()).await?,
        };
        let Some((verdicts, batch)) = judge(views, displays(), &stored) else {
            follow::run(db, views).await?;
            continue;
        };
        if batch.displays.is_empty() {
            return Ok(verdicts);
        }
        let (seq, now, body) = (batch.seq, clock.now(), log::encode(&batch.displays)?);
        let appended = match (sqlite.as_mut(), alone.take()) {
            (Some(store), _) => store_sqlite::append(store, seq, now, &body)?,
            (None, None) => store_postgres::append(&db.log, seq, now, body).await?,
            (None, Some(txn)) => store_postgres::append_alone(txn, seq, now, body).await?,
        };
        if appended {
            views.apply(&batch);
            return Ok(verdicts);
        }
        // Somebody else was faster: what they counted comes first.
        if sqlite.is_none() {
            alone = Some(db.begin_views().await?);
        }
        follow::run(db, views).await?;
    }
}

/// Verdicts, and the batch to be appended; `None` if memory and what is stored are not of
/// the same moment: then a network's visits would be in both or in neither.
fn judge<'a>(
    views: &Views,
    displays: impl Iterator<Item = &'a Display>,
    stored: &Stored,
) -> Option<(Vec<Verdict>, Batch)> {
    let mut tail = views.tail();
    if !tail.complements(stored.folded) {
        return None;
    }
    let cap = views.rules.network_cap;
    let (verdicts, new) = batch::judge(displays.cloned(), stored, &tail, cap);
    Some((verdicts, Batch { seq: tail.through() + 1, displays: new.into() }))
}

/// Waits until not too much is unfolded, so that memory stays bounded.
async fn make_room(db: &Db, clock: &Clock, views: &Views) -> Result<(), Error> {
    while views.tail().displays() > UNFOLDED {
        if !fold::run(db, views.rules.zone, clock.now()).await? {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        follow::run(db, views).await?;
    }
    Ok(())
}
