//! A database for each test: a copy of one migrated template.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Weak;

use redian::app::App;
use redian::clock::Clock;
use redian::config::Cli;
use redian::config::Config;
use sea_orm::ConnectionTrait;
use sea_orm::Database;
use tokio::sync::Mutex;
use uuid::Uuid;

/// The variable that names a PostgreSQL server; without it tests use SQLite.
const SERVER: &str = "REDIAN_TEST_DATABASE_URL";

/// A database of its own, gone when dropped.
pub struct TestDatabase {
    /// What to pass as `--database-url`.
    pub url: String,
    kept: Kept,
    /// Gone with the last of its copies.
    _template: Option<Arc<TestDatabase>>,
}

enum Kept {
    Borrowed,
    Files(PathBuf),
    Database { server: String, name: String },
}

impl TestDatabase {
    /// The same database, for somebody who does not outlive its owner.
    pub fn borrowed(&self) -> Self {
        Self { url: self.url.clone(), kept: Kept::Borrowed, _template: None }
    }
}

/// The settings of a test.
pub fn config(url: &str) -> Config {
    use clap::Parser;
    let arguments = ["redian", "--database-url", url, "--site-name", "测试站", "schema"];
    Cli::try_parse_from(arguments).unwrap().config
}

/// Whether this run is on PostgreSQL.
pub fn on_postgres() -> bool {
    server().is_some()
}

/// A migrated database with the region directory.
pub async fn migrated() -> TestDatabase {
    // PostgreSQL copies a template only while nobody else uses it.
    static TEMPLATE: Mutex<Weak<TestDatabase>> = Mutex::const_new(Weak::new());
    let mut known = TEMPLATE.lock().await;
    let template = match known.upgrade() {
        Some(template) => template,
        None => Arc::new(new_template().await),
    };
    *known = Arc::downgrade(&template);
    let mut copy = match &template.kept {
        Kept::Files(folder) => {
            let copy = files();
            std::fs::copy(folder.join("redian.db"), copy.join("redian.db")).unwrap();
            in_folder(copy)
        }
        Kept::Database { server, name } => create(server, &format!("TEMPLATE \"{name}\"")).await,
        Kept::Borrowed => unreachable!("a template is nobody else's"),
    };
    copy._template = Some(template);
    copy
}

async fn new_template() -> TestDatabase {
    let database = empty().await;
    let app = App::open(config(&database.url), Clock::default()).await.unwrap();
    app.db.close().await.unwrap();
    database
}

/// A database without tables.
pub async fn empty() -> TestDatabase {
    match server() {
        Some(server) => create(&server, "").await,
        None => in_folder(files()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the run decides on which database it is")]
fn server() -> Option<String> {
    std::env::var(SERVER).ok().filter(|url| !url.is_empty())
}

fn name() -> String {
    format!("redian_test_{}", redian::clock::new_id().simple())
}

fn files() -> PathBuf {
    let folder = std::env::temp_dir().join(name());
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn in_folder(folder: PathBuf) -> TestDatabase {
    let url = format!("sqlite://{}", folder.join("redian.db").display());
    TestDatabase { url, kept: Kept::Files(folder), _template: None }
}

async fn create(server: &str, options: &str) -> TestDatabase {
    let name = name();
    execute(server, &format!("CREATE DATABASE \"{name}\" {options}")).await;
    let (base, _) = server.rsplit_once('/').unwrap();
    let kept = Kept::Database { server: server.to_owned(), name: name.clone() };
    TestDatabase { url: format!("{base}/{name}"), kept, _template: None }
}

async fn execute(server: &str, sql: &str) {
    let connection = Database::connect(server).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.kept {
            Kept::Borrowed => {}
            Kept::Files(folder) => drop(std::fs::remove_dir_all(folder)),
            Kept::Database { server, name } => {
                let drop_it = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                let server = server.clone();
                let thread = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Runtime::new().unwrap();
                    runtime.block_on(execute(&server, &drop_it));
                });
                // A test that failed already shall not abort the run here.
                drop(thread.join());
            }
        }
    }
}

/// A UUID that nobody has.
pub fn nobody() -> Uuid {
    redian::clock::new_id()
}
