//! Views as GraphQL sees them.

use async_graphql::Description;
use async_graphql::Object;

use super::totals::Totals;
use crate::protocol::scalar::Long;

/// Views of an article (浏览次数): exact to the last commit of this instance, at
/// most a second behind others.
#[derive(Description)]
pub struct ArticleViews(pub Totals);

#[Object(use_type_description)]
impl ArticleViews {
    /// What a page shows: counted and imported together.
    async fn total(&self) -> Long {
        Long(self.0.shown())
    }

    /// Counted here.
    async fn counted(&self) -> Long {
        Long(self.0.counted)
    }

    /// From before Redian counted: the largest number that an import brought
    /// along, or a correction of it.
    async fn imported(&self) -> Long {
        Long(self.0.imported)
    }
}
