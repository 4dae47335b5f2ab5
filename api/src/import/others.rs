//! Channels, regions and pages of an import.

use std::collections::HashMap;
use std::collections::HashSet;

use chrono::DateTime;
use chrono::Utc;
use entity::import_page;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use sea_orm::sea_query::OnConflict;
use serde_json::json;
use uuid::Uuid;

use super::batch::Prepared;
use super::record::ChannelRecord;
use super::record::PageRecord;
use super::record::RegionRecord;
use crate::channel;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::hash::sha256;
use crate::region;
use crate::region::Kind;
use crate::region::Level;
use crate::region::Tree;

/// Creates the channel, or gives the one of that slug the name. True if
/// anything changed.
pub async fn channel(txn: &Txn, record: &ChannelRecord, now: DateTime<Utc>) -> Result<bool, Error> {
    match channel::by_slug(&txn.db, &record.slug).await? {
        Some(known) if known.name == record.name => Ok(false),
        Some(known) => {
            channel::update(txn, known.id, None, Some(record.name.clone()), now).await?;
            Ok(true)
        }
        None => {
            channel::create(txn, &record.slug, &record.name, now).await?;
            Ok(true)
        }
    }
}

/// Adds or changes a region outside the compiled-in directory. True if
/// anything changed.
pub async fn region(
    txn: &Txn,
    record: &RegionRecord,
    compiled_in: &Tree,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let tree = region::read(&txn.db).await?;
    let invalid = |field: &str, message: &str| Err(Error::invalid(field, Reason::Invalid, message));
    if compiled_in.get(&record.code).is_some() {
        return invalid("code", "The region's code belongs to the built-in directory.");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if record.code.is_empty() || record.code.len() > 32 || !record.code.chars().all(plain) {
        return invalid("code", "`code` must be 1 to 32 ASCII letters, digits or -.");
    }
    if record.name.is_empty() || record.name.chars().any(char::is_control) {
        return invalid("name", "`name` must be one line and not empty.");
    }
    if Level::from_name(&record.level).is_none() {
        return invalid("level", "`level` must be province, prefecture or county.");
    }
    let kind = Kind::from_name(&record.region_type);
    if kind.is_none_or(|kind| kind == Kind::Group) {
        return invalid("regionType", "`regionType` is not a type of the directory.");
    }
    let segment = |part: &str| !part.is_empty() && part.chars().all(plain);
    if !record.path.as_deref().is_some_and(|path| path.split('/').all(segment)) {
        return invalid("path", "`path` must be segments of ASCII letters, digits or - with /.");
    }
    if let Some(parent) = &record.parent {
        let above = tree.get(parent);
        if above.is_none() {
            return invalid("parent", "There is no region with the code of `parent`.");
        }
        let ring = tree.ancestors(parent).iter().any(|above| above.code == record.code);
        if ring || *parent == record.code {
            return invalid("parent", "A region cannot lie below itself.");
        }
    }
    let same_path = entity::region::Column::Path.eq(record.path.clone());
    let others = entity::region::Entity::find().filter(same_path).one(&txn.db).await?;
    if others.is_some_and(|other| other.code != record.code) {
        return invalid("path", "`path` belongs to another region.");
    }
    let row = entity::region::Model {
        code: record.code.clone(),
        name: record.name.clone(),
        level: record.level.clone(),
        kind: record.region_type.clone(),
        parent: record.parent.clone(),
        path: record.path.clone(),
    };
    if entity::region::Entity::find_by_id(&record.code).one(&txn.db).await?.as_ref() == Some(&row) {
        return Ok(false);
    }
    use entity::region::Column;
    let update = OnConflict::column(Column::Code)
        .update_columns([Column::Name, Column::Level, Column::Kind, Column::Parent, Column::Path])
        .to_owned();
    entity::region::Entity::insert(row.into_active_model())
        .on_conflict(update)
        .exec_without_returning(&txn.db)
        .await?;
    let data = json!({ "code": record.code });
    event::record(txn, event::Kind::RegionsChanged, None, data, now);
    Ok(true)
}

/// The pages that articles name and that are kept here already.
pub async fn known_pages(txn: &Txn, articles: &[Prepared]) -> Result<HashMap<Uuid, Uuid>, Error> {
    let named: HashSet<Uuid> =
        articles.iter().filter_map(|prepared| prepared.record.page).collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<Uuid> = import_page::Entity::find()
        .select_only()
        .column(import_page::Column::Id)
        .filter(import_page::Column::Id.is_in(named))
        .into_tuple()
        .all(&txn.db)
        .await?;
    Ok(found.into_iter().map(|id| (id, id)).collect())
}

/// Keeps a page as it came, once; the id under which it is kept.
pub async fn page(txn: &Txn, record: &PageRecord) -> Result<Uuid, Error> {
    let hash = sha256(&record.raw);
    let known: Option<Uuid> = import_page::Entity::find()
        .select_only()
        .column(import_page::Column::Id)
        .filter(import_page::Column::Hash.eq(&hash))
        .into_tuple()
        .one(&txn.db)
        .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let row = import_page::Model {
        id: record.id,
        hash,
        site: record.site.clone(),
        site_column: record.column.clone(),
        raw: record.raw.clone(),
        recommended: serde_json::to_value(&record.recommended)?,
        imported_at: record.imported_at,
    };
    import_page::Entity::insert(row.into_active_model()).exec_without_returning(&txn.db).await?;
    Ok(record.id)
}
