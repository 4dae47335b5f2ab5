//! The database: connects, migrates, begins transactions.
//!
//! SQLite has one connection that writes and a few that read; on PostgreSQL
//! one pool does both.

mod connect;
pub mod inline;
mod rows;
pub mod scan;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use migration::Migrator;
use migration::MigratorTrait;
use sea_orm::AccessMode;
use sea_orm::ConnectionTrait;
use sea_orm::DatabaseConnection;
use sea_orm::DatabaseTransaction;
use sea_orm::DbBackend;
use sea_orm::EntityTrait;
use sea_orm::IsolationLevel;
use sea_orm::SqliteTransactionMode;
use sea_orm::Statement;
use sea_orm::TransactionOptions;
use sea_orm::TransactionTrait;
use tokio::sync::OwnedMutexGuard;

use self::connect::counted;
use self::connect::log_file;
use self::connect::postgres;
use self::connect::postgres_search;
use self::connect::sqlite;
use self::connect::sqlite_file;
use crate::error::Error;

/// After so many articles the database looks at them anew.
const MANY: u64 = 1_000;
/// Numbers of PostgreSQL's advisory locks; any that nobody else uses will do.
const LOCK_SETUP: i64 = 7_264_310_001;
const LOCK_EVENTS: i64 = 7_264_310_002;
const LOCK_IMPORT: i64 = 7_264_310_003;
const LOCK_KEEP: i64 = 7_264_310_004;
/// Of the log of views, whose statement locks by itself.
pub const LOCK_VIEWS: i64 = 7_264_310_005;
const LOCK_CURATION: i64 = 7_264_310_006;
/// The size of SQLite's pages, in bytes. A text takes several: larger ones are fewer writes.
const PAGE: u32 = 8192;
/// A batch of views is small, and each commit writes whole pages.
const LOG_PAGE: u32 = 4096;
/// What is in the file of the log of views; on PostgreSQL a migration makes the same.
/// Which database it belongs to is there only.
const LOG: &str = "CREATE TABLE IF NOT EXISTS view_log (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, displays BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS view_log_of (name TEXT NOT NULL)";
/// The longest wait for a turn to write.
const PATIENCE: Duration = Duration::from_secs(20);

/// The handles of one database.
#[derive(Clone)]
pub struct Db {
    /// For reading outside transactions.
    pub read: DatabaseConnection,
    /// The log of views. On SQLite it is a file beside the other one: nobody who writes
    /// there holds up what is counted.
    pub log: DatabaseConnection,
    /// For questions to the index of search.
    pub search: DatabaseConnection,
    write: DatabaseConnection,
    statements: Arc<AtomicU64>,
    /// How many transactions of this process left events.
    recorded: Arc<AtomicU64>,
    /// Who writes to the SQLite file; its own locks let some wait for ever.
    turn: Arc<tokio::sync::Mutex<()>>,
    file: Option<Arc<str>>,
}

/// The right to write to SQLite, within this process; nothing on PostgreSQL.
type Turn = Option<OwnedMutexGuard<()>>;

/// A transaction, with the events that leave with it.
pub struct Txn {
    /// For statements inside the transaction.
    pub db: DatabaseTransaction,
    pub(crate) events: Mutex<Vec<entity::event::ActiveModel>>,
    recorded: Arc<AtomicU64>,
    _turn: Turn,
}

