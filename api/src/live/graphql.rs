//! Subscriptions as GraphQL sees them.

use std::future::ready;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::Subscription;
use chrono::DateTime;
use chrono::Utc;
use futures_util::Stream;
use futures_util::StreamExt;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::change;
use super::change::ChangeKind;
use super::cursor::Cursor;
use super::hub::Topic;
use super::listener::Listener;
use super::place::Place;
use super::totals::Watcher;
use crate::app::App;
use crate::article;
use crate::article::graphql::Article;
use crate::channel;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::page;
use crate::protocol::scalar::Long;
use crate::schema::app;
use crate::schema::tree;
use crate::view::totals::Totals;

/// What happened to an article, for its readers. New values may come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ChangeKind")]
pub enum ArticleChangeKind {
    /// It appeared: published, or its time has come.
    Published,
    /// Its text or its data are others than before.
    Updated,
    /// An editor took it down, or moved its time to the future.
    Withdrawn,
    /// Its time is over.
    Expired,
    /// It is gone for good.
    Deleted,
    /// Readers see it, but no longer in the region or the channel that was asked for.
    Left,
}

/// A change, and the room for making an answer of it.
pub(super) struct Told {
    pub(super) change: Arc<change::Change>,
    pub(super) _room: Option<OwnedSemaphorePermit>,
}

/// An article that appeared.
#[derive(Description)]
pub struct ArticlePublished(Told, article::Article);

#[Object(use_type_description)]
impl ArticlePublished {
    /// Pass the last one as `after` to go on from here.
    async fn cursor(&self) -> String {
        self.0.change.cursor.encode()
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.change.cursor.at
    }

    /// The article as it is now.
    async fn article(&self) -> Article {
        Article::alone(self.1.clone())
    }
}

/// A change of an article.
#[derive(Description)]
pub struct ArticleChange(pub(super) Told);

#[Object(use_type_description)]
impl ArticleChange {
    /// Pass the last one as `after` to go on from here.
    async fn cursor(&self) -> String {
        self.0.change.cursor.encode()
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.change.cursor.at
    }

    /// What happened.
    async fn kind(&self) -> ArticleChangeKind {
        self.0.change.kind.into()
    }

    /// The global id of the article.
    async fn article_id(&self) -> ID {
        global(self.0.change.article_id)
    }

    /// The article as it is now. Null when readers no longer see it, or when it left the region
    /// or the channel that was asked for: remove it there.
    async fn article(&self) -> Option<Article> {
        self.0.change.article.as_deref().cloned().map(Article::alone)
    }
}

/// Views of an article (浏览次数), at this moment.
#[derive(Description)]
pub struct ViewTotals(Uuid, Totals);

#[Object(use_type_description)]
impl ViewTotals {
    /// The global id of the article.
    async fn article_id(&self) -> ID {
        global(self.0)
    }

    /// What a page shows: counted and imported together.
    async fn total(&self) -> Long {
        Long(self.1.shown())
    }

    /// Counted here.
    async fn counted(&self) -> Long {
        Long(self.1.counted)
    }

    /// From before Redian counted.
    async fn imported(&self) -> Long {
        Long(self.1.imported)
    }
}

/// What can be subscribed to, over WebSocket or as an event stream, at the address of
/// queries. Everybody hears what readers hear, also with a token.
#[derive(Default, Description)]
pub struct Subscription;

