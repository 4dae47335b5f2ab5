//! Recommended reading as GraphQL sees it.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use uuid::Uuid;

use super::Reason;
use super::curate;
use super::curate::Mode;
use super::curate::Override;
use super::kept;
use super::make::List;
use crate::article::Audience;
use crate::article::find;
use crate::article::graphql::Article;
use crate::article::graphql_load::ById;
use crate::article::graphql_load::Together;
use crate::auth::Scope;
use crate::cache::tag;
use crate::error::Error;
use crate::error::Reason as Fault;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::loader;
use crate::schema::reads;

/// An answer with recommended articles is kept for so long.
const AGE: TimeDelta = TimeDelta::seconds(10);
/// The most articles that may be left out.
const EXCLUDED: usize = 100;

/// Why an article is recommended.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Reason")]
pub enum RecommendationReason {
    /// An editor pinned it.
    Editor,
    /// It tells of the same event.
    SameStory,
    /// It is about something similar.
    Similar,
    /// Who read the one read the other in the same visit.
    ReadTogether,
    /// It is about the same region.
    SameRegion,
    /// It is among what is read most now, or was.
    Hot,
}

/// An article that a reader of another one may want next, and why.
#[derive(SimpleObject)]
pub struct Recommendation {
    /// The article.
    article: Article,
    /// What speaks for it most.
    reason: RecommendationReason,
}

/// What is recommended with an article; `Article.recommended`.
pub async fn recommended(
    ctx: &Context<'_>,
    article: Uuid,
    together: &Together,
    first: i32,
    exclude: Vec<ID>,
) -> Result<Vec<Recommendation>> {
    // Checks the limit.
    Page::new(Some(first), None, None, None)?;
    if exclude.len() > EXCLUDED {
        let message = format!("`exclude` takes at most {EXCLUDED} articles.");
        return Err(Error::invalid("exclude", Fault::TooLong, message).into());
    }
    let exclude = exclude.iter().map(|id| id::uuid("Article", id, "exclude"));
    let exclude: HashSet<Uuid> = exclude.collect::<Result<_, Error>>()?;
    let (list, most) = (today(ctx, article).await?, usize::try_from(first).unwrap_or(1));
    let wanted = |list: &List| -> Vec<(Uuid, Reason)> {
        let all = list.articles.iter().copied();
        all.filter(|(id, _)| !exclude.contains(id)).collect()
    };
    let mut known = together.recommended.lock().await;
    // Those of all articles that were read together, in one statement.
    if known.is_none() {
        let (mut seen, mut ids) = (Seen::new(), Vec::new());
        for article in together.ids() {
            let all = wanted(&*today(ctx, *article).await?);
            ids.extend(all.into_iter().take(most).map(|(id, _)| id));
        }
        read(ctx, &mut seen, ids).await?;
        *known = Some(seen);
    }
    let seen = known.get_or_insert_default();
    let (all, mut made) = (wanted(&list), Vec::new());
    let mut rest = all.iter();
    while made.len() < most && !rest.as_slice().is_empty() {
        // In place of what was taken down since come those behind it.
        let part = rest.as_slice().iter().take(most - made.len());
        read(ctx, seen, part.map(|(id, _)| *id).collect()).await?;
        for (id, reason) in rest.by_ref().take(most - made.len()) {
            reads(ctx).tag(tag::article(*id));
            let article = seen.get(id).cloned().flatten();
            made.extend(
                article.map(|article| Recommendation { article, reason: (*reason).into() }),
            );
        }
    }
    Ok(made)
}

/// Articles with nearly the text of one; `Article.reprints`.
pub async fn reprints(ctx: &Context<'_>, article: Uuid, first: i32) -> Result<Vec<Article>> {
    Page::new(Some(first), None, None, None)?;
    let list = today(ctx, article).await?;
    let mut seen = Seen::new();
    read(ctx, &mut seen, list.reprints.clone()).await?;
    list.reprints.iter().for_each(|id| reads(ctx).tag(tag::article(*id)));
    let found = list.reprints.iter().filter_map(|id| seen.remove(id).flatten());
    Ok(found.take(usize::try_from(first).unwrap_or(1)).collect())
}

async fn today(ctx: &Context<'_>, article: Uuid) -> Result<Arc<List>> {
    let list = kept::today(&app(ctx).recommendations(), article).await?;
    let ends = list.ends.into_iter().chain([app(ctx).clock.now() + AGE]);
    ends.for_each(|end| reads(ctx).until(end));
    // What is blocked everywhere, and what lists by views have.
    reads(ctx).tag(tag::RANKINGS);
    reads(ctx).tag(tag::article(article));
    Ok(list)
}

/// Recommended articles that were looked up; `None`: readers do not see it.
pub type Seen = HashMap<Uuid, Option<Article>>;

/// Looks up those of the articles that were not, for the public.
async fn read(ctx: &Context<'_>, seen: &mut Seen, mut ids: Vec<Uuid>) -> Result<(), Error> {
    ids.retain(|id| !seen.contains_key(id));
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let found = find::by_ids(&app(ctx).db, Audience::Public(app(ctx).clock.now()), &ids).await?;
    seen.extend(ids.into_iter().map(|id| (id, None)));
    seen.extend(Article::all(found).into_iter().map(|found| (found.0.id, Some(found))));
    Ok(())
}

/// What an editor wants of an article among what is recommended.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Mode")]
pub enum RecommendationMode {
    /// It is not recommended.
    Blocked,
    /// It is recommended first.
    Pinned,
}

/// An article that an editor pinned or blocked among what is recommended.
#[derive(Description)]
pub struct RecommendationOverride(pub Override);

#[Object(use_type_description)]
impl RecommendationOverride {
    /// The article that is recommended or not; null when it was deleted meanwhile.
    async fn recommended(&self, ctx: &Context<'_>) -> Result<Option<Article>> {
        Ok(loader(ctx).load_one(ById(self.0.recommended)).await?)
    }

    /// Blocked or pinned.
    async fn mode(&self) -> RecommendationMode {
        self.0.mode.into()
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The end, exclusive; null: without end.
    async fn until(&self) -> Option<DateTime<Utc>> {
        self.0.until
    }

    /// When an editor said so.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The id of the token that was used.
    async fn by(&self) -> Option<ID> {
        self.0.token.map(|id| id.to_string().into())
    }
}

/// Questions about what editors want to be recommended.
#[derive(Default)]
pub struct RecommendationQuery;

#[Object]
impl RecommendationQuery {
    /// What is pinned and blocked with an article, or blocked with all, the last said first.
    /// Needs a token with the scope `read-drafts`.
    #[graphql(complexity = "size(first, None) * child_complexity + 1")]
    async fn recommendation_overrides(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With which article; left out: what is blocked with all.")] id: Option<ID>,
        #[graphql(desc = "So many, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<RecommendationOverride>> {
        caller(ctx).require(Scope::ReadDrafts)?;
        let article = id.map(|id| id::uuid("Article", &id, "id")).transpose()?;
        let page = Page::new(first, None, after.as_deref(), None)?;
        let (db, now) = (&app(ctx).db.read, app(ctx).clock.now());
        let slice = curate::list(db, article, &page, now).await?;
        Ok(connection(slice, |(cursor, wanted)| (cursor.encode(), RecommendationOverride(wanted))))
    }
}
