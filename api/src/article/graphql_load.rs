//! What GraphQL loads for many articles at once.

use std::collections::HashMap;

use async_graphql::dataloader;
use uuid::Uuid;

use super::find;
use super::graphql::Article;
use super::tagging;
use super::tagging::RegionTag;
use crate::cache::tag;
use crate::error::Error;
use crate::schema::Load;

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
        let found = find::by_ids(&self.app.db.read, audience, &ids).await?;
        Ok(found.into_iter().map(|row| (ById(row.id), Article(row))).collect())
    }
}

/// Loads the body of an article.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BodyOf(pub Uuid);

impl dataloader::Loader<BodyOf> for Load {
    type Value = entity::article_body::Model;
    type Error = Error;

    async fn load(&self, keys: &[BodyOf]) -> Result<HashMap<BodyOf, Self::Value>, Error> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = find::bodies(&self.app.db.read, &ids).await?;
        Ok(found.into_iter().map(|(id, body)| (BodyOf(id), body)).collect())
    }
}

/// Loads the codes of the regions of an article.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RegionsOf(pub Uuid);

impl dataloader::Loader<RegionsOf> for Load {
    type Value = Vec<String>;
    type Error = Error;

    async fn load(&self, keys: &[RegionsOf]) -> Result<HashMap<RegionsOf, Vec<String>>, Error> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = find::regions(&self.app.db.read, self.tree.edition(), &ids).await?;
        Ok(found.into_iter().map(|(id, codes)| (RegionsOf(id), codes)).collect())
    }
}

/// Loads the slugs of an article.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SlugsOf(pub Uuid);

impl dataloader::Loader<SlugsOf> for Load {
    type Value = Vec<String>;
    type Error = Error;

    async fn load(&self, keys: &[SlugsOf]) -> Result<HashMap<SlugsOf, Vec<String>>, Error> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let mut slugs: HashMap<SlugsOf, Vec<String>> = HashMap::new();
        for row in find::slugs(&self.app.db.read, &ids).await? {
            slugs.entry(SlugsOf(row.article_id)).or_default().push(row.slug);
        }
        Ok(slugs)
    }
}

/// Loads the regions that were found in the text of an article.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RegionTagsOf(pub Uuid);

impl dataloader::Loader<RegionTagsOf> for Load {
    type Value = Vec<RegionTag>;
    type Error = Error;

    async fn load(
        &self,
        keys: &[RegionTagsOf],
    ) -> Result<HashMap<RegionTagsOf, Vec<RegionTag>>, Error> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = tagging::of(&self.app.db.read, &self.tree, &ids).await?;
        Ok(found.into_iter().map(|(id, tags)| (RegionTagsOf(id), tags)).collect())
    }
}
