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

use super::fold;
use super::log;
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
    // As of one moment: no batch may come between the batches and the hours.
    let txn = db.begin_steady().await?;
    if !txn.alone().await? {
        let message = "Another instance folds views at this moment. Try again.";
        return Err(Error::Unavailable(message.into()));
    }
    let mut views: HashMap<(i32, Uuid), i64> = HashMap::new();
    for writer in log::writers(&txn.db).await? {
        let mut seq = writer.folded;
        loop {
            let batches = log::after(&txn.db, writer.id, seq).await?;
            let Some(last) = batches.last() else { break };
            seq = last.seq;
            // They are added when they are folded.
            for view in batches.iter().flat_map(|batch| &batch.views) {
                *views.entry((zone::hour(view.at), view.article)).or_default() -= 1;
            }
        }
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
    for (hour, article, counted) in rows {
        *views.entry((hour, article)).or_default() += counted;
    }
    let mut scores: HashMap<Uuid, [f64; 2]> = HashMap::new();
    for ((hour, article), counted) in views {
        let of_hour = HALF_LIVES.map(|half_life| score::of_many(hour, counted, half_life));
        let sum = scores.entry(article).or_insert([f64::NEG_INFINITY; 2]);
        *sum = fold::add(*sum, of_hour);
    }
    scores.retain(|_, score| score[0].is_finite());
    view_hot::Entity::delete_many().exec(&txn.db).await?;
    let scores: Vec<(Uuid, [f64; 2])> = scores.into_iter().collect();
    for part in scores.chunks(500) {
        fold::set_scores(&txn, part.iter().copied()).await?;
    }
    event::record(&txn, Kind::ViewsRebuilt, None, json!({}), now);
    txn.commit().await?;
    Ok(scores.len())
}
