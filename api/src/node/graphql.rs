//! `node` and `nodes`.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::Interface;
use async_graphql::Object;
use async_graphql::Result;
use uuid::Uuid;

use crate::article::graphql::Article;
use crate::article::graphql_load::ById;
use crate::audit;
use crate::audit::graphql::AuditEntry;
use crate::auth::Scope;
use crate::auth::graphql::Token;
use crate::auth::token;
use crate::channel::graphql::Channel;
use crate::channel::graphql::ChannelId;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::page;
use crate::region::graphql::Region;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::loader;
use crate::schema::tree;
use crate::webhook;
use crate::webhook::graphql::Webhook;
use crate::webhook::graphql::WebhookDelivery;

/// An object with a global id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The global id: opaque, stable, unique over all types."
))]
#[expect(clippy::large_enum_variant, reason = "it lives as long as it takes to answer")]
pub enum Node {
    /// An article.
    Article(Article),
    /// A region.
    Region(Region),
    /// A channel.
    Channel(Channel),
    /// A token.
    Token(Token),
    /// An entry of the audit trail.
    AuditEntry(AuditEntry),
    /// A webhook.
    Webhook(Webhook),
    /// What a webhook is told.
    WebhookDelivery(WebhookDelivery),
}

/// Any object by its id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object of a global id; null when there is none, or none for you.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id.")] id: ID,
    ) -> Result<Option<Node>> {
        find(ctx, &id).await
    }

    /// The objects of up to 100 global ids, in their order; null for those that
    /// do not exist, or not for you.
    #[graphql(complexity = "ids.len().max(1) * child_complexity.max(1)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to 100 global ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > page::MAX as usize {
            let message = format!("`ids` must have at most {} entries.", page::MAX);
            return Err(Error::invalid("ids", Reason::TooLong, message).into());
        }
        // Side by side, so that the loader fetches them together.
        async_graphql::futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let Some((kind, key)) = id::decode(id) else { return Ok(None) };
    if kind == "Region" {
        return Ok(tree(ctx).get(&key).cloned().map(Region).map(Node::Region));
    }
    let Ok(key) = Uuid::try_parse(&key) else { return Ok(None) };
    match kind.as_str() {
        "Article" => Ok(loader(ctx).load_one(ById(key)).await?.map(Node::Article)),
        "Channel" => Ok(loader(ctx).load_one(ChannelId(key)).await?.map(Node::Channel)),
        "Token" if caller(ctx).has(Scope::Admin) => {
            Ok(token::by_id(&app(ctx).db.read, key).await?.map(Token).map(Node::Token))
        }
        "AuditEntry" if caller(ctx).has(Scope::Admin) => {
            let found = audit::by_id(&app(ctx).db.read, key).await?;
            Ok(found.map(AuditEntry).map(Node::AuditEntry))
        }
        "Webhook" if caller(ctx).has(Scope::Admin) => {
            let found = webhook::by_id(&app(ctx).db.read, key).await?;
            Ok(found.map(Webhook).map(Node::Webhook))
        }
        "WebhookDelivery" if caller(ctx).has(Scope::Admin) => {
            let found = webhook::delivery_by_id(&app(ctx).db.read, key).await?;
            Ok(found.map(WebhookDelivery).map(Node::WebhookDelivery))
        }
        _ => Ok(None),
    }
}
