//! Excluding and pinning articles by GraphQL.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;

use super::curate;
use super::curate::Word;
use super::curation::Mode;
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

/// Which article to exclude from lists by views.
#[derive(InputObject)]
pub struct ExcludeArticleFromRankingsInput {
    /// The article.
    id: ID,
    /// Why, in 1 to 500 characters; kept with the time and the token.
    reason: String,
    /// Until then, exclusive, ahead of now; left out: without end.
    until: Option<DateTime<Utc>>,
}

/// Which article to pin.
#[derive(InputObject)]
pub struct PinArticleInRankingsInput {
    /// The article.
    id: ID,
    /// Why, in 1 to 500 characters; kept with the time and the token.
    reason: String,
    /// Until then, exclusive, ahead of now; left out: without end.
    until: Option<DateTime<Utc>>,
}

/// Which article stands where its views put it again.
#[derive(InputObject)]
pub struct ResetArticleRankingInput {
    /// The article.
    id: ID,
    /// Why, in 1 to 500 characters; kept with the time and the token.
    reason: String,
}

/// What editors want of lists by views.
#[derive(Default)]
pub struct CurationMutation;

#[Object]
impl CurationMutation {
    /// Takes an article out of `hotArticles` and `mostReadArticles`, at once, also out
    /// of pages to come of lists that readers have begun; within a second where other
    /// instances answer. Its views go on counting. A pin of it ends. Needs the scope
    /// `publish`.
    async fn exclude_article_from_rankings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: ExcludeArticleFromRankingsInput,
    ) -> Result<ArticlePayload> {
        let ExcludeArticleFromRankingsInput { id, reason, until } = input;
        change(ctx, &id, Some(Mode::Excluded), reason, until).await
    }

    /// Puts an article at the head of `hotArticles` of its regions, of its channel and
    /// of the whole site while readers see it; before those that were pinned earlier,
    /// also when it was pinned already. At most 20 articles are pinned at a time: one
    /// more is a user error, `WRONG_STATE`. An exclusion of it ends. Needs the scope
    /// `publish`.
    async fn pin_article_in_rankings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: PinArticleInRankingsInput,
    ) -> Result<ArticlePayload> {
        let PinArticleInRankingsInput { id, reason, until } = input;
        change(ctx, &id, Some(Mode::Pinned), reason, until).await
    }

    /// Ends the exclusion or the pin of an article: it stands where its views put it.
    /// Does nothing when there is none. Needs the scope `publish`.
    async fn reset_article_ranking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: ResetArticleRankingInput,
    ) -> Result<ArticlePayload> {
        change(ctx, &input.id, None, input.reason, None).await
    }
}

async fn change(
    ctx: &Context<'_>,
    id: &ID,
    mode: Option<Mode>,
    reason: String,
    until: Option<DateTime<Utc>>,
) -> Result<ArticlePayload> {
    caller(ctx).require(Scope::Publish)?;
    let word = Word { mode, reason, until, token: caller(ctx).token };
    payload(say(ctx, id, word).await)
}

async fn say(ctx: &Context<'_>, id: &ID, word: Word) -> Result<Article, Error> {
    let (app, now) = (app(ctx), app(ctx).clock.now());
    let id = id::uuid("Article", id, "id")?;
    let txn = app.db.begin_curation().await?;
    let found = find::by_id(&txn.db, Audience::Editor, id).await?;
    let article = found.ok_or_else(|| Error::not_found("id", "There is no such article."))?;
    let curation = curate::say(&txn, id, word, now).await?;
    commit(ctx, txn, "Article", id).await?;
    app.rankings().rankings.curate(curation);
    Ok(article)
}
