//! Opens connections to SQLite files and to PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::Database;
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::sqlite::SqliteJournalMode;
use sea_orm::sqlx::sqlite::SqliteSynchronous;

use crate::error::Error;

/// The file that a URL of SQLite names.
pub fn sqlite_file(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))
}

/// The file of the log of views beside the other one.
pub fn log_file(file: &str) -> String {
    format!("{file}-views")
}

/// Opens an SQLite file, with pages of so many bytes if it is new.
pub async fn sqlite(
    file: &str,
    connections: u32,
    read_only: bool,
    page: u32,
) -> Result<DatabaseConnection, Error> {
    let file = file.to_owned();
    let mut options = ConnectOptions::new("sqlite::memory:");
    options
        .min_connections(connections)
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts({
            let file = file.clone();
            move |options| {
                options
                    .filename(&file)
                    .in_memory(false)
                    .shared_cache(false)
                    .create_if_missing(!read_only)
                    .read_only(read_only)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(20))
                    .page_size(page)
                    // Rows come from another thread: fewer of them wake this one.
                    .row_buffer_size(1000)
                    .pragma("wal_autocheckpoint", "4000")
                    .pragma("cache_size", "-32000")
                    // What a statement of many rows needs to undo itself.
                    .pragma("temp_store", "MEMORY")
                    .pragma("mmap_size", "1000000000")
            }
        });
    let mut tries = 1;
    let opened = loop {
        match Database::connect(options.clone()).await {
            // Another process may be making the file at this moment.
            Err(error) if tries < 20 && !error.to_string().contains("is not a database") => {
                tracing::debug!(%error, "SQLite does not open the file yet");
                tries += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            opened => break opened,
        }
    };
    opened.map_err(|error| {
        tracing::debug!(%error, "SQLite does not open the file");
        Error::Unavailable(format!(
            "The SQLite file {file} cannot be opened: check that its folder exists, that you may \
             write there and that it is a SQLite database."
        ))
    })
}

/// Opens a pool of connections to PostgreSQL.
pub async fn postgres(url: &str) -> Result<DatabaseConnection, Error> {
    connected(ConnectOptions::new(url)).await
}

/// The same for questions to the index of search, a few at once so that others are not held up.
/// Each is planned for its words: what suits any words reads all articles for those that none has.
/// Of all but the thousand most frequent words the planner only knows that they are no such, and
/// goes through the articles in the order of time to meet one, thousands where it is seldom. But
/// to look at the words of an article takes about 10 µs, and the index tells all that have one
/// in a few ms: so the one costs as much here as it takes, and the other less.
pub async fn postgres_search(url: &str) -> Result<DatabaseConnection, Error> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(4).map_sqlx_postgres_opts(|options| {
        options.options([
            ("plan_cache_mode", "force_custom_plan"),
            ("cpu_operator_cost", "0.5"),
            ("random_page_cost", "1.1"),
        ])
    });
    connected(options).await
}

async fn connected(mut options: ConnectOptions) -> Result<DatabaseConnection, Error> {
    if options.get_max_connections().is_none() {
        options.max_connections(10);
    }
    options
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire_if_idle_for(Duration::from_secs(10))
        .sqlx_logging(false);
    Database::connect(options).await.map_err(|error| {
        tracing::debug!(%error, "PostgreSQL does not answer");
        Error::Unavailable(
            "PostgreSQL cannot be reached: check host, port, user, password and database of the \
             database URL, and that the server runs."
                .into(),
        )
    })
}

/// The same, with its statements counted.
pub fn counted(
    mut connection: DatabaseConnection,
    statements: &Arc<AtomicU64>,
) -> DatabaseConnection {
    let statements = statements.clone();
    connection.set_metric_callback(move |_| {
        statements.fetch_add(1, Ordering::Relaxed);
    });
    connection
}
