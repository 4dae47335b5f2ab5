//! Changing articles.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::MaybeUndefined;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::Article;
use super::State;
use super::graphql;
use super::mutation_input::CreateArticleInput;
use super::mutation_input::UpdateArticleInput;
use super::mutation_input::key_of;
use super::publish;
use super::publish::Times;
use super::write;
use crate::audit;
use crate::auth::Scope;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::protocol::scalar::Long;
use crate::protocol::user_error::UserError;
use crate::protocol::user_error::split;
use crate::region;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::tree;

/// What `publishArticle` needs.
#[derive(InputObject)]
pub struct PublishArticleInput {
    /// The article.
    id: ID,
    /// Readers see it from then on; left out or past: from now on.
    publish_at: Option<DateTime<Utc>>,
    /// Readers see it until then; left out: without end.
    unpublish_at: Option<DateTime<Utc>>,
    /// Only if the article still has this version.
    version: Option<Long>,
}

/// Which article to withdraw or delete.
#[derive(InputObject)]
pub struct WithdrawArticleInput {
    /// The article.
    id: ID,
    /// Only if the article still has this version.
    version: Option<Long>,
}

/// Which article to delete.
#[derive(InputObject)]
pub struct DeleteArticleInput {
    /// The article.
    id: ID,
    /// Only if the article still has this version.
    version: Option<Long>,
}

/// The article, or why nothing was done.
#[derive(SimpleObject)]
pub struct ArticlePayload {
    /// The article after the change.
    article: Option<graphql::Article>,
    /// Why nothing was done; empty on success.
    user_errors: Vec<UserError>,
}

/// What was deleted, or why nothing was.
#[derive(SimpleObject)]
pub struct DeleteArticlePayload {
    /// The id of the deleted article.
    deleted_id: Option<ID>,
    /// Why nothing was deleted; empty on success.
    user_errors: Vec<UserError>,
}

/// Changes of articles.
#[derive(Default)]
pub struct ArticleMutation;

#[Object]
impl ArticleMutation {
    /// Creates a draft. Needs the scope `write`. With an `idempotencyKey` a
    /// retry creates nothing twice.
    async fn create_article(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The article.")] input: CreateArticleInput,
    ) -> Result<ArticlePayload> {
        caller(ctx).require(Scope::Write)?;
        payload(create(ctx, input).await)
    }

    /// Changes what is given and keeps the rest, by the version that the change is
    /// based on. Needs the scope `write`, and `publish` for a published article.
    async fn update_article(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateArticleInput,
    ) -> Result<ArticlePayload> {
        caller(ctx).require(Scope::Write)?;
        payload(update(ctx, input).await)
    }

    /// Publishes an article now or at `publishAt`, or changes the times of a
    /// published one. Needs the scope `publish`.
    async fn publish_article(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and when.")] input: PublishArticleInput,
    ) -> Result<ArticlePayload> {
        caller(ctx).require(Scope::Publish)?;
        let times = Times { publish_at: input.publish_at, unpublish_at: input.unpublish_at };
        let (app, version) = (app(ctx), input.version.map(|version| version.0));
        payload(
            async {
                let id = id::uuid("Article", &input.id, "id")?;
                let txn = app.db.begin().await?;
                let article = publish::publish(&txn, id, version, times, app.clock.now()).await?;
                commit(ctx, txn, article).await
            }
            .await,
        )
    }

    /// Takes an article down. Needs the scope `publish`.
    async fn withdraw_article(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: WithdrawArticleInput,
    ) -> Result<ArticlePayload> {
        caller(ctx).require(Scope::Publish)?;
        let (app, version) = (app(ctx), input.version.map(|version| version.0));
        payload(
            async {
                let id = id::uuid("Article", &input.id, "id")?;
                let txn = app.db.begin().await?;
                let article = publish::withdraw(&txn, id, version, app.clock.now()).await?;
                commit(ctx, txn, article).await
            }
            .await,
        )
    }

    /// Deletes an article for ever; its slugs are never given again. Needs the
    /// scope `write`, and `publish` for a published article.
    async fn delete_article(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteArticleInput,
    ) -> Result<DeleteArticlePayload> {
        caller(ctx).require(Scope::Write)?;
        let (app, version) = (app(ctx), input.version.map(|version| version.0));
        let deleted = async {
            let id = id::uuid("Article", &input.id, "id")?;
            let txn = app.db.begin().await?;
            let before = write::editable(&txn, id, version).await?;
            may_change(ctx, &before)?;
            let version = Some(before.version);
            let article = write::delete(&txn, id, version, app.clock.now()).await?;
            commit(ctx, txn, article).await
        };
        let (article, user_errors) = split(deleted.await)?;
        let deleted_id = article.map(|article| global_id(article.id));
        Ok(DeleteArticlePayload { deleted_id, user_errors })
    }
}

async fn create(ctx: &Context<'_>, input: CreateArticleInput) -> Result<Article, Error> {
    let (app, now) = (app(ctx), app(ctx).clock.now());
    let key = key_of(caller(ctx), &input)?;
    let hash = input.hash();
    let txn = app.db.begin().await?;
    let tree = region::current(&txn, tree(ctx).clone()).await?;
    let content = input.content(&txn).await?;
    let article = match key {
        Some(key) => write::create_once(&txn, &key, content, hash, &tree, now).await?,
        None => write::create(&txn, content, &tree, now).await?,
    };
    commit(ctx, txn, article).await
}

async fn update(ctx: &Context<'_>, input: UpdateArticleInput) -> Result<Article, Error> {
    let app = app(ctx);
    let id = id::uuid("Article", &input.id, "id")?;
    let version = input.version.0;
    let txn = app.db.begin().await?;
    let tree = region::current(&txn, tree(ctx).clone()).await?;
    let before = write::editable(&txn, id, Some(version)).await?;
    may_change(ctx, &before)?;
    let content = input.apply(&txn, write::content(&txn, &before, &tree).await?).await?;
    let article = write::update(&txn, id, version, content, &tree, app.clock.now()).await?;
    commit(ctx, txn, article).await
}

pub(super) async fn commit(
    ctx: &Context<'_>,
    txn: Txn,
    article: Article,
) -> Result<Article, Error> {
    audit::graphql::commit(ctx, txn, "Article", article.id).await?;
    Ok(article)
}

/// Fails unless the caller may change what becomes of this article's readers, too.
pub(super) fn may_change(ctx: &Context<'_>, article: &Article) -> Result<(), Error> {
    match article.state {
        State::Published => caller(ctx).require(Scope::Publish),
        State::Draft | State::Withdrawn => Ok(()),
    }
}

/// The article with its user errors, as payloads have it.
pub fn payload(result: Result<Article, Error>) -> Result<ArticlePayload> {
    let (article, user_errors) = split(result)?;
    Ok(ArticlePayload { article: article.map(graphql::Article::alone), user_errors })
}

fn global_id(id: Uuid) -> ID {
    id::encode("Article", &id.to_string()).into()
}

/// A field that must have a value: absent keeps it, null is a fault.
pub(super) fn given<T>(field: &str, value: MaybeUndefined<T>, into: &mut T) -> Result<(), Error> {
    match value {
        MaybeUndefined::Undefined => Ok(()),
        MaybeUndefined::Value(value) => {
            *into = value;
            Ok(())
        }
        MaybeUndefined::Null => {
            let message = format!("`{field}` cannot be null: leave it out to keep it.");
            Err(Error::invalid(field, Reason::Required, message))
        }
    }
}
