//! Where an article came from, as GraphQL sees it.

use std::collections::HashMap;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::dataloader;
use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::origin::Origin;
use super::origin::Recommended;
use super::origin::linked;
use crate::article::graphql::Article;
use crate::article::graphql_load::ById;
use crate::cache::tag;
use crate::error::Error;
use crate::protocol::scalar::Long;
use crate::schema::Load;
use crate::schema::loader;
use crate::schema::reads;

/// The page that an article was imported from.
#[derive(Clone, Description)]
pub struct ImportedFrom(pub Origin);

#[Object(use_type_description)]
impl ImportedFrom {
    /// The site's name.
    async fn site(&self) -> Option<&str> {
        self.0.site.as_deref()
    }

    /// The site's column, e.g. 最新热点.
    async fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// When it was imported last.
    async fn imported_at(&self) -> DateTime<Utc> {
        self.0.imported_at
    }

    /// The page's own recommended list (推荐阅读), in its order.
    #[graphql(complexity = "20 * child_complexity")]
    async fn recommended(&self) -> Vec<ImportedRecommendation> {
        let site = self.0.site.clone();
        let entry = |entry: &Recommended| ImportedRecommendation {
            site: site.clone(),
            entry: entry.clone(),
        };
        self.0.recommended.iter().map(entry).collect()
    }
}

/// An entry of a page's recommended list.
#[derive(Description)]
pub struct ImportedRecommendation {
    site: Option<String>,
    entry: Recommended,
}

#[Object(use_type_description)]
impl ImportedRecommendation {
    /// Its place in the list, from 1.
    async fn rank(&self) -> i32 {
        self.entry.rank
    }

    /// The title, as printed.
    async fn title(&self) -> &str {
        &self.entry.title
    }

    /// The views that the page showed; null when it showed none.
    async fn views(&self) -> Option<Long> {
        self.entry.views.map(Long)
    }

    /// The article of that title from the same site, if you may see it.
    async fn article(&self, ctx: &Context<'_>) -> Result<Option<Article>> {
        let key = LinkedTo { site: self.site.clone(), title: self.entry.title.clone() };
        reads(ctx).tag(tag::IMPORTS);
        match loader(ctx).load_one(key).await? {
            Some(id) => Ok(loader(ctx).load_one(ById(id)).await?),
            None => Ok(None),
        }
    }
}

/// Loads the article of a title from a site.
#[derive(Clone, PartialEq, Eq, Hash)]
struct LinkedTo {
    site: Option<String>,
    title: String,
}

impl dataloader::Loader<LinkedTo> for Load {
    type Value = Uuid;
    type Error = Error;

    async fn load(&self, keys: &[LinkedTo]) -> Result<HashMap<LinkedTo, Uuid>, Error> {
        let titles = keys.iter().map(|key| (key.site.as_deref(), key.title.as_str()));
        let found = linked(&self.app.db.read, titles).await?;
        Ok(keys.iter().cloned().zip(found).filter_map(|(key, id)| Some((key, id?))).collect())
    }
}
