//! Where imported articles came from.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::import_article;
use entity::import_key;
use entity::import_page;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use super::identity;
use crate::error::Error;

/// The page that an article came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The site's name.
    pub site: Option<String>,
    /// The site's column.
    pub column: Option<String>,
    /// When the article was imported last.
    pub imported_at: DateTime<Utc>,
    /// The page's recommended list, in its order.
    pub recommended: Vec<Recommended>,
}

/// An entry of a page's recommended list; no article by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommended {
    /// Its place, from 1.
    pub rank: i32,
    /// As printed.
    pub title: String,
    /// The views that the page showed.
    pub views: Option<i64>,
}

/// The origins of those of the articles that came with a page.
pub async fn origins(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Origin>, Error> {
    let imports = import_article::Entity::find()
        .filter(import_article::Column::ArticleId.is_in(ids.iter().copied()))
        .filter(import_article::Column::PageId.is_not_null())
        .all(db)
        .await?;
    if imports.is_empty() {
        return Ok(HashMap::new());
    }
    let pages: Vec<(Uuid, Option<String>, Option<String>, serde_json::Value)> =
        import_page::Entity::find()
            .select_only()
            .column(import_page::Column::Id)
            .column(import_page::Column::Site)
            .column(import_page::Column::SiteColumn)
            .column(import_page::Column::Recommended)
            .filter(import_page::Column::Id.is_in(imports.iter().filter_map(|row| row.page_id)))
            .into_tuple()
            .all(db)
            .await?;
    let mut origins = HashMap::new();
    for import in imports {
        let page = pages.iter().find(|page| Some(page.0) == import.page_id);
        let Some((_, site, column, recommended)) = page else { continue };
        let origin = Origin {
            site: site.clone(),
            column: column.clone(),
            imported_at: import.imported_at,
            recommended: serde_json::from_value(recommended.clone())?,
        };
        origins.insert(import.article_id, origin);
    }
    Ok(origins)
}

/// For each site and title the article that was imported under it, if any.
pub async fn linked(
    db: &impl ConnectionTrait,
    titles: impl Iterator<Item = (Option<&str>, &str)>,
) -> Result<Vec<Option<Uuid>>, Error> {
    let keys: Vec<String> = titles.map(|(site, title)| identity::title_key(site, title)).collect();
    let rows =
        import_key::Entity::find().filter(import_key::Column::Key.is_in(&keys)).all(db).await?;
    let known: HashMap<String, Uuid> =
        rows.into_iter().map(|row| (row.key, row.article_id)).collect();
    Ok(keys.iter().map(|key| known.get(key).copied()).collect())
}
