//! A batch on SQLite, over a connection of its own that works on the thread that
//! asks: with the driver that everything else uses, each statement changes threads
//! twice, which takes longer than the statement.

use std::collections::HashMap;
use std::time::Duration;

use chrono::SecondsFormat;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OptionalExtension;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use super::batch::Display;
use super::batch::Rules;
use super::class::Class;
use super::log;
use super::log::Stamp;
use super::seen::Seen;
use super::sums;
use super::sums::Sums;
use super::zone::hour;
use crate::error::Error;

/// Another process that writes is asked again so often, and so many times. Short,
/// because imports leave short gaps.
const POLL: Duration = Duration::from_millis(1);
const POLLS: i32 = 20_000;

/// Opens the connection.
pub fn open(file: &str) -> Result<Connection, Error> {
    let connection = Connection::open(file)?;
    connection.busy_handler(Some(|polls| {
        std::thread::sleep(POLL);
        polls < POLLS
    }))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000",
    )?;
    Ok(connection)
}

/// Counts displays, each id once and in the order of hours and ids; commits.
pub fn count(
    connection: &mut Connection,
    heads: &[&Display],
    rules: Rules,
    stamp: Stamp,
) -> Result<(Seen, Sums), Error> {
    let txn = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let seen = remember(&txn, heads, rules.network_cap)?;
    let sums = sums::add_up(heads, &seen.new, rules.zone);
    add(&txn, &sums)?;
    if !sums.counted.is_empty() {
        let at = stamp.at.to_rfc3339_opts(SecondsFormat::AutoSi, false);
        let sql = "INSERT INTO view_batch (writer, seq, at, views) VALUES (?, ?, ?, ?)";
        let values = (stamp.writer.as_bytes(), stamp.seq, at, log::encode(&sums.counted)?);
        txn.prepare_cached(sql)?.execute(values)?;
    }
    txn.commit()?;
    Ok((seen, sums))
}

fn remember(txn: &Transaction<'_>, heads: &[&Display], cap: usize) -> Result<Seen, Error> {
    let mut known = txn.prepare_cached("SELECT class FROM view_event WHERE hour = ? AND id = ?")?;
    let mut event =
        txn.prepare_cached("INSERT INTO view_event (hour, id, class) VALUES (?, ?, ?)")?;
    let mut visit =
        txn.prepare_cached("INSERT OR IGNORE INTO view_visit (hour, key) VALUES (?, ?)")?;
    let mut network = txn.prepare_cached(
        "INSERT INTO view_network (hour, key, visits) VALUES (?, ?, 1)
         ON CONFLICT (hour, key) DO UPDATE SET visits = visits + 1 RETURNING visits",
    )?;
    let (mut before, mut new) = (HashMap::new(), HashMap::new());
    for head in heads {
        let (hour, id) = (hour(head.at), head.id.as_bytes());
        let code: Option<i16> = known.query_row((hour, id), |row| row.get(0)).optional()?;
        if let Some(class) = code.and_then(Class::from_code) {
            before.insert(head.id, class);
            continue;
        }
        let mut class = head.class;
        if let Some(visited) = head.visit.filter(|_| class == Class::Counted) {
            if visit.execute((visited.hour, visited.key))? == 0 {
                class = Class::Repeat;
            } else if let Some(key) = visited.network.filter(|_| cap > 0) {
                let visits: i64 = network.query_row((visited.hour, key), |row| row.get(0))?;
                if usize::try_from(visits).is_ok_and(|visits| visits > cap) {
                    class = Class::NetworkCap;
                }
            }
        }
        event.execute((hour, id, class.code()))?;
        new.insert(head.id, class);
    }
    Ok(Seen { before, new })
}

fn add(txn: &Transaction<'_>, sums: &Sums) -> Result<(), Error> {
    let mut hour = txn.prepare_cached(
        "INSERT INTO view_hour (hour, article_id, counted) VALUES (?, ?, ?)
         ON CONFLICT (hour, article_id) DO UPDATE SET counted = counted + excluded.counted",
    )?;
    let mut day = txn.prepare_cached(
        "INSERT INTO view_day (day, article_id, counted) VALUES (?, ?, ?)
         ON CONFLICT (day, article_id) DO UPDATE SET counted = counted + excluded.counted",
    )?;
    let mut total = txn.prepare_cached(
        "INSERT INTO view_total (article_id, counted, imported) VALUES (?, ?, 0)
         ON CONFLICT (article_id) DO UPDATE SET counted = counted + excluded.counted",
    )?;
    let mut excluded = txn.prepare_cached(
        "INSERT INTO view_excluded (article_id, day, class, excluded) VALUES (?, ?, ?, ?)
         ON CONFLICT (article_id, day, class)
         DO UPDATE SET excluded = view_excluded.excluded + excluded.excluded",
    )?;
    for ((bucket, article), views) in &sums.hours {
        hour.execute((bucket, article.as_bytes(), views))?;
    }
    for ((bucket, article), views) in &sums.days {
        day.execute((bucket, article.as_bytes(), views))?;
    }
    for (article, views) in &sums.totals {
        total.execute((article.as_bytes(), views))?;
    }
    for ((article, day, class), events) in &sums.excluded {
        excluded.execute((article.as_bytes(), day, class, events))?;
    }
    Ok(())
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unavailable("Somebody else writes at this moment. Try again.".into())
            }
            _ => Self::Internal(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_waits_for_the_disk() {
        let connection = open(":memory:").unwrap();
        let mode: i64 = connection.query_row("PRAGMA synchronous", (), |row| row.get(0)).unwrap();
        assert_eq!(mode, 2, "FULL: no test that only kills a process would notice less");
    }
}
