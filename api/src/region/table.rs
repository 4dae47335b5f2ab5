//! The directory's table: its editions, and the switch from one to the next.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use entity::region;
use entity::setting;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::LockType;
use sea_orm::sea_query::OnConflict;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::Division;
use super::Kind;
use super::Level;
use super::Origin;
use super::Tree;
use super::file;
use super::plan::Change;
use crate::db::Txn;
use crate::error::Error;
use crate::event;

const EDITION: &str = "region_edition";
const PENDING: &str = "region_pending";

/// An edition that is staged: articles are being filed under it, and nobody
/// reads it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its number.
    pub edition: i64,
    /// Articles up to this one are filed.
    pub after: Uuid,
    /// Changes of articles up to this event are caught up with.
    pub event: i64,
}

/// The number of the edition that is read, 0 before the first.
pub async fn edition(db: &impl ConnectionTrait) -> Result<i64, Error> {
    number(setting::Entity::find_by_id(EDITION).one(db).await?)
}

/// Waits for writers of articles, and keeps new ones waiting until the
/// transaction ends.
pub async fn lock(txn: &Txn) -> Result<i64, Error> {
    number(setting::Entity::find_by_id(EDITION).lock_exclusive().one(&txn.db).await?)
}

/// The directory under which a transaction may file articles: `tree`, or what
/// follows it if another instance was switched meanwhile. No switch happens
/// before the transaction ends.
pub async fn current(txn: &Txn, tree: Arc<Tree>) -> Result<Arc<Tree>, Error> {
    let row = setting::Entity::find_by_id(EDITION).lock(LockType::Share).one(&txn.db).await?;
    let edition = number(row)?;
    if edition == tree.edition() {
        return Ok(tree);
    }
    Ok(Arc::new(read_at(&txn.db, edition).await?))
}

fn number(row: Option<setting::Model>) -> Result<i64, Error> {
    let Some(row) = row else { return Ok(0) };
    row.value.parse().map_err(|_| Error::Internal(format!("setting {EDITION}: {}", row.value)))
}

/// The edition that is read.
pub async fn read(db: &impl ConnectionTrait) -> Result<Tree, Error> {
    read_at(db, edition(db).await?).await
}

/// An edition. Rows of earlier ones tell what regions were called and where
/// they stood before.
pub async fn read_at(db: &impl ConnectionTrait, edition: i64) -> Result<Tree, Error> {
    use region::Column;
    let rows = region::Entity::find()
        .filter(Column::EditionFrom.lte(edition))
        .order_by_asc(Column::Code)
        .order_by_asc(Column::EditionFrom)
        .all(db)
        .await?;
    let (mut today, mut before) = (Vec::new(), Vec::new());
    for row in rows {
        let past = row.edition_until.is_some_and(|until| until <= edition);
        if past { &mut before } else { &mut today }.push(Arc::new(division(row)?));
    }
    let known: HashSet<&str> = today.iter().map(|row| row.code.as_str()).collect();
    let history = file::history().iter().filter(|row| !known.contains(row.code.as_str()));
    let history: Vec<_> = history.cloned().collect();
    today.extend(history);
    today.sort_by(|a, b| a.code.cmp(&b.code));
    let mut tree = Tree::new(edition, today);
    before.iter().for_each(|row| tree.remember(row));
    Ok(tree)
}

/// The edition that is staged, if one is.
pub async fn pending(db: &impl ConnectionTrait) -> Result<Option<Pending>, Error> {
    let row = setting::Entity::find_by_id(PENDING).one(db).await?;
    Ok(row.map(|row| serde_json::from_str(&row.value)).transpose()?)
}

/// Notes how far the filing is.
pub async fn save_pending(txn: &Txn, pending: &Pending) -> Result<(), Error> {
    set(txn, PENDING, serde_json::to_string(pending)?).await
}

/// Writes the next edition beside `today`, which must be the one that is read.
/// Only one can be staged.
pub async fn stage(txn: &Txn, today: i64, changes: Vec<Change>) -> Result<(), Error> {
    use region::Column;
    if lock(txn).await? != today || pending(&txn.db).await?.is_some() {
        return Err(Error::Unavailable(
            "Another change of the region directory is being carried out: try again later.".into(),
        ));
    }
    let edition = today + 1;
    let known = changes.iter().filter(|change| change.before.is_some());
    let codes: Vec<&String> = known.map(|change| &change.after.code).collect();
    for part in codes.chunks(1000) {
        region::Entity::update_many()
            .set(region::ActiveModel { edition_until: Set(Some(edition)), ..Default::default() })
            .filter(Column::Code.is_in(part.iter().copied()))
            .filter(Column::EditionFrom.lte(today).and(Column::EditionUntil.is_null()))
            .exec(&txn.db)
            .await?;
    }
    for part in changes.chunks(500) {
        let rows = part.iter().map(|change| row(&change.after, edition).into_active_model());
        region::Entity::insert_many(rows).exec_without_returning(&txn.db).await?;
    }
    let event = event::newest(&txn.db).await?;
    save_pending(txn, &Pending { edition, after: Uuid::nil(), event }).await
}

/// From the commit of this transaction on, the staged edition is the one that
/// is read.
pub async fn switch(txn: &Txn, pending: &Pending, now: DateTime<Utc>) -> Result<(), Error> {
    set(txn, EDITION, pending.edition.to_string()).await?;
    setting::Entity::delete_by_id(PENDING).exec(&txn.db).await?;
    let data = json!({ "edition": pending.edition });
    event::record(txn, event::Kind::RegionsChanged, None, data, now);
    Ok(())
}

/// Writes a setting.
pub async fn set(txn: &Txn, name: &str, value: String) -> Result<(), Error> {
    let row = setting::ActiveModel { name: Set(name.into()), value: Set(value) };
    let replace =
        OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row).on_conflict(replace).exec_without_returning(&txn.db).await?;
    Ok(())
}

fn row(division: &Division, edition_from: i64) -> region::Model {
    let division = division.clone();
    region::Model {
        edition_from,
        edition_until: None,
        former_names: division.former_names.join("|"),
        level: division.level.as_str().into(),
        kind: division.kind.as_str().into(),
        origin: division.origin.as_str().into(),
        code: division.code,
        name: division.name,
        short_name: division.short_name,
        parent: division.parent,
        path: division.path,
        pinyin: division.pinyin,
        iso: division.iso,
        since: division.since,
        until: division.until,
        successor: division.successor,
        source: division.source,
    }
}

fn division(row: region::Model) -> Result<Division, Error> {
    let unknown = |what: &str| Error::Internal(format!("region {}: unknown {what}", row.code));
    let names = row.former_names.split('|').filter(|name| !name.is_empty());
    Ok(Division {
        level: Level::from_name(&row.level).ok_or_else(|| unknown("level"))?,
        kind: Kind::from_name(&row.kind).ok_or_else(|| unknown("type"))?,
        origin: Origin::from_name(&row.origin).ok_or_else(|| unknown("origin"))?,
        former_names: names.map(str::to_owned).collect(),
        code: row.code,
        name: row.name,
        short_name: row.short_name,
        parent: row.parent,
        path: row.path,
        pinyin: row.pinyin,
        iso: row.iso,
        since: row.since,
        until: row.until,
        successor: row.successor,
        source: row.source,
    })
}
