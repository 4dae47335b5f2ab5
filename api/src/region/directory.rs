//! The directory's file and table.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::region;
use entity::setting;
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryOrder;
use sea_orm::sea_query::OnConflict;
use serde_json::json;

use super::Division;
use super::Kind;
use super::Level;
use super::Tree;
use crate::db::Db;
use crate::error::Error;
use crate::event;

/// The base of the directory; its origin is described beside it.
const FILE: &str = include_str!("../../data/regions.csv");
/// Rises when the file changes. A database of a higher one is left alone.
const VERSION: u32 = 1;
const SETTING: &str = "region_directory_version";

/// Loads the compiled-in directory into the table unless the table has this
/// version or a later one. Rows are added and changed, never removed.
pub async fn load(db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
    let txn = db.begin_setup().await?;
    let loaded = setting::Entity::find_by_id(SETTING).one(&txn.db).await?;
    let loaded = loaded.and_then(|row| row.value.parse::<u32>().ok()).unwrap_or(0);
    if loaded >= VERSION {
        return Ok(());
    }
    let rows = rows(FILE)?;
    let update = OnConflict::column(region::Column::Code)
        .update_columns([
            region::Column::Name,
            region::Column::Level,
            region::Column::Kind,
            region::Column::Parent,
            region::Column::Path,
        ])
        .to_owned();
    for batch in rows.chunks(500) {
        let batch = batch.iter().cloned().map(IntoActiveModel::into_active_model);
        region::Entity::insert_many(batch)
            .on_conflict(update.clone())
            .exec_without_returning(&txn.db)
            .await?;
    }
    let version =
        setting::ActiveModel { name: Set(SETTING.into()), value: Set(VERSION.to_string()) };
    let replace =
        OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(version).on_conflict(replace).exec_without_returning(&txn.db).await?;
    event::record(&txn, event::Kind::RegionsChanged, None, json!({ "version": VERSION }), now);
    txn.commit().await
}

/// Reads the table into a tree.
pub async fn read(db: &impl ConnectionTrait) -> Result<Tree, Error> {
    let rows = region::Entity::find().order_by_asc(region::Column::Code).all(db).await?;
    rows.into_iter().map(division).collect::<Result<Vec<_>, _>>().map(Tree::new)
}

/// The compiled-in directory as a tree, for work without a database.
pub(super) fn compiled_in() -> Result<Tree, Error> {
    rows(FILE)?.into_iter().map(division).collect::<Result<Vec<_>, _>>().map(Tree::new)
}

fn rows(file: &str) -> Result<Vec<region::Model>, Error> {
    let mut rows = Vec::new();
    for record in csv::Reader::from_reader(file.as_bytes()).deserialize() {
        let mut record: HashMap<String, String> =
            record.map_err(|error| Error::Internal(format!("regions.csv: {error}")))?;
        let mut field = |name: &str| record.remove(name).unwrap_or_default();
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        rows.push(region::Model {
            code: field("code"),
            name: field("name"),
            level: field("level"),
            kind: field("type"),
            parent: some(field("parent")),
            path: some(field("path")),
        });
    }
    Ok(rows)
}

fn division(row: region::Model) -> Result<Division, Error> {
    let unknown = |what: &str| Error::Internal(format!("region {}: unknown {what}", row.code));
    let level = Level::from_name(&row.level).ok_or_else(|| unknown("level"))?;
    let kind = Kind::from_name(&row.kind).ok_or_else(|| unknown("type"))?;
    let region::Model { code, name, parent, path, .. } = row;
    Ok(Division { code, name, level, kind, parent, path })
}
