//! Changing webhooks, and sending again.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::MaybeUndefined;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use uuid::Uuid;

use super::Delivery;
use super::Webhook as Row;
use super::Wish;
use super::address;
use super::body::Told;
use super::graphql::Webhook;
use super::graphql::WebhookDelivery;
use super::graphql::WebhookEvent;
use crate::audit::graphql::commit;
use crate::auth::Scope;
use crate::error::Error;
use crate::id;
use crate::live::graphql::channel_id;
use crate::live::graphql::region_code;
use crate::protocol::user_error::UserError;
use crate::protocol::user_error::split;
use crate::schema::app;
use crate::schema::caller;

/// What `createWebhook` needs.
#[derive(InputObject)]
pub struct CreateWebhookInput {
    /// Where it is told: an address of the web. Private ones have to be allowed by the
    /// operator, `--webhook-allow`.
    url: String,
    /// What it is for, at most 200 characters.
    description: Option<String>,
    /// Of what; left out or empty: of everything.
    events: Option<Vec<WebhookEvent>>,
    /// Of articles in this region or below it only: its code or its path.
    region: Option<String>,
    /// Of the channel of this slug and its articles only.
    channel: Option<String>,
}

/// What `updateWebhook` needs; what is left out stays.
#[derive(InputObject)]
pub struct UpdateWebhookInput {
    /// The webhook.
    id: ID,
    /// Where it is told.
    url: Option<String>,
    /// What it is for, at most 200 characters.
    description: Option<String>,
    /// Of what; empty: of everything.
    events: Option<Vec<WebhookEvent>>,
    /// Of articles in this region or below it only; null: of all.
    region: MaybeUndefined<String>,
    /// Of the channel of this slug and its articles only; null: of all.
    channel: MaybeUndefined<String>,
    /// Whether it is told anything. What happens while it is not is never told; what waited
    /// goes on.
    enabled: Option<bool>,
}

/// Which webhook to delete.
#[derive(InputObject)]
pub struct DeleteWebhookInput {
    /// The webhook.
    id: ID,
}

/// Which webhook gets a new secret.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// The webhook.
    id: ID,
}

/// Which webhook to test.
#[derive(InputObject)]
pub struct TestWebhookInput {
    /// The webhook.
    id: ID,
}

/// What to send again.
#[derive(InputObject)]
pub struct RedeliverWebhookInput {
    /// The delivery.
    id: ID,
}

/// The webhook, or why nothing was done.
#[derive(SimpleObject)]
pub struct WebhookPayload {
    /// The webhook after the change, or before its deletion.
    webhook: Option<Webhook>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// The webhook with its secret, or why nothing was done.
#[derive(SimpleObject)]
pub struct WebhookSecretPayload {
    /// The webhook after the change.
    webhook: Option<Webhook>,
    /// What it is signed with: `whsec_` and base64, as libraries of Standard Webhooks take it.
    /// It is shown this once.
    secret: Option<String>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// What is sent, or why nothing is.
#[derive(SimpleObject)]
pub struct WebhookDeliveryPayload {
    /// It is sent within a second.
    delivery: Option<WebhookDelivery>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// Changes of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Creates a webhook: it is told of what changes for readers from now on. Needs the scope
    /// `admin`.
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where, and of what.")] input: CreateWebhookInput,
    ) -> Result<WebhookSecretPayload> {
        caller(ctx).require(Scope::Admin)?;
        with_secret(create(ctx, input).await)
    }

    /// Changes where a webhook is told and of what, disables or enables it. Needs the scope
    /// `admin`.
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateWebhookInput,
    ) -> Result<WebhookPayload> {
        caller(ctx).require(Scope::Admin)?;
        payload(update(ctx, input).await)
    }

