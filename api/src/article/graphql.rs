//! Articles as GraphQL sees them.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;

use super::Audience;
use super::State;
use super::find;
use super::graphql_body::ArticleBody;
use super::graphql_filter::ArticleFilter;
use super::graphql_filter::only_for_editors;
use super::graphql_filter::to_filter;
use super::graphql_load::Together;
use super::graphql_parts::ArticleSource;
use super::graphql_parts::LeadImage;
use super::graphql_tag::RegionTag;
use super::input;
use super::list::Filter;
use super::list::Order;
use super::list::list;
use super::tagging::TagState;
use crate::auth::Scope;
use crate::cache::tag;
use crate::channel::graphql::Channel;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::import::graphql::ImportedFrom;
use crate::page::Page;
use crate::page::Slice;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::protocol::scalar::JsonObject;
use crate::protocol::scalar::Long;
use crate::ranking::graphql_curation::RankingOverride;
use crate::recommend;
use crate::recommend::graphql::Recommendation;
use crate::region::graphql::Region;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::reads;
use crate::schema::tree;
use crate::view::graphql::ArticleViews;

/// An article.
#[derive(Clone, Description)]
pub struct Article(pub super::Article, Arc<Together>);

impl Article {
    /// One that was read by itself.
    pub fn alone(article: super::Article) -> Self {
        let together = Together::new(std::slice::from_ref(&article));
        Self(article, Arc::new(together))
    }

    /// Those that were read together.
    pub fn all(articles: Vec<super::Article>) -> Vec<Self> {
        let together = Arc::new(Together::new(&articles));
        articles.into_iter().map(|article| Self(article, together.clone())).collect()
    }
}

#[Object(use_type_description)]
impl Article {
    /// The global id.
    pub async fn id(&self) -> ID {
        id::encode("Article", &self.0.id.to_string()).into()
    }

