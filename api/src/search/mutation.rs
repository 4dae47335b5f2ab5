//! Changing the words that queries are cut by.

use async_graphql::Context;
use async_graphql::InputObject;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;

use super::words;
use crate::audit;
use crate::auth::Scope;
use crate::error::Error;
use crate::protocol::user_error::UserError;
use crate::protocol::user_error::split;
use crate::schema::app;
use crate::schema::caller;

/// What `addSearchWords` needs.
#[derive(InputObject)]
pub struct AddSearchWordsInput {
    /// 1 to 100 words of 2 to 20 Chinese characters, names and terms that no dictionary has.
    words: Vec<String>,
}

/// What `removeSearchWords` needs.
#[derive(InputObject)]
pub struct RemoveSearchWordsInput {
    /// 1 to 100 words.
    words: Vec<String>,
}

/// The words, or why nothing was done.
#[derive(SimpleObject)]
pub struct SearchWordsPayload {
    /// The words that were named, as they are compared; null if there are user errors.
    words: Option<Vec<String>>,
    /// What stands against it.
    user_errors: Vec<UserError>,
}

/// Changes of search.
#[derive(Default)]
pub struct SearchMutation;

#[Object]
impl SearchMutation {
    /// Adds words that queries are not cut at (低空经济). Articles are found by them at
    /// once; nothing has to be indexed anew. Those that are there stay; at most 10,000.
    /// Needs the scope `publish`.
    async fn add_search_words(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: AddSearchWordsInput,
    ) -> Result<SearchWordsPayload> {
        caller(ctx).require(Scope::Publish)?;
        payload(change(ctx, &input.words, true).await)
    }

    /// Removes words that were added. Those that are not there are no error. Needs the
    /// scope `publish`.
    async fn remove_search_words(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: RemoveSearchWordsInput,
    ) -> Result<SearchWordsPayload> {
        caller(ctx).require(Scope::Publish)?;
        payload(change(ctx, &input.words, false).await)
    }
}

async fn change(ctx: &Context<'_>, named: &[String], add: bool) -> Result<Vec<String>, Error> {
    let (app, now) = (app(ctx), app(ctx).clock.now());
    let txn = app.db.begin_curation().await?;
    let changed = match add {
        true => words::add(&txn, named, now).await?,
        false => words::remove(&txn, named, now).await?,
    };
    audit::graphql::commit_of_none(ctx, txn).await?;
    Ok(changed)
}

fn payload(result: Result<Vec<String>, Error>) -> Result<SearchWordsPayload> {
    let (words, user_errors) = split(result)?;
    Ok(SearchWordsPayload { words, user_errors })
}
