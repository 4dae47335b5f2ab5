//! What editors excluded and pinned, as GraphQL sees it.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;

use super::curate;
use super::curation::Mode;
use super::curation::Override;
use crate::article::graphql::Article;
use crate::article::graphql_load::ById;
use crate::auth::Scope;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::loader;

/// What an editor wants of an article in lists by views.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Mode")]
pub enum RankingMode {
    /// It is neither in `hotArticles` nor in `mostReadArticles`.
    Excluded,
    /// It is at the head of each `hotArticles` of its regions, of its channel and of
    /// the whole site.
    Pinned,
}

/// An article that an editor excluded from lists by views or pinned there.
#[derive(Description)]
pub struct RankingOverride(pub Override);

#[Object(use_type_description)]
impl RankingOverride {
    /// The article; null when it was deleted meanwhile.
    async fn article(&self, ctx: &Context<'_>) -> Result<Option<Article>> {
        Ok(loader(ctx).load_one(ById(self.0.article)).await?)
    }

    /// Excluded or pinned.
    async fn mode(&self) -> RankingMode {
        self.0.mode.into()
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The end, exclusive; null: without end.
    async fn until(&self) -> Option<DateTime<Utc>> {
        self.0.until
    }

    /// When an editor said so.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The id of the token that was used.
    async fn by(&self) -> Option<ID> {
        self.0.token.map(|id| id.to_string().into())
    }
}

/// Questions about what editors want of lists.
#[derive(Default)]
pub struct CurationQuery;

#[Object]
impl CurationQuery {
    /// What is excluded from lists by views or pinned there now, the last said first.
    /// Needs a token with the scope `read-drafts`.
    #[graphql(complexity = "size(first, None) * child_complexity + 1")]
    async fn ranking_overrides(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<RankingOverride>> {
        caller(ctx).require(Scope::ReadDrafts)?;
        let page = Page::new(first, None, after.as_deref(), None)?;
        let slice = curate::list(&app(ctx).db.read, &page, app(ctx).clock.now()).await?;
        Ok(connection(slice, |(cursor, wanted)| (cursor.encode(), RankingOverride(wanted))))
    }
}
