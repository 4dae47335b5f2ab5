//! Pinning and blocking by GraphQL.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;

use super::curate;
use super::curate::Mode;
use super::curate::Word;
use crate::article::Article;
use crate::article::Audience;
use crate::article::find;
use crate::article::mutation::ArticlePayload;
use crate::article::mutation::payload;
use crate::audit::graphql::commit;
use crate::auth::Scope;
use crate::error::Error;
use crate::id;
use crate::schema::app;
use crate::schema::caller;

/// What to recommend first, with which article.
#[derive(InputObject)]
pub struct PinRecommendationInput {
    /// The article that is read.
    id: ID,
    /// The article to recommend.
    recommended: ID,
    /// Why, in 1 to 500 characters; kept with the time and the token.
    reason: String,
    /// Until then, exclusive, ahead of now; left out: without end.
    until: Option<DateTime<Utc>>,
}

/// What not to recommend.
#[derive(InputObject)]
pub struct BlockRecommendationInput {
    /// The article that is read; left out: whichever.
    id: Option<ID>,
    /// The article not to recommend.
    recommended: ID,
    /// Why, in 1 to 500 characters; kept with the time and the token.
    reason: String,
    /// Until then, exclusive, ahead of now; left out: without end.
    until: Option<DateTime<Utc>>,
}

/// What is neither pinned nor blocked any more.
#[derive(InputObject)]
pub struct ResetRecommendationInput {
    /// The article that is read; left out: what was said of whichever.
    id: Option<ID>,
    /// The article that was pinned or blocked.
    recommended: ID,
    /// Why, in 1 to 500 characters; kept with the time and the token.
    reason: String,
}

/// What editors want to be recommended.
#[derive(Default)]
pub struct RecommendationMutation;

#[Object]
impl RecommendationMutation {
    /// Puts an article first in `recommended` of another one while readers see it; before those
    /// that were pinned earlier. At most 20 are pinned to one: one more is a user error,
    /// `WRONG_STATE`. A block of it with that article ends. Gives the article that is read.
    /// Needs the scope `publish`.
    async fn pin_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, where, and why.")] input: PinRecommendationInput,
    ) -> Result<ArticlePayload> {
        let PinRecommendationInput { id, recommended, reason, until } = input;
        let word = (Some(Mode::Pinned), reason, until);
        change(ctx, Some(id), recommended, word).await
    }

    /// Takes an article out of `recommended` of another one, or of all: at once, within a second
    /// where other instances answer. A pin of it with that article ends; one that is blocked
    /// with all is not recommended where it is pinned, either. Gives the article that is read,
    /// or else the one that is blocked. Needs the scope `publish`.
    async fn block_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, where, and why.")] input: BlockRecommendationInput,
    ) -> Result<ArticlePayload> {
        let BlockRecommendationInput { id, recommended, reason, until } = input;
        change(ctx, id, recommended, (Some(Mode::Blocked), reason, until)).await
    }

    /// Ends what was said of an article with another one, or with all. Does nothing when there
    /// is nothing. Needs the scope `publish`.
    async fn reset_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, where, and why.")] input: ResetRecommendationInput,
    ) -> Result<ArticlePayload> {
        let ResetRecommendationInput { id, recommended, reason } = input;
        change(ctx, id, recommended, (None, reason, None)).await
    }
}

async fn change(
    ctx: &Context<'_>,
    id: Option<ID>,
    recommended: ID,
    word: (Option<Mode>, String, Option<DateTime<Utc>>),
) -> Result<ArticlePayload> {
    caller(ctx).require(Scope::Publish)?;
    payload(say(ctx, id, &recommended, word).await)
}

async fn say(
    ctx: &Context<'_>,
    id: Option<ID>,
    recommended: &ID,
    (mode, reason, until): (Option<Mode>, String, Option<DateTime<Utc>>),
) -> Result<Article, Error> {
    let (app, now) = (app(ctx), app(ctx).clock.now());
    let id = id.map(|id| id::uuid("Article", &id, "id")).transpose()?;
    let recommended = id::uuid("Article", recommended, "recommended")?;
    let txn = app.db.begin_curation().await?;
    let find = async |id, field| {
        let found = find::by_id(&txn.db, Audience::Editor, id).await?;
        found.ok_or_else(|| Error::not_found(field, "There is no such article."))
    };
    let mut article = find(recommended, "recommended").await?;
    if let Some(id) = id {
        article = find(id, "id").await?;
    }
    let word = Word { article: id, recommended, mode, reason, until, token: caller(ctx).token };
    curate::say(&txn, word, now).await?;
    commit(ctx, txn, "Article", article.id).await?;
    app.recommendations().recommendations.lists.told(id);
    Ok(article)
}
