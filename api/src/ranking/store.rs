//! Lists in the database: where other instances find those that one pages through.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::ranking_snapshot;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use uuid::Uuid;

use super::Sources;
use super::snapshot::KEPT;
use super::snapshot::Snapshot;
use crate::db::Db;
use crate::error::Error;

/// Stores a list.
pub async fn write(db: &Db, snapshot: &Snapshot) -> Result<(), Error> {
    let as_of = DateTime::from_timestamp_millis(snapshot.as_of).unwrap_or_default();
    let content = serde_json::to_string(snapshot)?;
    let row = ranking_snapshot::Model { id: snapshot.id, as_of, content };
    let txn = db.begin().await?;
    ranking_snapshot::Entity::insert(row.into_active_model())
        .exec_without_returning(&txn.db)
        .await?;
    txn.commit().await
}

/// The list of that id, if it is stored.
pub async fn read(db: &Db, id: Uuid) -> Result<Option<Snapshot>, Error> {
    let row = ranking_snapshot::Entity::find_by_id(id).one(&db.read).await?;
    Ok(row.map(|row| serde_json::from_str(&row.content)).transpose()?)
}

/// Removes lists that nobody may page through any more, in memory and in the
/// database.
pub async fn prune(sources: &Sources, now: DateTime<Utc>) -> Result<(), Error> {
    sources.rankings.lists.prune(now);
    let old = ranking_snapshot::Column::AsOf.lt(now - TimeDelta::milliseconds(KEPT));
    let some = ranking_snapshot::Entity::find().filter(old.clone());
    if some.one(&sources.db.read).await?.is_none() {
        return Ok(());
    }
    let txn = sources.db.begin().await?;
    ranking_snapshot::Entity::delete_many().filter(old).exec(&txn.db).await?;
    txn.commit().await
}
