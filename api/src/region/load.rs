//! Bringing the compiled-in directory, or a file, into the table.

use entity::setting;
use sea_orm::EntityTrait;

use super::file;
use super::plan;
use super::table;
use crate::db::Db;
use crate::error::Error;

const VERSION: &str = "region_directory_version";

/// Stages the compiled-in directory unless the table has this version or a
/// later one. True if there is something to be carried out.
pub async fn builtin(db: &Db) -> Result<bool, Error> {
    if table::pending(&db.read).await?.is_some() {
        return Ok(true);
    }
    if version(&db.read).await? >= file::VERSION {
        return Ok(false);
    }
    let txn = db.begin_setup().await?;
    // Another instance may have been faster.
    if table::pending(&txn.db).await?.is_some() {
        return Ok(true);
    }
    if version(&txn.db).await? >= file::VERSION {
        return Ok(false);
    }
    let tree = table::read(&txn.db).await?;
    let changes = plan::spare_own(plan::plan(&tree, file::builtin()?));
    if !changes.is_empty() {
        table::stage(&txn, tree.edition(), changes).await?;
    }
    table::set(&txn, VERSION, file::VERSION.to_string()).await?;
    txn.commit().await?;
    Ok(true)
}

async fn version(db: &impl sea_orm::ConnectionTrait) -> Result<u32, Error> {
    let row = setting::Entity::find_by_id(VERSION).one(db).await?;
    Ok(row.and_then(|row| row.value.parse().ok()).unwrap_or(0))
}
