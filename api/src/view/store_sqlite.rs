//! Keys and the log on SQLite. Who counts has connections of its own that work on the
//! thread that asks: with the driver that everything else uses, each statement
//! changes threads twice, which takes longer than the statement.

use std::time::Duration;

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OptionalExtension;
use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use sea_orm::Statement;
use uuid::Uuid;

use super::batch::Display;
use super::batch::Stored;
use super::class::Class;
use super::log;
use super::zone::hour;
use crate::db::Txn;
use crate::error::Error;

/// Another process that writes is asked again so often, and so many times.
const POLL: Duration = Duration::from_millis(1);
const POLLS: i32 = 20_000;

/// The connections of who counts.
pub struct Store {
    /// Of the tables: read only.
    tables: Connection,
    /// Of the log.
    log: Connection,
}

/// Opens the connections.
pub fn open(tables: &str, log: &str) -> Result<Store, Error> {
    let (tables, log) = (Connection::open(tables)?, Connection::open(log)?);
    for connection in [&tables, &log] {
        connection.busy_handler(Some(|polls| {
            std::thread::sleep(POLL);
            polls < POLLS
        }))?;
    }
    tables.execute_batch(
        "PRAGMA query_only = ON; PRAGMA cache_size = -32000; PRAGMA mmap_size = 1000000000",
    )?;
    log.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")?;
    Ok(Store { tables, log })
}

/// What the tables remember of the keys of displays.
pub fn stored<'a>(
    store: &mut Store,
    displays: impl Iterator<Item = &'a Display>,
) -> Result<Stored, Error> {
    // As of one moment.
    let txn = store.tables.transaction()?;
    let mut event = txn.prepare_cached("SELECT class FROM view_event WHERE hour = ? AND id = ?")?;
    let mut visit = txn.prepare_cached("SELECT 1 FROM view_visit WHERE hour = ? AND key = ?")?;
    let mut network =
        txn.prepare_cached("SELECT visits FROM view_network WHERE hour = ? AND key = ?")?;
    let folded = "SELECT value FROM setting WHERE name = ?";
    let mut folded = txn.prepare_cached(folded)?;
    let folded: Option<String> = folded.query_row([log::FOLDED], |row| row.get(0)).optional()?;
    let folded = folded.as_deref().map_or(Ok(0), log::number)?;
    let mut stored = Stored { folded, ..Stored::default() };
    for display in displays {
        let key = (hour(display.at), display.id.as_bytes());
        let code: Option<i16> = event.query_row(key, |row| row.get(0)).optional()?;
        if let Some(class) = code.and_then(Class::from_code) {
            stored.events.insert(display.id, class);
            continue;
        }
        let Some(visited) = display.first_visit() else { continue };
        if visit.exists((visited.hour, visited.key.as_bytes()))? {
            stored.visits.insert(visited.key);
        } else if let Some(key) = visited.network {
            let visits = network.query_row((visited.hour, key.as_bytes()), |row| row.get(0));
            stored.networks.extend(visits.optional()?.map(|visits: i64| (key, visits)));
        }
    }
    Ok(stored)
}

/// Appends a batch and waits for the disk; false if its number is taken, or was.
pub fn append(store: &Store, seq: i64, at: DateTime<Utc>, displays: &[u8]) -> Result<bool, Error> {
    let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, false);
    let sql = "INSERT INTO view_log (seq, at, displays) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM view_log WHERE seq >= ?1)";
    Ok(store.log.prepare_cached(sql)?.execute((seq, at, displays))? == 1)
}

/// Adds rows of `(hour, id, class)`, in the order of their keys.
pub async fn add_events(txn: &Txn, rows: &[(i32, Uuid, i64)]) -> Result<(), Error> {
    add(txn, "view_event (hour, id, class)", rows, "").await
}

/// Adds rows of `(hour, key, _)`, in the order of their keys.
pub async fn add_visits(txn: &Txn, rows: &[(i32, Uuid, i64)]) -> Result<(), Error> {
    add(txn, "view_visit (hour, key)", rows, "").await
}

/// Adds rows of `(hour, key, visits)`, or their visits to those that are there.
pub async fn add_networks(txn: &Txn, rows: &[(i32, Uuid, i64)]) -> Result<(), Error> {
    let sum = "ON CONFLICT (hour, key) DO UPDATE SET visits = visits + excluded.visits";
    add(txn, "view_network (hour, key, visits)", rows, sum).await
}

/// One parameter for all rows, so that no statement is built of thousands of values.
async fn add(txn: &Txn, into: &str, rows: &[(i32, Uuid, i64)], or: &str) -> Result<(), Error> {
    let rows: Vec<_> = rows.iter().map(|(hour, key, value)| (hour, key.simple(), value)).collect();
    let value = if into.ends_with("key)") { "" } else { ", value ->> 2" };
    let sql = format!(
        "INSERT INTO {into} SELECT value ->> 0, unhex(value ->> 1){value} FROM json_each(?) \
         WHERE true {or}"
    );
    let values = [serde_json::to_string(&rows)?.into()];
    txn.db.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
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
        let store = open(":memory:", ":memory:").unwrap();
        let mode: i64 = store.log.query_row("PRAGMA synchronous", (), |row| row.get(0)).unwrap();
        assert_eq!(mode, 2, "FULL: no test that only kills a process would notice less");
    }
}