    /// For addresses. Earlier ones go on answering with this article: redirect
    /// when the one you asked with is not this one.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// All slugs that answer with this article, the oldest first.
    async fn slugs(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.1.slugs(ctx, self.0.id).await?)
    }

    /// The address of its page in the front end; null when the operator has not said where
    /// that is (`--article-url`).
    async fn url(&self, ctx: &Context<'_>) -> Option<String> {
        app(ctx).config.pages.of(self.0.id, &self.0.slug)
    }

    /// The title; empty only in drafts that need review.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Who wrote it, as printed.
    async fn byline(&self) -> Option<&str> {
        self.0.byline.as_deref()
    }

    /// Where it was taken from; null when it is the site's own.
    async fn source(&self) -> Option<ArticleSource> {
        ArticleSource::of(&self.0)
    }

    /// The image above the text and on cards.
    async fn lead_image(&self) -> Option<LeadImage> {
        input::lead_image_of(&self.0).map(LeadImage::from)
    }

    /// The section of the portal.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Option<Channel>> {
        match self.0.channel_id {
            Some(id) => Ok(self.1.channel(ctx, id).await?),
            None => Ok(None),
        }
    }

    /// Free words.
    async fn tags(&self) -> Vec<String> {
        input::tags_of(&self.0)
    }

    /// The regions that it is about, in the order of codes.
    #[graphql(complexity = "3 * child_complexity")]
    async fn regions(&self, ctx: &Context<'_>) -> Result<Vec<Region>> {
        let codes = self.1.regions(ctx, self.0.id).await?;
        let tree = tree(ctx);
        Ok(codes.iter().filter_map(|code| tree.get(code).cloned()).map(Region).collect())
    }

    /// The regions that were found in its title and text, in the order of codes.
    /// Readers do not see those that an editor rejected.
    #[graphql(complexity = "3 * child_complexity")]
    async fn region_tags(&self, ctx: &Context<'_>) -> Result<Vec<RegionTag>> {
        let mut tags = self.1.tags(ctx, self.0.id).await?;
        let editor = caller(ctx).has(Scope::ReadDrafts);
        tags.retain(|tag| editor || tag.state != TagState::Rejected);
        Ok(tags.into_iter().map(RegionTag).collect())
    }

    /// The newsroom's own data.
    async fn metadata(&self) -> JsonObject {
        JsonObject(input::metadata_of(&self.0))
    }

    /// Draft, published or withdrawn.
    async fn state(&self) -> ArticleState {
        self.0.state.into()
    }

    /// Why an editor must look at it, e.g. TITLE_MISSING.
    async fn review_reason(&self) -> Option<&str> {
        self.0.review_reason.as_deref()
    }

    /// The start of visibility that was asked for, if it was in the future then.
    async fn publish_at(&self) -> Option<DateTime<Utc>> {
        self.0.publish_at
    }

    /// The end of visibility, exclusive; null: without end.
    async fn unpublish_at(&self) -> Option<DateTime<Utc>> {
        self.0.unpublish_at
    }

    /// Since when readers see it; orders the lists.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }

    /// The last editorial change (更新时间).
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// When it was created here.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Counts the changes, from 1; pass it to `updateArticle`.
    async fn version(&self) -> Long {
        Long(self.0.version)
    }

    /// Plain text before the fold, at most 1,000 characters; without a fold, of
    /// the first paragraph.
    async fn teaser(
        &self,
        #[graphql(desc = "Cut behind so many characters, with an ellipsis.")] max_length: Option<
            u32,
        >,
    ) -> String {
        cut(&self.0.teaser, max_length)
    }

    /// The text.
    #[graphql(complexity = "5 + child_complexity")]
    async fn body(&self, ctx: &Context<'_>) -> Result<ArticleBody> {
        let body = self.1.body(ctx, self.0.id, ArticleBody::forms(ctx)).await?;
        let gone = || Error::not_found("id", "The article was deleted meanwhile.");
        Ok(ArticleBody(body.ok_or_else(gone)?))
    }

    /// Views (浏览次数).
    async fn views(&self, ctx: &Context<'_>) -> ArticleViews {
        ArticleViews { article: self.0.id, totals: app(ctx).views.totals.of(self.0.id) }
    }

    /// What an editor wants of it in lists by views: excluded or pinned; null when
    /// neither holds now. Needs a token with the scope `read-drafts`.
    async fn ranking_override(&self, ctx: &Context<'_>) -> Result<Option<RankingOverride>> {
        caller(ctx).require(Scope::ReadDrafts)?;
        let (rankings, now) = (app(ctx).rankings().rankings, app(ctx).clock.now());
        Ok(rankings.curation().of(self.0.id, now).cloned().map(RankingOverride))
    }

    /// What a reader of it may want next (推荐阅读): other articles that readers see, of several
    /// kinds, each with what speaks for it most. Among the newest 10,000, none is nearly the
    /// same as this one or as another one of them. Up to 60 articles are known at a time; they change while it is read,
    /// within a minute or two. What editors pinned comes first, the last pinned first.
    #[graphql(complexity = "size(Some(first), None) * child_complexity + 20")]
    async fn recommended(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, 1 to 100.", default = 6)] first: i32,
        #[graphql(desc = "Not these, such as those that the page shows; up to 100.", default)]
        exclude: Vec<ID>,
    ) -> Result<Vec<Recommendation>> {
        Box::pin(recommend::graphql::recommended(ctx, self.0.id, &self.1, first, exclude)).await
    }

    /// Articles with nearly the same text, the newest first, such as the same report of an agency
    /// from several sites. They are not in `recommended`.
    #[graphql(complexity = "size(Some(first), None) * child_complexity + 20")]
    async fn reprints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, 1 to 100.", default = 5)] first: i32,
    ) -> Result<Vec<Self>> {
        Box::pin(recommend::graphql::reprints(ctx, self.0.id, first)).await
    }

    /// The page that it was imported from; null when it was not.
    async fn imported_from(&self, ctx: &Context<'_>) -> Result<Option<ImportedFrom>> {
        reads(ctx).tag(tag::IMPORTS);
        Ok(self.1.origin(ctx, self.0.id).await?)
    }
}

/// Where an article stands in its life. Whether readers see a published one is
/// decided by the time as well.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum ArticleState {
    /// Being written; never seen by readers.
    Draft,
    /// Released; seen from `publishedAt`, which may lie ahead, to `unpublishAt`.
    Published,
    /// Taken down by an editor.
    Withdrawn,
}

