//! Confirming and rejecting regions that were found in texts.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::Object;
use async_graphql::Result;

use super::Article;
use super::mutation::ArticlePayload;
use super::mutation::commit;
use super::mutation::may_change;
use super::mutation::payload;
use super::tagging;
use super::write;
use crate::auth::Scope;
use crate::error::Error;
use crate::id;
use crate::protocol::scalar::Long;
use crate::region;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::tree;

/// What `confirmRegions` needs.
#[derive(InputObject)]
pub struct ConfirmRegionsInput {
    /// The article.
    id: ID,
    /// The version that the decision is based on.
    version: Long,
    /// Codes of regions of its `regionTags`.
    regions: Vec<String>,
}

/// What `rejectRegions` needs.
#[derive(InputObject)]
pub struct RejectRegionsInput {
    /// The article.
    id: ID,
    /// The version that the decision is based on.
    version: Long,
    /// Codes of regions of its `regionTags`.
    regions: Vec<String>,
}

/// Decisions about regions that were found in texts.
#[derive(Default)]
pub struct RegionTagMutation;

#[Object]
impl RegionTagMutation {
    /// Says that regions found in the text are right; one that was rejected is
    /// filed again. Needs the scope `write`, and
    /// `publish` for a published article.
    async fn confirm_regions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: ConfirmRegionsInput,
    ) -> Result<ArticlePayload> {
        caller(ctx).require(Scope::Write)?;
        payload(review(ctx, &input.id, input.version.0, &input.regions, true).await)
    }

    /// Says that regions found in the text are wrong: the article is not filed
    /// there any more, and they are not found again. Needs the scope `write`, and
    /// `publish` for a published article.
    async fn reject_regions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: RejectRegionsInput,
    ) -> Result<ArticlePayload> {
        caller(ctx).require(Scope::Write)?;
        payload(review(ctx, &input.id, input.version.0, &input.regions, false).await)
    }
}

async fn review(
    ctx: &Context<'_>,
    id: &ID,
    version: i64,
    regions: &[String],
    right: bool,
) -> Result<Article, Error> {
    let app = app(ctx);
    let id = id::uuid("Article", id, "id")?;
    let txn = app.db.begin().await?;
    let tree = region::current(&txn, tree(ctx).clone()).await?;
    let before = write::editable(&txn, id, Some(version)).await?;
    may_change(ctx, &before)?;
    let tags = tagging::of(&txn.db, &tree, &[id]).await?.remove(&id).unwrap_or_default();
    let heir = |code: &String| tree.resolve(code).map_or(code.clone(), |heir| heir.code.clone());
    let regions: Vec<String> = regions.iter().map(heir).collect();
    for code in &regions {
        if !tags.iter().any(|tag| tag.region_code == *code) {
            let message = format!("`{code}` is not among the `regionTags` of this article.");
            return Err(Error::not_found("regions", message));
        }
    }
    let mut content = write::content(&txn, &before, &tree).await?;
    content.regions.retain(|code| !regions.contains(code));
    if right {
        content.regions.extend(regions.iter().cloned());
    }
    let article = write::update(&txn, id, version, content, &tree, app.clock.now()).await?;
    tagging::set_state(&txn, id, &regions, right).await?;
    commit(ctx, txn, article).await
}
