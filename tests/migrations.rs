//! The schema, step by step.

use migration::Migrator;
use migration::MigratorTrait;
use redian::app::App;
use redian::clock::Clock;
use redian::db::Db;
use sea_orm::ConnectionTrait;
use sea_orm::Statement;

use crate::helpers::database;

/// Every column of every table, sorted.
async fn columns(db: &Db) -> Vec<String> {
    let backend = db.read.get_database_backend();
    let sql = if database::on_postgres() {
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
         FROM information_schema.columns WHERE table_schema = 'public'"
    } else {
        "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\"
         FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    };
    let rows = db.read.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let mut columns: Vec<String> =
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    columns.sort();
    columns
}

#[tokio::test]
async fn a_fresh_schema_is_the_same_as_all_steps_one_by_one() {
    let (fresh, stepped) = (database::empty().await, database::empty().await);
    let (fresh, stepped) =
        (Db::connect(&fresh.url).await.unwrap(), Db::connect(&stepped.url).await.unwrap());
    fresh.migrate().await.unwrap();
    for _ in Migrator::get_migration_files() {
        let txn = stepped.begin().await.unwrap();
        Migrator::up(&txn.db, Some(1)).await.unwrap();
        txn.commit().await.unwrap();
    }
    let columns = columns(&fresh).await;
    assert!(columns.len() > 60, "{columns:?}");
    assert_eq!(columns, self::columns(&stepped).await);
}

#[tokio::test]
async fn several_instances_starting_at_once_migrate_and_load_once() {
    let database = database::empty().await;
    let open = || App::open(database::config(&database.url), Clock::default());
    let apps = tokio::join!(open(), open(), open(), open());
    for app in [apps.0, apps.1, apps.2, apps.3] {
        let app = app.unwrap();
        assert_eq!(app.tree().len(), 3347);
        let events = redian::event::after(&app.db.read, 0).await.unwrap();
        let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["regions.changed"]);
    }
}

#[tokio::test]
async fn a_schema_newer_than_the_binary_is_refused() {
    let database = database::migrated().await;
    let db = Db::connect(&database.url).await.unwrap();
    let txn = db.begin().await.unwrap();
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 1)";
    txn.db.execute_unprepared(newer).await.unwrap();
    txn.commit().await.unwrap();
    let error = db.migrate().await.unwrap_err();
    assert!(error.to_string().contains("m9999_later"), "{error}");
}
