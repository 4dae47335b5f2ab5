//! Channels as GraphQL sees them.

use std::collections::HashMap;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::dataloader;
use entity::channel::Model;
use uuid::Uuid;

use super::all;
use super::by_ids;
use super::by_slug;
use crate::article::graphql::Article;
use crate::article::graphql::ArticleOrder;
use crate::article::graphql::public_list;
use crate::article::list::Filter;
use crate::cache::tag;
use crate::error::Error;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::size;
use crate::schema::Load;
use crate::schema::app;
use crate::schema::reads;

/// A section of the portal (频道).
#[derive(Clone, Description)]
pub struct Channel(pub Model);

#[Object(use_type_description)]
impl Channel {
    /// The global id.
    pub async fn id(&self) -> ID {
        id::encode("Channel", &self.0.id.to_string()).into()
    }

    /// Unique, as in the address of a page.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// As shown to readers.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What readers see in this channel.
    #[graphql(complexity = "size(first, last) * child_complexity + 1")]
    async fn articles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.", default_with = "ArticleOrder::Newest")]
        order_by: ArticleOrder,
        #[graphql(desc = "So many from the start, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Article>> {
        let page = Page::new(first, last, after.as_deref(), before.as_deref())?;
        let filter = Filter { channel: Some(self.0.id), ..Filter::default() };
        public_list(ctx, &filter, order_by.into(), &page).await
    }
}

/// Questions about channels.
#[derive(Default)]
pub struct ChannelQuery;

#[Object]
impl ChannelQuery {
    /// All channels in the order of their creation.
    async fn channels(&self, ctx: &Context<'_>) -> Result<Vec<Channel>> {
        reads(ctx).tag(tag::CHANNELS);
        Ok(all(&app(ctx).db).await?.into_iter().map(Channel).collect())
    }

    /// The channel of a slug.
    async fn channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel's slug.")] slug: String,
    ) -> Result<Option<Channel>> {
        reads(ctx).tag(tag::CHANNELS);
        Ok(by_slug(&app(ctx).db, &slug).await?.map(Channel))
    }
}

/// Loads channels by id.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ChannelId(pub Uuid);

impl dataloader::Loader<ChannelId> for Load {
    type Value = Channel;
    type Error = Error;

    async fn load(&self, keys: &[ChannelId]) -> Result<HashMap<ChannelId, Channel>, Error> {
        self.reads.tag(tag::CHANNELS);
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = by_ids(&self.app.db, &ids).await?;
        Ok(found.into_iter().map(|row| (ChannelId(row.id), Channel(row))).collect())
    }
}
