//! Webhooks as GraphQL sees them.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;

use super::Attempt;
use super::Delivery;
use super::State;
use super::Webhook as Row;
use super::Wish;
use super::body::Told;
use crate::auth::Scope;
use crate::channel::graphql::Channel;
use crate::channel::graphql::ChannelId;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::protocol::scalar::JsonObject;
use crate::region::graphql::Region;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::loader;
use crate::schema::tree;

/// What a webhook is told of. New values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Told")]
pub enum WebhookEvent {
    /// An article appeared for readers.
    ArticlePublished,
    /// An article that readers see is another than before.
    ArticleUpdated,
    /// An editor took an article down, or moved its time to the future.
    ArticleWithdrawn,
    /// The time of an article is over.
    ArticleExpired,
    /// An article that readers saw is gone for good.
    ArticleDeleted,
    /// A channel was created, changed or deleted.
    ChannelChanged,
    /// The region directory changed.
    RegionsChanged,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum WebhookDeliveryState {
    /// It waits to be sent, or to be sent again.
    Pending,
    /// It was taken: answered by a status from 200 to 299.
    Delivered,
    /// It was tried twelve times, over three and a half days.
    GivenUp,
}

/// Somebody who is told of changes by HTTP, signed as Standard Webhooks wants it.
#[derive(Description)]
pub struct Webhook(pub Row);

#[Object(use_type_description)]
impl Webhook {
    /// The global id.
    pub async fn id(&self) -> ID {
        id::encode("Webhook", &self.0.id.to_string()).into()
    }

    /// Where it is told. Needs the scope `admin`.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is for. Needs the scope `admin`.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Of what it is told; empty: of everything, also of what comes with later versions.
    /// Needs the scope `admin`.
    async fn events(&self) -> Vec<WebhookEvent> {
        Wish::of(&self.0).told.into_iter().map(Into::into).collect()
    }

    /// Of articles in this region or below it only. Needs the scope `admin`.
    async fn region(&self, ctx: &Context<'_>) -> Option<Region> {
        let code = self.0.region_code.as_deref()?;
        tree(ctx).resolve(code).cloned().map(Region)
    }

    /// Of this channel and its articles only; null also when that was deleted, and nothing is
    /// told any more. Needs the scope `admin`.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Option<Channel>> {
        match self.0.channel_id {
            Some(id) => Ok(loader(ctx).load_one(ChannelId(id)).await?),
            None => Ok(None),
        }
    }

    /// Whether it is told anything at present; one that answers 410 is disabled by itself.
    /// Needs the scope `admin`.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// When it was created. Needs the scope `admin`.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// What it is told, the last first; kept for 30 days. Needs the scope `admin`.
    #[graphql(complexity = "size(first, None) * child_complexity + 1")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In this state only.")] state: Option<WebhookDeliveryState>,
        #[graphql(desc = "So many, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<WebhookDelivery>> {
        let page = Page::new(first, None, after.as_deref(), None)?;
        let state = state.map(Into::into);
        let slice = super::deliveries(&app(ctx).db.read, self.0.id, state, &page).await?;
        Ok(connection(slice, |(cursor, delivery)| (cursor.encode(), WebhookDelivery(delivery))))
    }
}

/// Something that a webhook is told.
#[derive(Description)]
pub struct WebhookDelivery(pub Delivery);

#[Object(use_type_description)]
impl WebhookDelivery {
    /// The global id.
    pub async fn id(&self) -> ID {
        id::encode("WebhookDelivery", &self.0.id.to_string()).into()
    }

    /// The header `webhook-id`, the same each time that it is sent. Needs the scope `admin`.
    async fn message_id(&self) -> String {
        format!("msg_{}", self.0.id.simple())
    }

    /// The `type` in its body, e.g. `article.published`; `webhook.test` for a test. Needs the scope `admin`.
    async fn event(&self) -> &str {
        &self.0.kind
    }

    /// The body. Needs the scope `admin`.
    async fn body(&self) -> JsonObject {
        JsonObject(serde_json::from_str(&self.0.body).unwrap_or_default())
    }

    /// What became of it. Needs the scope `admin`.
    async fn state(&self) -> WebhookDeliveryState {
        self.0.state.into()
    }

    /// When it was written down. Needs the scope `admin`.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it is sent next at the earliest: not before what comes first of the same article,
    /// and not while its webhook is disabled. Null when it is not. Needs the scope `admin`.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        (self.0.state == State::Pending).then_some(self.0.next_at)
    }

    /// How often it was sent and how that went, the first first. Needs the scope `admin`.
    #[graphql(complexity = "5 * child_complexity + 1")]
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<WebhookAttempt>> {
        let attempts = super::attempts(&app(ctx).db.read, self.0.id).await?;
        Ok(attempts.into_iter().map(WebhookAttempt).collect())
    }
}

/// An attempt to tell a webhook something.
#[derive(Description)]
pub struct WebhookAttempt(Attempt);

#[Object(use_type_description)]
impl WebhookAttempt {
    /// When it began. Needs the scope `admin`.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The HTTP status that came; null: none. Needs the scope `admin`.
    async fn status(&self) -> Option<i32> {
        self.0.status
    }

    /// What went wrong; null: it was taken. Needs the scope `admin`.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// How long it took, in milliseconds. Needs the scope `admin`.
    async fn milliseconds(&self) -> i32 {
        self.0.milliseconds
    }
}

/// Questions about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// All webhooks, up to 50, the first created first. Needs the scope `admin`.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn webhooks(&self, ctx: &Context<'_>) -> Result<Vec<Webhook>> {
        caller(ctx).require(Scope::Admin)?;
        Ok(super::all(&app(ctx).db.read).await?.into_iter().map(Webhook).collect())
    }
}