impl Db {
    /// Connects to `sqlite://FILE` (created if missing) or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let statements = Arc::new(AtomicU64::new(0));
        let (read, write, log, search) = if let Some(file) = sqlite_file(url) {
            let write = counted(sqlite(file, 1, false, PAGE).await?, &statements);
            let log = counted(sqlite(&log_file(file), 1, false, LOG_PAGE).await?, &statements);
            log.execute_unprepared(LOG).await?;
            let read = counted(sqlite(file, 2, true, PAGE).await?, &statements);
            (read.clone(), write, log, read)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = counted(postgres(url).await?, &statements);
            let search = counted(postgres_search(url).await?, &statements);
            (pool.clone(), pool.clone(), pool, search)
        } else {
            return Err(Error::Unavailable(
                "The database URL must be sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME."
                    .into(),
            ));
        };
        let file = sqlite_file(url).map(Into::into);
        Ok(Self {
            read,
            write,
            log,
            search,
            statements,
            recorded: Arc::default(),
            turn: Arc::default(),
            file,
        })
    }

    /// Fails if the URL names an SQLite file that does not exist: for commands
    /// that make no sense on a new database.
    pub fn must_exist(url: &str) -> Result<(), Error> {
        match sqlite_file(url) {
            Some(file) if !std::path::Path::new(file).exists() => Err(Error::Unavailable(format!(
                "There is no database {file}: check --database-url, or make it with `redian \
                 migrate`."
            ))),
            _ => Ok(()),
        }
    }

    /// How many SQL statements were sent so far.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How many transactions of this process have left events in the change log so far.
    pub fn recorded(&self) -> u64 {
        self.recorded.load(Ordering::SeqCst)
    }

    /// The file and that of the log of views, on SQLite.
    pub fn sqlite_files(&self) -> Option<(&str, String)> {
        self.file.as_deref().map(|file| (file, log_file(file)))
    }

    /// Waits for the turn to write, first come, first served.
    async fn turn(&self) -> Result<Turn, Error> {
        if self.file.is_none() {
            return Ok(None);
        }
        let turn = tokio::time::timeout(PATIENCE, self.turn.clone().lock_owned()).await;
        let busy = |_| Error::Unavailable("Others write at this moment. Try again.".into());
        turn.map(Some).map_err(busy)
    }

    /// Begins a transaction that may write. Dropped without a commit, it is
    /// rolled back.
    pub async fn begin(&self) -> Result<Txn, Error> {
        let options = TransactionOptions {
            // Taking the write lock at once waits for other processes; taking
            // it later fails when one of them wrote in between.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let turn = self.turn().await?;
        let db = begun(&self.write, options).await?;
        let recorded = self.recorded.clone();
        Ok(Txn { db, events: Mutex::default(), recorded, _turn: turn })
    }

    /// Begins a transaction that reads everything as of one moment.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, Error> {
        let postgres = self.read.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            ..Default::default()
        };
        begun(&self.read, options).await
    }

    /// Begins a transaction that no other instance's setup overlaps.
    pub async fn begin_setup(&self) -> Result<Txn, Error> {
        self.begin_locked(LOCK_SETUP).await
    }

    /// Begins a transaction in which nobody else appends to the log of views. Only for
    /// PostgreSQL, which ends it when nothing comes of it for ten seconds.
    pub async fn begin_views(&self) -> Result<Txn, Error> {
        let txn = self.begin().await?;
        let bounded = "SET LOCAL idle_in_transaction_session_timeout = '10s'";
        txn.db.execute_unprepared(bounded).await?;
        lock(&txn.db, LOCK_VIEWS).await?;
        Ok(txn)
    }

    /// Begins a transaction in which nobody else pins articles or excludes them from
    /// lists.
    pub async fn begin_curation(&self) -> Result<Txn, Error> {
        self.begin_locked(LOCK_CURATION).await
    }

    /// Begins a transaction that no other import overlaps, so that two of the
    /// same article do not both find it missing.
    pub async fn begin_import(&self) -> Result<Txn, Error> {
        self.begin_locked(LOCK_IMPORT).await
    }

    async fn begin_locked(&self, number: i64) -> Result<Txn, Error> {
        let txn = self.begin().await?;
        lock(&txn.db, number).await?;
        Ok(txn)
    }

    /// Applies the schema's missing steps, under a lock when several instances
    /// start at once. Fails on a schema newer than this binary.
    pub async fn migrate(&self) -> Result<(), Error> {
        let txn = self.begin_setup().await?;
        let known = Migrator::get_migration_files();
        Migrator::install(&txn.db).await?;
        for applied in Migrator::get_migration_models(&txn.db).await? {
            if !known.iter().any(|step| step.name() == applied.version) {
                return Err(Error::Unavailable(format!(
                    "The database has the schema step {}, which this version of redian does not \
                     know: use the newer version that wrote it.",
                    applied.version
                )));
            }
        }
        Migrator::up(&txn.db, None).await?;
        txn.commit().await
    }

    /// For work that can be repeated: on SQLite, commits of this process no
    /// longer wait for the disk. A crash of the machine may undo the last of
    /// them, in order; nothing is damaged.
    pub async fn relax(&self) -> Result<(), Error> {
        if self.write.get_database_backend() == DbBackend::Sqlite {
            // Fewer checkpoints, too: each of them waits. 256 MB of log at most.
            let relax = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 32000";
            self.write.execute_unprepared(relax).await?;
        }
        Ok(())
    }

    /// Ends [`relax`](Self::relax): what was committed is on disk now. After very many `articles`
    /// PostgreSQL looks at its tables anew: until it does, it takes a seldom word for a frequent
    /// one, and reads all texts to find it.
    pub async fn settle(&self, articles: u64) -> Result<(), Error> {
        let backend = self.write.get_database_backend();
        if backend == DbBackend::Postgres && articles >= MANY {
            let tables = "ANALYZE article, article_region, search_document";
            self.write.execute_unprepared(tables).await?;
        }
        if backend == DbBackend::Sqlite {
            let settle = "PRAGMA wal_checkpoint(PASSIVE); PRAGMA synchronous = FULL; \
                          PRAGMA wal_autocheckpoint = 4000";
            self.write.execute_unprepared(settle).await?;
        }
        Ok(())
    }

    /// Closes the connections; the SQLite file is whole by itself then, also while other
    /// processes have it open.
    pub async fn close(&self) -> Result<(), Error> {
        if self.file.is_some() {
            self.write.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        self.read.close_by_ref().await?;
        self.search.close_by_ref().await?;
        self.log.close_by_ref().await?;
        Ok(self.write.close_by_ref().await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.read.ping().await?)
    }
}

