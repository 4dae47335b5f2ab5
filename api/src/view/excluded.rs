//! Events that were no views, counted apart.

use std::collections::BTreeMap;

use entity::view_excluded;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use uuid::Uuid;

use super::class::Class;
use crate::error::Error;

/// How many events of an article were excluded, by class.
pub async fn of(db: &impl ConnectionTrait, article: Uuid) -> Result<BTreeMap<Class, i64>, Error> {
    let rows: Vec<(i16, i64)> = view_excluded::Entity::find()
        .select_only()
        .columns([view_excluded::Column::Class, view_excluded::Column::Excluded])
        .filter(view_excluded::Column::ArticleId.eq(article))
        .into_tuple()
        .all(db)
        .await?;
    let mut classes = BTreeMap::new();
    for (code, events) in rows {
        if let Some(class) = Class::from_code(code) {
            *classes.entry(class).or_insert(0) += events;
        }
    }
    Ok(classes)
}
