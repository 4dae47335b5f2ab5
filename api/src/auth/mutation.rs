//! Creating and revoking tokens and previews.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use chrono::DateTime;
use chrono::Utc;

use super::Scope;
use super::graphql::Token;
use super::graphql::TokenScope;
use super::preview;
use super::token;
use crate::article::graphql::Article;
use crate::audit::graphql::commit;
use crate::error::Error;
use crate::id;
use crate::protocol::user_error::UserError;
use crate::protocol::user_error::split;
use crate::schema::app;
use crate::schema::caller;

/// What `createToken` needs.
#[derive(InputObject)]
pub struct CreateTokenInput {
    /// Who or what will use it, 1 to 100 characters.
    name: String,
    /// What it shall allow; at least one.
    scopes: Vec<TokenScope>,
    /// It is of no use from then on; left out: without end.
    expires_at: Option<DateTime<Utc>>,
}

/// Which token to revoke.
#[derive(InputObject)]
pub struct RevokeTokenInput {
    /// The token, or the preview.
    id: ID,
}

/// What `createArticlePreview` needs.
#[derive(InputObject)]
pub struct CreateArticlePreviewInput {
    /// The article, whatever its state.
    id: ID,
    /// It is of no use from then on, at most seven days ahead; left out: an hour ahead.
    expires_at: Option<DateTime<Utc>>,
}

/// The new token, or why there is none.
#[derive(SimpleObject)]
pub struct CreateTokenPayload {
    /// What is known of it.
    token: Option<Token>,
    /// What to send as `Authorization: Bearer …`. It is shown this once.
    secret: Option<String>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// The token, or why nothing was done.
#[derive(SimpleObject)]
pub struct RevokeTokenPayload {
    /// The token as it is now.
    token: Option<Token>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// The way to see one article before readers do.
#[derive(SimpleObject)]
pub struct ArticlePreview {
    /// For `revokeToken`.
    id: ID,
    /// What a front end sends as `Authorization: Bearer …`: it reads what the public reads,
    /// and this article. It is shown this once.
    secret: String,
    /// The front end's address of it, by the setting `--preview-url`; null without that.
    url: Option<String>,
    /// It is of no use from then on.
    expires_at: DateTime<Utc>,
    /// The article.
    article: Article,
}

/// The preview, or why there is none.
#[derive(SimpleObject)]
pub struct CreateArticlePreviewPayload {
    /// The preview.
    preview: Option<ArticlePreview>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// Changes of who may do what.
#[derive(Default)]
pub struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Creates an API token. Needs the scope `admin`.
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it allows.")] input: CreateTokenInput,
    ) -> Result<CreateTokenPayload> {
        caller(ctx).require(Scope::Admin)?;
        let (made, user_errors) = split(create(ctx, input).await)?;
        let (token, secret) = made.unzip();
        Ok(CreateTokenPayload { token: token.map(Token), secret, user_errors })
    }

    /// Revokes a token or a preview for ever: it is refused at once, and what is subscribed
    /// to by it ends within five seconds. Needs the scope `admin`.
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RevokeTokenInput,
    ) -> Result<RevokeTokenPayload> {
        caller(ctx).require(Scope::Admin)?;
        let (token, user_errors) = split(revoke(ctx, &input.id).await)?;
        Ok(RevokeTokenPayload { token: token.map(Token), user_errors })
    }

    /// Creates a preview: a short-lived token that shows one article to who may not see it
    /// yet. Needs the scope `write`.
    async fn create_article_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which article, and for how long.")] input: CreateArticlePreviewInput,
    ) -> Result<CreateArticlePreviewPayload> {
        caller(ctx).require(Scope::Write)?;
        let (preview, user_errors) = split(create_preview(ctx, input).await)?;
        Ok(CreateArticlePreviewPayload { preview, user_errors })
    }
}

async fn create(
    ctx: &Context<'_>,
    input: CreateTokenInput,
) -> Result<(token::Token, String), Error> {
    let CreateTokenInput { name, scopes, expires_at } = input;
    let scopes: Vec<Scope> = scopes.into_iter().map(Into::into).collect();
    let txn = app(ctx).db.begin().await?;
    let made = token::create(&txn, &name, &scopes, expires_at, app(ctx).clock.now()).await?;
    commit(ctx, txn, "Token", made.0.id).await?;
    Ok(made)
}

async fn revoke(ctx: &Context<'_>, id: &ID) -> Result<token::Token, Error> {
    let id = id::uuid("Token", id, "id")?;
    let txn = app(ctx).db.begin().await?;
    let revoked = token::revoke(&txn, id, app(ctx).clock.now()).await?;
    commit(ctx, txn, "Token", id).await?;
    Ok(revoked)
}

async fn create_preview(
    ctx: &Context<'_>,
    input: CreateArticlePreviewInput,
) -> Result<ArticlePreview, Error> {
    let (app, id) = (app(ctx), id::uuid("Article", &input.id, "id")?);
    let txn = app.db.begin().await?;
    let made = preview::create(&txn, id, input.expires_at, app.clock.now()).await?;
    let (token, secret, article) = made;
    commit(ctx, txn, "Article", id).await?;
    let template = app.config.preview_url.as_deref();
    Ok(ArticlePreview {
        id: id::encode("Token", &token.id.to_string()).into(),
        url: template.map(|template| preview::url(template, &secret, &article)),
        secret,
        expires_at: token.expires_at.unwrap_or(token.created_at),
        article: Article::alone(article),
    })
}
