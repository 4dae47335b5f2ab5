//! Folds views into hot scores.

use std::collections::BTreeMap;

use entity::view_hot;
use entity::view_hot::Column;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::batch::Display;
use super::score;
use crate::db::Txn;
use crate::error::Error;

/// Adds views to the scores of their articles.
pub async fn add_views(txn: &Txn, views: &[&Display]) -> Result<(), Error> {
    let mut scores: BTreeMap<Uuid, [f64; 2]> = BTreeMap::new();
    for view in views {
        let score = scores.entry(view.article).or_insert([f64::NEG_INFINITY; 2]);
        *score = add(*score, of(view.at));
    }
    let scores: Vec<_> = scores.into_iter().collect();
    for part in scores.chunks(500) {
        let ids = Column::ArticleId.is_in(part.iter().map(|(id, _)| *id));
        let stored = view_hot::Entity::find().filter(ids).all(&txn.db).await?;
        let stored: BTreeMap<Uuid, [f64; 2]> =
            stored.into_iter().map(|row| (row.article_id, [row.fast, row.slow])).collect();
        let sum = |(id, new): &(Uuid, [f64; 2])| {
            (*id, stored.get(id).map_or(*new, |stored| add(*stored, *new)))
        };
        set(txn, part.iter().map(sum)).await?;
    }
    Ok(())
}

/// Replaces the scores of some articles.
pub async fn set(txn: &Txn, scores: impl Iterator<Item = (Uuid, [f64; 2])>) -> Result<(), Error> {
    let rows: Vec<_> = scores
        .map(|(article_id, [fast, slow])| {
            view_hot::Model { article_id, fast, slow }.into_active_model()
        })
        .collect();
    let replace = OnConflict::column(Column::ArticleId)
        .update_columns([Column::Fast, Column::Slow])
        .to_owned();
    if !rows.is_empty() {
        view_hot::Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(&txn.db)
            .await?;
    }
    Ok(())
}

/// The scores of one view, one for each half-life.
pub fn of(at: i64) -> [f64; 2] {
    score::HALF_LIVES.map(|half_life| score::of(at, half_life))
}

/// Adds scores of each half-life.
pub fn add(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [score::add(a[0], b[0]), score::add(a[1], b[1])]
}