/// The order of a list of articles.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Order")]
pub enum ArticleOrder {
    /// The last published first.
    Newest,
    /// The first published first.
    Oldest,
    /// The last changed first, in every state. Needs the scope `read-drafts`.
    RecentlyUpdated,
}

/// Questions about articles.
#[derive(Default)]
pub struct ArticleQuery;

#[Object]
impl ArticleQuery {
    /// An article by its id or by a slug that it has or had: exactly one of
    /// them. Null when there is none, or none for you.
    async fn article(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, or the UUID.")] id: Option<ID>,
        #[graphql(desc = "A slug of today or of earlier.")] slug: Option<String>,
    ) -> Result<Option<Article>> {
        let app = app(ctx);
        let audience = caller(ctx).audience(app.clock.now());
        let found = match (id, slug) {
            (Some(id), None) => {
                let id = id::uuid("Article", &id, "id")?;
                reads(ctx).tag(tag::article(id));
                find::by_id(&app.db, audience, id).await?
            }
            (None, Some(slug)) => {
                let found = find::by_slug(&app.db, audience, &slug).await?;
                // One may get that slug, or appear.
                let none = || tag::ARTICLES.into();
                reads(ctx).tag(found.as_ref().map_or_else(none, |found| tag::article(found.id)));
                found
            }
            _ => {
                let message = "Pass exactly one of `id` and `slug`.";
                return Err(Error::invalid("id", Reason::Invalid, message).into());
            }
        };
        Ok(found.map(Article::alone))
    }

    /// Articles that readers see. Those with a token that may read drafts see
    /// the others through `filter: {state: …}` or `orderBy: RECENTLY_UPDATED`.
    #[graphql(complexity = "size(first, last) * child_complexity + 1")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn articles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all by default.")] filter: Option<ArticleFilter>,
        #[graphql(desc = "The order.", default_with = "ArticleOrder::Newest")]
        order_by: ArticleOrder,
        #[graphql(desc = "So many from the start, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Article>> {
        let page = Page::new(first, last, after.as_deref(), before.as_deref())?;
        let (asked, order_by) = (filter.unwrap_or_default(), order_by.into());
        let for_editors = only_for_editors(ctx, &asked, order_by)?;
        let Some(filter) = to_filter(ctx, asked).await? else {
            return Ok(Connection::default());
        };
        if for_editors {
            let list = audience_list(ctx, Audience::Editor, &filter, order_by, &page);
            return Box::pin(list).await;
        }
        public_list(ctx, &filter, order_by, &page).await
    }
}

/// A page of what readers see now.
pub async fn public_list(
    ctx: &Context<'_>,
    filter: &Filter,
    order: Order,
    page: &Page,
) -> Result<Connection<Article>> {
    let audience = Audience::Public(app(ctx).clock.now());
    // Boxed, for every field of an object takes as much room as its largest resolver.
    Box::pin(audience_list(ctx, audience, filter, order, page)).await
}

async fn audience_list(
    ctx: &Context<'_>,
    audience: Audience,
    filter: &Filter,
    order: Order,
    page: &Page,
) -> Result<Connection<Article>> {
    for tag in tags_of(filter) {
        reads(ctx).tag(tag);
    }
    let Slice { items, has_previous, has_next } =
        list(&app(ctx).db, audience, filter, order, page).await?;
    let (cursors, articles): (Vec<_>, Vec<_>) = items.into_iter().unzip();
    let items = cursors.into_iter().zip(Article::all(articles)).collect();
    let slice = Slice { items, has_previous, has_next };
    Ok(connection(slice, |(cursor, article)| (cursor.encode(), article)))
}

/// What changes when the list does.
fn tags_of(filter: &Filter) -> Vec<String> {
    match filter {
        Filter { region: Some(region), .. } => vec![tag::region(&region.code)],
        Filter { channel: Some(channel), .. } => vec![tag::channel(*channel)],
        Filter { ids: Some(ids), .. } => ids.iter().copied().map(tag::article).collect(),
        _ => vec![tag::ARTICLES.into()],
    }
}

fn cut(text: &str, most: Option<u32>) -> String {
    let most = most.map_or(usize::MAX, |most| most as usize);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text).trim_end()),
        None => text.into(),
    }
}
