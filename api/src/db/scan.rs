//! Reads whole tables as of one moment: what is held in memory starts with that.
//!
//! With the driver that everything else uses, each row of SQLite changes threads, which
//! takes longer than to read it.

use futures_util::TryStreamExt;
use rusqlite::Connection;
use rusqlite::types::FromSql;
use sea_orm::DatabaseTransaction;
use sea_orm::DbBackend;
use sea_orm::QueryResult;
use sea_orm::Statement;
use sea_orm::StreamTrait;
use sea_orm::TryGetable;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::Db;
use super::inline;
use crate::error::Error;

/// A moment of the database. What is asked of SQLite blocks the thread: see [`apart`].
pub enum Moment {
    /// With a transaction.
    Sqlite(Connection),
    /// That sees the same all the time.
    Postgres(DatabaseTransaction),
}

/// A row. Columns count from 0; one that is of another type is an error.
pub enum Row<'a> {
    /// Of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// Of PostgreSQL, where types must be exact: `CAST` numbers to `BIGINT`.
    Postgres(&'a QueryResult),
}

/// Does work that blocks, on a thread of its own.
pub async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let runtime = Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work)).await;
    done.map_err(|error| Error::Internal(format!("the thread that reads tables: {error}")))?
}

impl Db {
    /// This moment.
    pub async fn moment(&self) -> Result<Moment, Error> {
        let Some((file, _)) = self.sqlite_files() else {
            return Ok(Moment::Postgres(self.snapshot().await?));
        };
        let connection = Connection::open(file)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA mmap_size = 1000000000; BEGIN")?;
        Ok(Moment::Sqlite(connection))
    }
}

impl Moment {
    /// Takes the rows of a query, one after the other.
    pub async fn each(
        &mut self,
        query: &str,
        mut take: impl FnMut(Row<'_>) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(query)?;
                let mut rows = statement.query(())?;
                while let Some(row) = rows.next()? {
                    take(Row::Sqlite(row))?;
                }
            }
            Self::Postgres(txn) => {
                let statement = Statement::from_string(DbBackend::Postgres, query);
                let mut rows = txn.stream_raw(statement).await?;
                while let Some(row) = rows.try_next().await? {
                    take(Row::Postgres(&row))?;
                }
            }
        }
        Ok(())
    }
}

impl Row<'_> {
    /// A number, a text or bytes.
    pub fn get<T: FromSql + TryGetable>(&self, column: usize) -> Result<T, Error> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get_by_index(column)?),
        }
    }

    /// An id.
    pub fn id(&self, column: usize) -> Result<Uuid, Error> {
        let missing = || Error::Internal("an id is missing".into());
        self.id_or_null(column)?.ok_or_else(missing)
    }

    /// An id that need not be there.
    pub fn id_or_null(&self, column: usize) -> Result<Option<Uuid>, Error> {
        match self {
            Self::Sqlite(row) => inline::id_or_null(row, column),
            Self::Postgres(row) => Ok(row.try_get_by_index(column)?),
        }
    }
}
