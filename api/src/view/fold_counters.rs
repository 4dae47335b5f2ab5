//! Folds displays into sums by hour, by day, and of all.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use entity::view_day;
use entity::view_excluded;
use entity::view_hour;
use entity::view_total;
use sea_orm::ActiveModelBehavior;
use sea_orm::ActiveModelTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::IntoActiveModel;
use sea_orm::Iterable;
use sea_orm::PrimaryKeyToColumn;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::OnConflict;

use super::batch::Display;
use super::class::Class;
use super::zone;
use crate::db::Txn;
use crate::error::Error;

/// So many rows go into one statement.
const ROWS: usize = 500;

/// Adds views to the sums of their articles, and what is no view to what was
/// excluded. In the order of keys, as imports lock totals.
pub async fn add(txn: &Txn, displays: &[Display], zone: Tz) -> Result<(), Error> {
    let mut hours = BTreeMap::new();
    let mut days = BTreeMap::new();
    let mut totals = BTreeMap::new();
    let mut excluded = BTreeMap::new();
    for display in displays {
        let (article, day) = (display.article, zone::day(zone, display.at));
        if display.class == Class::Counted {
            *hours.entry((zone::hour(display.at), article)).or_insert(0) += 1;
            *days.entry((day, article)).or_insert(0) += 1;
            *totals.entry(article).or_insert(0) += 1;
        } else {
            *excluded.entry((article, day, display.class.code())).or_insert(0) += 1;
        }
    }
    let hours = hours.into_iter().map(|((hour, article_id), counted)| {
        view_hour::Model { hour, article_id, counted }.into_active_model()
    });
    raise(txn, hours.collect(), view_hour::Column::Counted).await?;
    let days = days.into_iter().map(|((day, article_id), counted)| {
        view_day::Model { day, article_id, counted }.into_active_model()
    });
    raise(txn, days.collect(), view_day::Column::Counted).await?;
    let totals = totals.into_iter().map(|(article_id, counted)| {
        view_total::Model { article_id, counted, imported: 0 }.into_active_model()
    });
    raise(txn, totals.collect(), view_total::Column::Counted).await?;
    let excluded = excluded.into_iter().map(|((article_id, day, class), excluded)| {
        view_excluded::Model { article_id, day, class, excluded }.into_active_model()
    });
    raise(txn, excluded.collect(), view_excluded::Column::Excluded).await
}

/// Inserts rows, or adds their counter to the rows that are there.
pub async fn raise<E, A>(txn: &Txn, rows: Vec<A>, counter: E::Column) -> Result<(), Error>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    let sum = Expr::col((E::default(), counter)).add(Expr::col(("excluded", counter)));
    let keys = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let add = OnConflict::columns(keys).value(counter, sum).to_owned();
    for part in rows.chunks(ROWS) {
        E::insert_many(part.to_vec())
            .on_conflict(add.clone())
            .exec_without_returning(&txn.db)
            .await?;
    }
    Ok(())
}
