//! Events that were no views, counted apart.

use std::collections::BTreeMap;

use entity::view_excluded;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use uuid::Uuid;

use super::class::Class;
use super::latest::Latest;
use crate::error::Error;

/// How many events of an article were excluded, by class.
pub async fn of(latest: &Latest, article: Uuid) -> Result<BTreeMap<Class, i64>, Error> {
    let rows: Vec<(i16, i64)> = view_excluded::Entity::find()
        .select_only()
        .columns([view_excluded::Column::Class, view_excluded::Column::Excluded])
        .filter(view_excluded::Column::ArticleId.eq(article))
        .into_tuple()
        .all(&latest.tables)
        .await?;
    let mut classes = BTreeMap::new();
    for (code, events) in rows {
        if let Some(class) = Class::from_code(code) {
            *classes.entry(class).or_insert(0) += events;
        }
    }
    for display in latest.displays.iter().filter(|display| display.class != Class::Counted) {
        *classes.entry(display.class).or_insert(0) += 1;
    }
    Ok(classes)
}
