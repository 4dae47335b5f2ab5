//! Regions found in texts, as GraphQL sees them.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::Object;

use super::tagging;
use crate::region::graphql::Region;
use crate::schema::tree;

/// A region that was found in the title or the text of an article.
#[derive(Clone, Description)]
pub struct RegionTag(pub tagging::RegionTag);

#[Object(use_type_description)]
impl RegionTag {
    /// The region; null if the directory no longer knows it.
    async fn region(&self, ctx: &Context<'_>) -> Option<Region> {
        tree(ctx).resolve(&self.0.region_code).cloned().map(Region)
    }

    /// What editors say of it.
    async fn state(&self) -> RegionTagState {
        self.0.state.into()
    }

    /// The words that it was found by.
    async fn surface(&self) -> &str {
        &self.0.surface
    }

    /// Where they began when it was last looked for, in Unicode code points of the
    /// title, a line feed and the plain text.
    async fn offset(&self) -> i32 {
        self.0.text_offset
    }

    /// The rule that found it: full-name, short-name, chain, context or list.
    async fn rule(&self) -> &str {
        &self.0.rule
    }
}

/// What editors say of a region that was found in a text.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "tagging::TagState")]
pub enum RegionTagState {
    /// Nobody has looked at it; the article is filed there.
    Detected,
    /// It is right.
    Confirmed,
    /// It is wrong; the article is not filed there, and it is not found again.
    Rejected,
}
