//! Makes hot scores anew from the hours.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::view_hot;
use entity::view_hour;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use serde_json::json;
use uuid::Uuid;

use super::fold_scores;
use super::score;
use super::score::HALF_LIVES;
use super::zone;
use crate::db::Db;
use crate::error::Error;
use crate::event;
use crate::event::Kind;

/// What is older than this is worth less than a millionth of a view.
const HOURS: i32 = 96;

/// Replaces all hot scores; how many articles have one now.
pub async fn run(db: &Db, now: DateTime<Utc>) -> Result<usize, Error> {
    let txn = db.begin().await?;
    if !txn.alone().await? {
        let message = "Another instance folds views at this moment. Try again.";
        return Err(Error::Unavailable(message.into()));
    }
    let oldest = zone::hour(now.timestamp_millis()) - HOURS;
    let rows: Vec<(i32, Uuid, i64)> = view_hour::Entity::find()
        .select_only()
        .columns([
            view_hour::Column::Hour,
            view_hour::Column::ArticleId,
            view_hour::Column::Counted,
        ])
        .filter(view_hour::Column::Hour.gt(oldest))
        .into_tuple()
        .all(&txn.db)
        .await?;
    let mut scores: HashMap<Uuid, [f64; 2]> = HashMap::new();
    for (hour, article, counted) in rows {
        let of_hour = HALF_LIVES.map(|half_life| score::of_many(hour, counted, half_life));
        let sum = scores.entry(article).or_insert([f64::NEG_INFINITY; 2]);
        *sum = fold_scores::add(*sum, of_hour);
    }
    scores.retain(|_, score| score[0].is_finite());
    view_hot::Entity::delete_many().exec(&txn.db).await?;
    let scores: Vec<(Uuid, [f64; 2])> = scores.into_iter().collect();
    for part in scores.chunks(500) {
        fold_scores::set(&txn, part.iter().copied()).await?;
    }
    event::record(&txn, Kind::ViewsRebuilt, None, json!({}), now);
    txn.commit().await?;
    Ok(scores.len())
}
