//! Changing channels.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use entity::channel::Model;

use super::create;
use super::delete;
use super::graphql::Channel;
use super::update;
use crate::audit;
use crate::auth::Scope;
use crate::db::Txn;
use crate::error::Error;
use crate::id;
use crate::protocol::user_error::UserError;
use crate::protocol::user_error::split;
use crate::schema::app;
use crate::schema::caller;

/// What `createChannel` needs.
#[derive(InputObject)]
pub struct CreateChannelInput {
    /// Unique: 1 to 60 letters, digits, - or _.
    slug: String,
    /// As shown to readers, 1 to 60 characters.
    name: String,
}

/// What `updateChannel` needs; what is left out stays.
#[derive(InputObject)]
pub struct UpdateChannelInput {
    /// The channel.
    id: ID,
    /// Unique: 1 to 60 letters, digits, - or _.
    slug: Option<String>,
    /// As shown to readers, 1 to 60 characters.
    name: Option<String>,
}

/// What `deleteChannel` needs.
#[derive(InputObject)]
pub struct DeleteChannelInput {
    /// The channel; no article may be in it.
    id: ID,
}

/// The channel, or why nothing was done.
#[derive(SimpleObject)]
pub struct ChannelPayload {
    /// The channel after the change, or before its deletion.
    channel: Option<Channel>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// Changes of channels.
#[derive(Default)]
pub struct ChannelMutation;

#[Object]
impl ChannelMutation {
    /// Creates a channel. Needs the scope `publish`.
    async fn create_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel.")] input: CreateChannelInput,
    ) -> Result<ChannelPayload> {
        caller(ctx).require(Scope::Publish)?;
        let app = app(ctx);
        payload(
            async {
                let txn = app.db.begin().await?;
                let made = create(&txn, &input.slug, &input.name, app.clock.now()).await?;
                commit(ctx, txn, made).await
            }
            .await,
        )
    }

    /// Changes a channel. Needs the scope `publish`.
    async fn update_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateChannelInput,
    ) -> Result<ChannelPayload> {
        caller(ctx).require(Scope::Publish)?;
        let app = app(ctx);
        payload(
            async {
                let id = id::uuid("Channel", &input.id, "id")?;
                let txn = app.db.begin().await?;
                let made = update(&txn, id, input.slug, input.name, app.clock.now()).await?;
                commit(ctx, txn, made).await
            }
            .await,
        )
    }

    /// Deletes a channel that no article is in. Needs the scope `publish`.
    async fn delete_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteChannelInput,
    ) -> Result<ChannelPayload> {
        caller(ctx).require(Scope::Publish)?;
        let app = app(ctx);
        payload(
            async {
                let id = id::uuid("Channel", &input.id, "id")?;
                let txn = app.db.begin().await?;
                let gone = delete(&txn, id, app.clock.now()).await?;
                commit(ctx, txn, gone).await
            }
            .await,
        )
    }
}

async fn commit(ctx: &Context<'_>, txn: Txn, channel: Model) -> Result<Model, Error> {
    audit::graphql::commit(ctx, txn, "Channel", channel.id).await?;
    Ok(channel)
}

fn payload(result: Result<Model, Error>) -> Result<ChannelPayload> {
    let (channel, user_errors) = split(result)?;
    Ok(ChannelPayload { channel: channel.map(Channel), user_errors })
}
