//! Folds views into the visitors of articles by day.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use entity::view_visitors;
use entity::view_visitors::Column;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::batch::Display;
use super::visitors::Visitors;
use super::zone;
use crate::db::Txn;
use crate::error::Error;

/// Adds the visitors of views to the sketches of their days.
pub async fn add(txn: &Txn, views: &[&Display], zone: Tz) -> Result<(), Error> {
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
