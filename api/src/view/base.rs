//! The imported base: views from before Redian counted.

use std::collections::HashMap;
use std::collections::HashSet;

use chrono::DateTime;
use chrono::Utc;
use entity::view_correction;
use entity::view_total;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::sea_query::OnConflict;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Views;
use super::totals::Totals;
use crate::clock;
use crate::db;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::event::Kind;

/// The totals of these articles in the database; absent means none.
pub async fn totals(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Totals>, Error> {
    let ids = view_total::Column::ArticleId.is_in(ids.iter().copied());
    let rows = view_total::Entity::find().filter(ids).all(db).await?;
    let total = |row: view_total::Model| {
        (row.article_id, Totals { counted: row.counted, imported: row.imported })
    };
    Ok(rows.into_iter().map(total).collect())
}

/// Keeps numbers that imports brought along. Each is a reading of a moment: a
/// larger one replaces a smaller one, nothing is added up, and what an editor
/// corrected stays. No article twice.
pub async fn observe(
    txn: &Txn,
    mut imported: Vec<(Uuid, i64)>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    // Sorted, so that two writers lock the rows in the same order.
    imported.sort();
    for batch in imported.chunks(1000) {
        let ids: Vec<Uuid> = batch.iter().map(|(id, _)| *id).collect();
        let stored = totals(&txn.db, &ids).await?;
        let corrected: HashSet<Uuid> = corrections(&txn.db, &ids)
            .await?
            .into_iter()
            .map(|correction| correction.article_id)
            .collect();
        let larger: Vec<(Uuid, i64)> = batch
            .iter()
            .filter(|(id, seen)| stored.get(id).is_none_or(|totals| totals.imported < *seen))
            .filter(|(id, _)| !corrected.contains(id))
            .copied()
            .collect();
        set(txn, &larger, now).await?;
    }
    Ok(())
}

/// Corrections of the base of these articles, the last first.
pub async fn corrections(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<view_correction::Model>, Error> {
    use view_correction::Column;
    let of_these = Column::ArticleId.is_in(ids.iter().copied());
    let found = view_correction::Entity::find().filter(of_these).order_by_desc(Column::Id);
    Ok(found.all(db).await?)
}

/// Replaces the base of an article; who, when and why is kept.
pub async fn correct(
    txn: &Txn,
    article: Uuid,
    imported: i64,
    token: Option<Uuid>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if imported < 0 {
        let message = "`imported` must be 0 or more.";
        return Err(Error::invalid("imported", Reason::Invalid, message));
    }
    let length = reason.trim().chars().count();
    if !(1..=500).contains(&length) || !db::can_hold(reason) {
        let message = "Say why in `reason`, in 1 to 500 characters.";
        return Err(Error::invalid("reason", Reason::Required, message));
    }
    let before = totals(&txn.db, &[article]).await?.get(&article).copied().unwrap_or_default();
    set(txn, &[(article, imported)], now).await?;
    let row = view_correction::Model {
        id: clock::new_id(),
        article_id: article,
        at: now,
        token_id: token,
        before: before.imported,
        after: imported,
        reason: reason.trim().to_owned(),
    };
    view_correction::Entity::insert(row.into_active_model())
        .exec_without_returning(&txn.db)
        .await?;
    Ok(())
}

async fn set(txn: &Txn, imported: &[(Uuid, i64)], now: DateTime<Utc>) -> Result<(), Error> {
    if imported.is_empty() {
        return Ok(());
    }
    let rows = imported.iter().map(|(article_id, imported)| {
        let row = view_total::Model { article_id: *article_id, counted: 0, imported: *imported };
        row.into_active_model()
    });
    let replace = OnConflict::column(view_total::Column::ArticleId)
        .update_column(view_total::Column::Imported)
        .to_owned();
    view_total::Entity::insert_many(rows)
        .on_conflict(replace)
        .exec_without_returning(&txn.db)
        .await?;
    let ids: Vec<Uuid> = imported.iter().map(|(id, _)| *id).collect();
    event::record(txn, Kind::ViewsImported, None, json!({ "articles": ids }), now);
    Ok(())
}

/// Brings memory up to what an event of [`Kind::ViewsImported`] tells of; the
/// articles.
pub async fn follow(db: &Db, views: &Views, data: &Value) -> Result<Vec<Uuid>, Error> {
    let ids = data["articles"].as_array().into_iter().flatten();
    let ids: Vec<Uuid> = ids.filter_map(|id| Uuid::try_parse(id.as_str()?).ok()).collect();
    let _turn = views.loading.lock().await;
    for part in ids.chunks(1000) {
        for (id, totals) in totals(&db.read, part).await? {
            views.totals.set_imported(id, totals.imported);
        }
    }
    views.changed.send_replace(());
    Ok(ids)
}
