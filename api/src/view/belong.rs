//! On SQLite the log of views is a file of its own: whether it is the one of this
//! database, and not of one that was deleted or replaced.

use entity::setting;
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use sea_orm::EntityTrait;
use sea_orm::Statement;
use sea_orm::sea_query::OnConflict;

use crate::clock;
use crate::db::Db;
use crate::error::Error;

/// The setting that both have the value of.
const NAME: &str = "views_log";

/// Fails if the log is another database's. A new log becomes this one's.
pub async fn check(db: &Db) -> Result<(), Error> {
    if db.sqlite_files().is_none() {
        return Ok(());
    }
    let kept = setting::Entity::find_by_id(NAME).one(&db.read).await?.map(|row| row.value);
    let sql = "SELECT name FROM view_log_of";
    let row = db.log.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let found: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    match (kept, found) {
        (Some(kept), Some(found)) if kept == found => Ok(()),
        (_, Some(_)) => Err(Error::Unavailable(
            "The log of views, the file whose name ends in -views, belongs to another database: \
             restore the one that it came with, or move the log away to go on without its views."
                .into(),
        )),
        (Some(kept), None) => name_log(db, &kept).await,
        (None, None) => {
            let name = clock::new_id().to_string();
            let txn = db.begin().await?;
            let row = setting::ActiveModel { name: Set(NAME.into()), value: Set(name) };
            let keep = OnConflict::column(setting::Column::Name).do_nothing().to_owned();
            setting::Entity::insert(row).on_conflict(keep).exec_without_returning(&txn.db).await?;
            // Another process may have been faster.
            let kept = setting::Entity::find_by_id(NAME).one(&txn.db).await?;
            txn.commit().await?;
            name_log(db, &kept.map(|row| row.value).unwrap_or_default()).await
        }
    }
}

async fn name_log(db: &Db, name: &str) -> Result<(), Error> {
    let sql = "INSERT INTO view_log_of (name) SELECT ? \
               WHERE NOT EXISTS (SELECT 1 FROM view_log_of)";
    db.log
        .execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [name.into()]))
        .await?;
    Ok(())
}