#[Subscription(use_type_description)]
impl Subscription {
    /// Articles as they appear, also by the clock alone.
    async fn article_published(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In this region or below it: its code or its path; anywhere by \
                          default.")]
        region: Option<String>,
        #[graphql(desc = "In the channel of this slug; in any by default.")] channel: Option<
            String,
        >,
        #[graphql(desc = "Behind this cursor: first what was missed since. `RESYNC_REQUIRED` if \
                          that can no longer be told.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ArticlePublished, Error>>> {
        let channel = match channel {
            Some(slug) => Some(channel_id(app(ctx), &slug).await?),
            None => None,
        };
        let topic = match (region, channel) {
            (Some(region), _) => Topic::InRegion(region_code(ctx, &region)?),
            (None, Some(channel)) => Topic::InChannel(channel),
            (None, None) => Topic::Published,
        };
        let told = told(ctx, topic, after.as_deref()).await?;
        let of_channel = move |told: Told| {
            let article = told.change.article.as_deref().cloned()?;
            let wanted = channel.is_none() || article.channel_id == channel;
            wanted.then_some(ArticlePublished(told, article))
        };
        Ok(told.filter_map(move |told| ready(told.map(of_channel).transpose())))
    }

    /// What happens to an article: it appears, changes, or is gone.
    async fn article_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, or the UUID.")] id: ID,
        #[graphql(desc = "Behind this cursor: first what was missed since. `RESYNC_REQUIRED` if \
                          that can no longer be told.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ArticleChange, Error>>> {
        let topic = Topic::Article(id::uuid("Article", &id, "id")?);
        Ok(told(ctx, topic, after.as_deref()).await?.map(|told| told.map(ArticleChange)))
    }

    /// Views of articles: at once those of all of them, then of those that changed, at most
    /// once a second. What readers do not see is left out.
    #[graphql(complexity = "100 + child_complexity * 100")]
    async fn view_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids of 1 to 100 articles.")] articles: Vec<ID>,
    ) -> Result<impl Stream<Item = Result<Vec<ViewTotals>, Error>>> {
        if articles.is_empty() || articles.len() > page::MAX as usize {
            let message = format!("`articles` must have 1 to {} ids.", page::MAX);
            return Err(Error::invalid("articles", Reason::Invalid, message).into());
        }
        let mut ids = Vec::with_capacity(articles.len());
        for article in &articles {
            let id = id::uuid("Article", article, "articles")?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let app = app(ctx);
        let watcher = Watcher::new(app.db.clone(), app.clock.clone(), app.views.clone(), ids);
        let totals = watcher.totals();
        Ok(totals.map(|totals| {
            let of = |(id, totals)| ViewTotals(id, totals);
            totals.map(|totals| totals.into_iter().map(of).collect())
        }))
    }
}

/// The changes of a topic, up to a change of the region directory: what comes then is asked
/// for anew, with the new one.
async fn told(
    ctx: &Context<'_>,
    topic: Topic,
    after: Option<&str>,
) -> Result<impl Stream<Item = Result<Told, Error>> + use<>> {
    let (app, edition) = (app(ctx).clone(), tree(ctx).edition());
    let place = ctx.data_unchecked::<Place>().clone();
    let after = match place.reached() {
        None => after.map(Cursor::decode).transpose()?,
        reached => reached,
    };
    let now = app.clock.now();
    let listener = Listener::new(app.db.clone(), app.live.listen(topic), edition, after, now);
    let listener = listener.await?;
    place.begin(listener.begins(now));
    let current = app.clone();
    let changes =
        listener.changes().take_while(move |_| ready(current.tree().edition() == edition));
    Ok(changes.then(move |change| {
        let (room, place) = (app.live.room.clone(), place.clone());
        async move {
            let change = change?;
            place.reach(change.cursor);
            // An error would mean that the room is closed, which it never is.
            Ok(Told { change, _room: room.acquire_owned().await.ok() })
        }
    }))
}

/// The code of the region of this code or path, which must exist.
pub fn region_code(ctx: &Context<'_>, region: &str) -> Result<String, Error> {
    let tree = tree(ctx);
    let found = tree.named(region);
    let found = found.ok_or_else(|| {
        let message =
            "There is no such region: pass its code, e.g. 130000, or its path, e.g. hebei.";
        Error::not_found("region", message)
    })?;
    Ok(found.code.clone())
}

/// The channel of this slug, which must exist.
pub async fn channel_id(app: &App, slug: &str) -> Result<Uuid, Error> {
    let found = channel::by_slug(&app.db.read, slug).await?;
    let found = found.ok_or_else(|| {
        Error::not_found("channel", "There is no such channel: pass the slug of one.")
    })?;
    Ok(found.id)
}

fn global(article: Uuid) -> ID {
    id::encode("Article", &article.to_string()).into()
}