    /// Deletes a webhook: nothing is sent there any more, also not what waits. Needs the scope
    /// `admin`.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteWebhookInput,
    ) -> Result<WebhookPayload> {
        caller(ctx).require(Scope::Admin)?;
        let deleted = async {
            let id = id::uuid("Webhook", &input.id, "id")?;
            let txn = app(ctx).db.begin().await?;
            let webhook = super::delete(&txn, id).await?;
            commit(ctx, txn, "Webhook", id).await.map(|()| webhook)
        };
        payload(deleted.await)
    }

    /// Gives a webhook a new secret. For a day, what is sent has the signatures of both. Needs
    /// the scope `admin`.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which one.")] input: RotateWebhookSecretInput,
    ) -> Result<WebhookSecretPayload> {
        caller(ctx).require(Scope::Admin)?;
        let rotated = async {
            let id = id::uuid("Webhook", &input.id, "id")?;
            let txn = app(ctx).db.begin().await?;
            let webhook = super::rotate(&txn, id, app(ctx).clock.now()).await?;
            commit(ctx, txn, "Webhook", id).await.map(|()| webhook)
        };
        with_secret(rotated.await)
    }

    /// Sends a webhook an event of the type `webhook.test`. Needs the scope `admin`.
    async fn test_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: TestWebhookInput,
    ) -> Result<WebhookDeliveryPayload> {
        caller(ctx).require(Scope::Admin)?;
        let sent = async {
            let id = id::uuid("Webhook", &input.id, "id")?;
            let txn = app(ctx).db.begin().await?;
            let delivery = super::test(&txn, id, app(ctx).clock.now()).await?;
            commit(ctx, txn, "Webhook", id).await.map(|()| delivery)
        };
        delivery(sent.await)
    }

    /// Sends something again, before all that waits of the same article. Needs the scope
    /// `admin`.
    async fn redeliver_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: RedeliverWebhookInput,
    ) -> Result<WebhookDeliveryPayload> {
        caller(ctx).require(Scope::Admin)?;
        let sent = async {
            let id = id::uuid("WebhookDelivery", &input.id, "id")?;
            let txn = app(ctx).db.begin().await?;
            let delivery = super::redeliver(&txn, id, app(ctx).clock.now()).await?;
            commit(ctx, txn, "WebhookDelivery", id).await.map(|()| delivery)
        };
        delivery(sent.await)
    }
}

async fn create(ctx: &Context<'_>, input: CreateWebhookInput) -> Result<Row, Error> {
    let app = app(ctx);
    address::check(&input.url, &app.config.webhook_allow).await?;
    let wish = Wish {
        url: input.url,
        description: input.description.unwrap_or_default(),
        told: told(input.events.unwrap_or_default()),
        region: input.region.map(|region| region_code(ctx, &region)).transpose()?,
        channel: channel(ctx, input.channel).await?,
        enabled: true,
    };
    let txn = app.db.begin().await?;
    let made = super::create(&txn, wish, app.clock.now()).await?;
    commit(ctx, txn, "Webhook", made.id).await?;
    Ok(made)
}

async fn update(ctx: &Context<'_>, input: UpdateWebhookInput) -> Result<Row, Error> {
    let app = app(ctx);
    let id = id::uuid("Webhook", &input.id, "id")?;
    if let Some(url) = &input.url {
        address::check(url, &app.config.webhook_allow).await?;
    }
    let txn = app.db.begin().await?;
    let before = super::existing(&txn, id).await?;
    let mut wish = Wish::of(&before);
    wish.url = input.url.unwrap_or(wish.url);
    wish.description = input.description.unwrap_or(wish.description);
    wish.told = input.events.map_or(wish.told, told);
    wish.enabled = input.enabled.unwrap_or(wish.enabled);
    if !input.region.is_undefined() {
        let region = input.region.take();
        wish.region = region.map(|region| region_code(ctx, &region)).transpose()?;
    }
    if !input.channel.is_undefined() {
        wish.channel = channel(ctx, input.channel.take()).await?;
    }
    let after = super::update(&txn, before, wish).await?;
    commit(ctx, txn, "Webhook", id).await?;
    Ok(after)
}

fn told(events: Vec<WebhookEvent>) -> Vec<Told> {
    events.into_iter().map(Into::into).collect()
}

async fn channel(ctx: &Context<'_>, slug: Option<String>) -> Result<Option<Uuid>, Error> {
    match slug {
        Some(slug) => channel_id(app(ctx), &slug).await.map(Some),
        None => Ok(None),
    }
}

fn payload(result: Result<Row, Error>) -> Result<WebhookPayload> {
    let (webhook, user_errors) = split(result)?;
    Ok(WebhookPayload { webhook: webhook.map(Webhook), user_errors })
}

fn with_secret(result: Result<Row, Error>) -> Result<WebhookSecretPayload> {
    let (webhook, user_errors) = split(result)?;
    let secret = webhook.as_ref().map(|webhook| webhook.secret.clone());
    Ok(WebhookSecretPayload { webhook: webhook.map(Webhook), secret, user_errors })
}

fn delivery(result: Result<Delivery, Error>) -> Result<WebhookDeliveryPayload> {
    let (delivery, user_errors) = split(result)?;
    Ok(WebhookDeliveryPayload { delivery: delivery.map(WebhookDelivery), user_errors })
}
