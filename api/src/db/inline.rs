//! Hot reads: on SQLite on the thread that asks, without a change of threads, which takes
//! many times as long as to look up a row. Only for what has an index and an end: a thread
//! that reads does nothing else.
//!
//! SeaORM makes the statement for both databases; what differs is who runs it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;
use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;
use rusqlite::types::Value as Bound;
use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use sea_orm::EntityTrait;
use sea_orm::QueryTrait;
use sea_orm::Select;
use sea_orm::Statement;
use sea_orm::TryGetableMany;
use sea_orm::Value;
use uuid::Uuid;

use super::Db;
use crate::error::Error;

/// So many statements a thread keeps prepared.
const PREPARED: usize = 200;
/// What the pool sets, too.
const SETTINGS: &str = "PRAGMA query_only = ON; PRAGMA mmap_size = 1000000000; \
                        PRAGMA cache_size = -16000";

/// What is read from a row of SQLite, by the numbers of its columns.
pub trait Columns: Sized {
    /// Reads a row.
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error>;
}

/// Where rows are read: of this moment, in the quickest way, or with a connection.
pub trait Source: Sync {
    /// All rows of a query.
    fn models<E>(
        &self,
        query: Select<E>,
    ) -> impl Future<Output = Result<Vec<E::Model>, Error>> + Send
    where
        E: EntityTrait,
        E::Model: Columns;

    /// The same of some columns.
    fn tuples<E, T>(&self, query: Select<E>) -> impl Future<Output = Result<Vec<T>, Error>> + Send
    where
        E: EntityTrait,
        T: Columns + TryGetableMany + Send;
}

impl<C: ConnectionTrait> Source for C {
    async fn models<E>(&self, query: Select<E>) -> Result<Vec<E::Model>, Error>
    where
        E: EntityTrait,
        E::Model: Columns,
    {
        Ok(query.all(self).await?)
    }

    async fn tuples<E, T>(&self, query: Select<E>) -> Result<Vec<T>, Error>
    where
        E: EntityTrait,
        T: Columns + TryGetableMany + Send,
    {
        Ok(query.into_tuple().all(self).await?)
    }
}

impl Source for Db {
    async fn models<E>(&self, query: Select<E>) -> Result<Vec<E::Model>, Error>
    where
        E: EntityTrait,
        E::Model: Columns,
    {
        match self.inline(&query) {
            Some(read) => read,
            None => self.read.models(query).await,
        }
    }

    async fn tuples<E, T>(&self, query: Select<E>) -> Result<Vec<T>, Error>
    where
        E: EntityTrait,
        T: Columns + TryGetableMany + Send,
    {
        match self.inline(&query) {
            Some(read) => read,
            None => self.read.tuples(query).await,
        }
    }
}

impl Db {
    /// What a query gives on SQLite; `None` where the driver has to be asked: on PostgreSQL,
    /// and when the file is locked, which may take a while.
    fn inline<E: EntityTrait, T: Columns>(
        &self,
        query: &Select<E>,
    ) -> Option<Result<Vec<T>, Error>> {
        let file = self.file.as_ref()?;
        match all(file, &query.build(DbBackend::Sqlite)) {
            Err(Failure::Busy) => None,
            Err(Failure::Other(error)) => Some(Err(error)),
            Ok(read) => {
                self.statements.fetch_add(1, Ordering::Relaxed);
                Some(Ok(read))
            }
        }
    }
}

enum Failure {
    Busy,
    Other(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Busy
            }
            _ => Self::Other(error.into()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

fn all<T: Columns>(file: &Arc<str>, statement: &Statement) -> Result<Vec<T>, Failure> {
    thread_local! {
        static OPEN: RefCell<HashMap<Arc<str>, Connection>> = RefCell::default();
    }
    OPEN.with_borrow_mut(|open| {
        let connection = match open.entry(file.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(connect(file)?),
        };
        let mut prepared = connection.prepare_cached(&statement.sql)?;
        let values = statement.values.iter().flat_map(|values| &values.0);
        let values = values.map(bound).collect::<Result<Vec<_>, _>>()?;
        let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            read.push(T::read(row)?);
        }
        Ok(read)
    })
}

fn connect(file: &str) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.execute_batch(SETTINGS)?;
    connection.busy_timeout(Duration::from_millis(5))?;
    // Else a bound LIMIT has the statement prepared anew each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

/// A value as the driver of all other statements writes it.
fn bound(value: &Value) -> Result<Bound, Error> {
    let number = |number: Option<i64>| number.map_or(Bound::Null, Bound::Integer);
    Ok(match value {
        Value::Bool(value) => number(value.map(i64::from)),
        Value::SmallInt(value) => number(value.map(i64::from)),
        Value::Int(value) => number(value.map(i64::from)),
        Value::BigInt(value) => number(*value),
        Value::BigUnsigned(value) => number(value.map(u64::cast_signed)),
        Value::String(value) => value.clone().map_or(Bound::Null, Bound::Text),
        Value::Uuid(value) => value.map_or(Bound::Null, |id| Bound::Blob(id.as_bytes().to_vec())),
        Value::ChronoDateTimeUtc(value) => value.map_or(Bound::Null, |at| {
            Bound::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, false))
        }),
        other => return Err(Error::Internal(format!("no way to bind {other:?}"))),
    })
}

/// An id.
pub fn id(row: &rusqlite::Row<'_>, column: usize) -> Result<Uuid, Error> {
    let missing = || Error::Internal("an id is missing".into());
    id_or_null(row, column)?.ok_or_else(missing)
}

/// An id that need not be there.
pub fn id_or_null(row: &rusqlite::Row<'_>, column: usize) -> Result<Option<Uuid>, Error> {
    let bytes = row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    let wrong = |error| Error::Internal(format!("an id is none: {error}"));
    bytes.map(Uuid::from_slice).transpose().map_err(wrong)
}

/// An instant.
pub fn instant(row: &rusqlite::Row<'_>, column: usize) -> Result<DateTime<Utc>, Error> {
    let missing = || Error::Internal("an instant is missing".into());
    instant_or_null(row, column)?.ok_or_else(missing)
}

/// An instant that need not be there.
pub fn instant_or_null(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> Result<Option<DateTime<Utc>>, Error> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let wrong = |error| Error::Internal(format!("an instant is none: {error}"));
    let read = text.map(DateTime::parse_from_rfc3339).transpose().map_err(wrong)?;
    Ok(read.map(|at| at.to_utc()))
}

impl Columns for (Uuid, String) {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error> {
        Ok((id(row, 0)?, row.get(1)?))
    }
}
