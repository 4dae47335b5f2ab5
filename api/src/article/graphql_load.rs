//! What belongs to articles that were read together is read together, when the first of them
//! is asked for it.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader;
use entity::article_body;
use tokio::sync::Mutex;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::find;
use super::find::Forms;
use super::graphql::Article;
use super::tagging;
use super::tagging::RegionTag;
use crate::cache::tag;
use crate::channel;
use crate::channel::graphql::Channel;
use crate::error::Error;
use crate::import::graphql::ImportedFrom;
use crate::import::origin;
use crate::recommend::graphql::Seen;
use crate::schema::Load;
use crate::schema::app;
use crate::schema::reads;
use crate::schema::tree;

type Of<T> = OnceCell<HashMap<Uuid, T>>;

/// Articles that were read together, and what belongs to all of them.
#[derive(Default)]
pub struct Together {
    ids: Vec<Uuid>,
    channel_ids: Vec<Uuid>,
    /// With each choice of forms.
    bodies: [Of<Arc<article_body::Model>>; 8],
    regions: Of<Vec<String>>,
    slugs: Of<Vec<String>>,
    tags: Of<Vec<RegionTag>>,
    channels: Of<Channel>,
    origins: Of<ImportedFrom>,
    /// What is recommended with any of them.
    pub recommended: Mutex<Option<Seen>>,
}

impl Together {
    /// Of these articles.
    pub fn new(articles: &[super::Article]) -> Self {
        let mut channel_ids: Vec<Uuid> =
            articles.iter().filter_map(|article| article.channel_id).collect();
        channel_ids.sort();
        channel_ids.dedup();
        let ids = articles.iter().map(|article| article.id).collect();
        Self { ids, channel_ids, ..Self::default() }
    }

    /// The articles.
    pub fn ids(&self) -> &[Uuid] {
        &self.ids
    }

    /// The text of an article in some forms.
    pub async fn body(
        &self,
        ctx: &Context<'_>,
        id: Uuid,
        forms: Forms,
    ) -> Result<Option<Arc<article_body::Model>>, Error> {
        let read = async || {
            let found = find::bodies(&app(ctx).db, &self.ids, forms).await?;
            Ok::<_, Error>(found.into_iter().map(|(id, body)| (id, Arc::new(body))).collect())
        };
        let Forms { markdown, html, blocks } = forms;
        let choice = usize::from(markdown) | usize::from(html) << 1 | usize::from(blocks) << 2;
        Ok(all(&self.bodies[choice], read).await?.get(&id).cloned())
    }

    /// The codes of the regions of an article.
    pub async fn regions(&self, ctx: &Context<'_>, id: Uuid) -> Result<&[String], Error> {
        let read = || find::regions(&app(ctx).db, tree(ctx).edition(), &self.ids);
        Ok(all(&self.regions, read).await?.get(&id).map_or(&[], Vec::as_slice))
    }

    /// The slugs of an article.
    pub async fn slugs(&self, ctx: &Context<'_>, id: Uuid) -> Result<Vec<String>, Error> {
        let read = async || {
            let mut slugs: HashMap<Uuid, Vec<String>> = HashMap::new();
            for row in find::slugs(&app(ctx).db.read, &self.ids).await? {
                slugs.entry(row.article_id).or_default().push(row.slug);
            }
            Ok::<_, Error>(slugs)
        };
        Ok(all(&self.slugs, read).await?.get(&id).cloned().unwrap_or_default())
    }

    /// The regions that were found in the text of an article.
    pub async fn tags(&self, ctx: &Context<'_>, id: Uuid) -> Result<Vec<RegionTag>, Error> {
        let read = || tagging::of(&app(ctx).db.read, tree(ctx), &self.ids);
        Ok(all(&self.tags, read).await?.get(&id).cloned().unwrap_or_default())
    }

    /// A channel that one of them is in.
    pub async fn channel(&self, ctx: &Context<'_>, id: Uuid) -> Result<Option<Channel>, Error> {
        reads(ctx).tag(tag::CHANNELS);
        let read = async || {
            let found = channel::by_ids(&app(ctx).db, &self.channel_ids).await?;
            Ok::<_, Error>(found.into_iter().map(|row| (row.id, Channel(row))).collect())
        };
        Ok(all(&self.channels, read).await?.get(&id).cloned())
    }

    /// Where an article came from.
    pub async fn origin(&self, ctx: &Context<'_>, id: Uuid) -> Result<Option<ImportedFrom>, Error> {
        let read = async || {
            let found = origin::origins(&app(ctx).db.read, &self.ids).await?;
            Ok::<_, Error>(found.into_iter().map(|(id, found)| (id, ImportedFrom(found))).collect())
        };
        Ok(all(&self.origins, read).await?.get(&id).cloned())
    }
}

/// What belongs to all of them, read if nobody asked for it before.
async fn all<T, F>(known: &Of<T>, read: impl FnOnce() -> F) -> Result<&HashMap<Uuid, T>, Error>
where
    F: Future<Output = Result<HashMap<Uuid, T>, Error>>,
{
    match known.get() {
        Some(known) => Ok(known),
        // Boxed, for every field of an article takes as much room as its largest resolver.
        None => Box::pin(known.get_or_try_init(read)).await,
    }
}

/// Loads an article that the caller may see.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ById(pub Uuid);

impl dataloader::Loader<ById> for Load {
    type Value = Article;
    type Error = Error;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Article>, Error> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        ids.iter().for_each(|id| self.reads.tag(tag::article(*id)));
        let audience = self.caller.audience(self.app.clock.now());
        let found = find::by_ids(&self.app.db, audience, &ids).await?;
        Ok(Article::all(found).into_iter().map(|article| (ById(article.0.id), article)).collect())
    }
}
