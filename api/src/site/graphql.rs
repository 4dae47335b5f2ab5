//! `site`.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;

use crate::article::Audience;
use crate::article::list;
use crate::channel;
use crate::protocol::scalar::Long;
use crate::schema::app;

/// The site as a whole.
#[derive(Description)]
pub struct Site;

/// How many there are.
#[derive(SimpleObject)]
pub struct Count {
    /// The number, or the largest that is counted to.
    value: Long,
    /// False when there are more than `value`.
    exact: bool,
}

#[Object(use_type_description)]
impl Site {
    /// The site's name, from the settings.
    async fn name<'a>(&self, ctx: &Context<'a>) -> &'a str {
        &app(ctx).config.site_name
    }

    /// The articles that readers see now, counted up to 10,000.
    #[graphql(complexity = 50)]
    async fn article_count(&self, ctx: &Context<'_>) -> Result<Count> {
        let app = app(ctx);
        let audience = Audience::Public(app.clock.now());
        let found = list::count(&app.db.read, audience, 10_001).await?;
        Ok(Count { value: Long(found.min(10_000)), exact: found <= 10_000 })
    }

    /// The channels.
    async fn channel_count(&self, ctx: &Context<'_>) -> Result<Count> {
        let count = channel::all(&app(ctx).db.read).await?.len();
        Ok(Count { value: Long(count as i64), exact: true })
    }

    /// The regions of the directory, summary groups not counted.
    async fn region_count(&self, ctx: &Context<'_>) -> Count {
        Count { value: Long(app(ctx).tree().len() as i64), exact: true }
    }
}

/// Questions about the site.
#[derive(Default, Description)]
pub struct SiteQuery;

#[Object]
impl SiteQuery {
    /// The site as a whole.
    async fn site(&self) -> Site {
        Site
    }
}
