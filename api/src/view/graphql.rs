//! Views as GraphQL sees them.

use std::collections::HashMap;

use async_graphql::Description;
use async_graphql::Object;
use async_graphql::dataloader;
use uuid::Uuid;

use super::Totals;
use super::totals;
use crate::error::Error;
use crate::protocol::scalar::Long;
use crate::schema::Load;

/// Views of an article (浏览次数).
#[derive(Description)]
pub struct ArticleViews(pub Totals);

#[Object(use_type_description)]
impl ArticleViews {
    /// What a page shows: counted and imported together.
    async fn total(&self) -> Long {
        Long(self.0.counted.saturating_add(self.0.imported))
    }

    /// Counted here.
    async fn counted(&self) -> Long {
        Long(self.0.counted)
    }

    /// The largest number that an import brought along.
    async fn imported(&self) -> Long {
        Long(self.0.imported)
    }
}

/// Loads the views of an article.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ViewsOf(pub Uuid);

impl dataloader::Loader<ViewsOf> for Load {
    type Value = Totals;
    type Error = Error;

    async fn load(&self, keys: &[ViewsOf]) -> Result<HashMap<ViewsOf, Totals>, Error> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = totals(&self.app.db.read, &ids).await?;
        Ok(found.into_iter().map(|(id, totals)| (ViewsOf(id), totals)).collect())
    }
}
