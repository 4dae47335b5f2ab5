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
use async_graphql::dataloader;
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
use crate::auth::Scope;
use crate::cache::tag;
use crate::error::Error;
use crate::error::Reason as Fault;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::schema::Load;
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
    let list = today(ctx, article).await?;
    let wanted = list.articles.iter().filter(|(id, _)| !exclude.contains(id));
    let most = usize::try_from(first).unwrap_or(1);
    visible(ctx, wanted.copied(), most, |article, reason| Recommendation {
        article,
        reason: reason.into(),
    })
    .await
}

/// Articles with nearly the text of one; `Article.reprints`.
pub async fn reprints(ctx: &Context<'_>, article: Uuid) -> Result<Vec<Article>> {
    let list = today(ctx, article).await?;
    let reprints = list.reprints.iter().map(|id| (*id, ()));
    visible(ctx, reprints, list.reprints.len(), |article, ()| article).await
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

/// The first ones that readers see now, in their order.
async fn visible<T: Copy, R>(
    ctx: &Context<'_>,
    mut wanted: impl Iterator<Item = (Uuid, T)>,
    most: usize,
    make: impl Fn(Article, T) -> R,
) -> Result<Vec<R>> {
    let mut made = Vec::new();
    while made.len() < most {
        // In place of what was taken down since come those behind it.
        let part: Vec<(Uuid, T)> = wanted.by_ref().take(most - made.len()).collect();
        if part.is_empty() {
            break;
        }
        let keys = part.iter().map(|(id, _)| Visible(*id));
        let mut found = loader(ctx).load_many(keys).await?;
        for (id, with) in part {
            made.extend(found.remove(&Visible(id)).map(|article| make(article, with)));
        }
    }
    Ok(made)
}

/// Loads an article that readers see, whoever asks.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Visible(Uuid);

impl dataloader::Loader<Visible> for Load {
    type Value = Article;
    type Error = Error;

    async fn load(&self, keys: &[Visible]) -> Result<HashMap<Visible, Article>, Error> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        ids.iter().for_each(|id| self.reads.tag(tag::article(*id)));
        let audience = Audience::Public(self.app.clock.now());
        let found = find::by_ids(&self.app.db, audience, &ids).await?;
        let all = Article::all(found).into_iter();
        Ok(all.map(|article| (Visible(article.0.id), article)).collect())
    }
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
