//! Channels and pages of an import.

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
use uuid::Uuid;

use super::batch::Prepared;
use super::record::ChannelRecord;
use super::record::PageRecord;
use crate::channel;
use crate::db::Txn;
use crate::error::Error;
use crate::hash::sha256;

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
