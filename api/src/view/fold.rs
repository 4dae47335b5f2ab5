//! What is made of batches outside the transactions that acknowledge: visitors
//! of days, and hot scores. Each batch goes in once, for how far it went is
//! written in the same transaction.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;
use entity::view_batch;
use entity::view_hot;
use entity::view_visitors;
use entity::view_writer;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::batch::Counted;
use super::log;
use super::score;
use super::visitors::Visitors;
use super::zone;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;

/// So many views go into one transaction, but for the last batch's.
const MOST: usize = 5_000;
/// Followers find a batch for so long at least.
const KEPT: TimeDelta = TimeDelta::minutes(2);

/// Folds some batches and removes old ones; true if there may be more.
pub async fn run(db: &Db, zone: Tz, now: DateTime<Utc>) -> Result<bool, Error> {
    let mut waiting = false;
    for writer in log::writers(&db.read).await? {
        waiting |= log::last(&db.read, &writer).await? > writer.folded;
    }
    let old: Option<i64> = view_batch::Entity::find()
        .select_only()
        .column(view_batch::Column::Seq)
        .filter(view_batch::Column::At.lt(now - KEPT))
        .into_tuple()
        .one(&db.read)
        .await?;
    if !waiting && old.is_none() {
        return Ok(false);
    }
    let txn = db.begin().await?;
    if !txn.alone().await? {
        return Ok(false);
    }
    let mut views = Vec::new();
    for writer in log::writers(&txn.db).await?.into_iter().filter(|_| waiting) {
        let mut folded = writer.folded;
        for batch in log::after(&txn.db, writer.id, writer.folded).await? {
            if views.len() >= MOST {
                break;
            }
            folded = batch.seq;
            views.extend(batch.views);
        }
        if folded > writer.folded {
            note(&txn, writer.id, folded).await?;
        }
    }
    add_visitors(&txn, &views, zone).await?;
    add_scores(&txn, &views).await?;
    for writer in log::writers(&txn.db).await? {
        remove(&txn, &writer, now - KEPT).await?;
    }
    txn.commit().await?;
    Ok(views.len() >= MOST)
}

async fn note(txn: &Txn, writer: Uuid, folded: i64) -> Result<(), Error> {
    view_writer::Entity::update_many()
        .col_expr(view_writer::Column::Folded, Expr::value(folded))
        .filter(view_writer::Column::Id.eq(writer))
        .exec(&txn.db)
        .await?;
    Ok(())
}

async fn remove(
    txn: &Txn,
    writer: &view_writer::Model,
    before: DateTime<Utc>,
) -> Result<(), Error> {
    view_batch::Entity::delete_many()
        .filter(view_batch::Column::Writer.eq(writer.id))
        .filter(view_batch::Column::Seq.lte(writer.folded))
        .filter(view_batch::Column::At.lt(before))
        .exec(&txn.db)
        .await?;
    Ok(())
}

async fn add_visitors(txn: &Txn, views: &[Counted], zone: Tz) -> Result<(), Error> {
    use view_visitors::Column;
    let mut days: BTreeMap<i32, BTreeMap<Uuid, Vec<u64>>> = BTreeMap::new();
    for view in views {
        let articles = days.entry(zone::day(zone, view.at)).or_default();
        articles.entry(view.article).or_default().extend(view.visitor);
    }
    let replace = OnConflict::columns([Column::Day, Column::ArticleId])
        .update_column(Column::Sketch)
        .to_owned();
    for (day, articles) in days {
        let articles: Vec<_> = articles.into_iter().filter(|(_, new)| !new.is_empty()).collect();
        for part in articles.chunks(500) {
            let ids = part.iter().map(|(id, _)| *id);
            let stored = view_visitors::Entity::find()
                .filter(Column::Day.eq(day))
                .filter(Column::ArticleId.is_in(ids));
            let mut stored: BTreeMap<Uuid, Vec<u8>> = stored
                .all(&txn.db)
                .await?
                .into_iter()
                .map(|row| (row.article_id, row.sketch))
                .collect();
            let mut rows = Vec::new();
            for (article_id, new) in part {
                let mut visitors = match stored.remove(article_id) {
                    Some(bytes) => Visitors::decode(&bytes)?,
                    None => Visitors::default(),
                };
                new.iter().try_for_each(|visitor| visitors.add(*visitor))?;
                let (article_id, sketch) = (*article_id, visitors.encode());
                rows.push(view_visitors::Model { day, article_id, sketch }.into_active_model());
            }
            view_visitors::Entity::insert_many(rows)
                .on_conflict(replace.clone())
                .exec_without_returning(&txn.db)
                .await?;
        }
    }
    Ok(())
}

async fn add_scores(txn: &Txn, views: &[Counted]) -> Result<(), Error> {
    let mut scores: BTreeMap<Uuid, [f64; 2]> = BTreeMap::new();
    for view in views {
        let score = scores.entry(view.article).or_insert([f64::NEG_INFINITY; 2]);
        *score = add(*score, of(view.at));
    }
    let scores: Vec<_> = scores.into_iter().collect();
    for part in scores.chunks(500) {
        let ids = view_hot::Column::ArticleId.is_in(part.iter().map(|(id, _)| *id));
        let stored = view_hot::Entity::find().filter(ids).all(&txn.db).await?;
        let stored: BTreeMap<Uuid, [f64; 2]> =
            stored.into_iter().map(|row| (row.article_id, [row.fast, row.slow])).collect();
        let sum = |(id, new): &(Uuid, [f64; 2])| {
            (*id, stored.get(id).map_or(*new, |stored| add(*stored, *new)))
        };
        set_scores(txn, part.iter().map(sum)).await?;
    }
    Ok(())
}

/// Replaces the scores of some articles.
pub async fn set_scores(
    txn: &Txn,
    scores: impl Iterator<Item = (Uuid, [f64; 2])>,
) -> Result<(), Error> {
    use view_hot::Column;
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