impl Txn {
    /// Whether this transaction is the only one that folds or removes old views:
    /// another instance may be at it.
    pub async fn alone(&self) -> Result<bool, Error> {
        if self.db.get_database_backend() != DbBackend::Postgres {
            return Ok(true);
        }
        let sql = format!("SELECT pg_try_advisory_xact_lock({LOCK_KEEP})");
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.db.query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false))
    }

    /// Writes the buffered events as the last statement and commits.
    ///
    /// On PostgreSQL a lock makes the order of event ids the order of commits,
    /// so that a follower who has seen an id has seen all before it.
    pub async fn commit(self) -> Result<(), Error> {
        let events = self.events.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !events.is_empty() {
            lock(&self.db, LOCK_EVENTS).await?;
            let unseen = sea_orm::sea_query::OnConflict::column(entity::event::Column::Once)
                .do_nothing()
                .to_owned();
            for batch in events.chunks(500) {
                entity::event::Entity::insert_many(batch.to_vec())
                    .on_conflict(unseen.clone())
                    .try_insert()
                    .exec_without_returning(&self.db)
                    .await?;
            }
        }
        self.db.commit().await?;
        self.recorded.fetch_add(u64::from(!events.is_empty()), Ordering::SeqCst);
        Ok(())
    }
}

/// Begins a transaction to the end, also when nobody waits for it any more: one that is
/// begun by half would stay open on a connection that others get.
async fn begun(
    db: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, Error> {
    let db = db.clone();
    let begun = tokio::spawn(async move { db.begin_with_options(options).await });
    let ended = |error| Error::Internal(format!("beginning a transaction: {error}"));
    Ok(begun.await.map_err(ended)??)
}

async fn lock(txn: &DatabaseTransaction, number: i64) -> Result<(), Error> {
    if txn.get_database_backend() == DbBackend::Postgres {
        txn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({number})")).await?;
    }
    Ok(())
}

/// Whether both databases can hold the text. PostgreSQL refuses NUL, also in
/// what is only compared.
pub fn can_hold(text: &str) -> bool {
    !text.contains('\0')
}
