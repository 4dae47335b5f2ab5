//! `site`.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Object;
use async_graphql::Result;

use crate::article::Audience;
use crate::article::list;
use crate::article::list::COUNTED;
use crate::cache::tag;
use crate::channel;
use crate::protocol::scalar::Count;
use crate::schema::app;
use crate::schema::reads;
use crate::schema::tree;

/// The site as a whole.
#[derive(Description)]
pub struct Site;

#[Object(use_type_description)]
impl Site {
    /// The site's name, from the settings.
    async fn name<'a>(&self, ctx: &Context<'a>) -> &'a str {
        &app(ctx).config.site_name
    }

    /// The articles that readers see now, counted up to 10,000.
    #[graphql(complexity = 50)]
    async fn article_count(&self, ctx: &Context<'_>) -> Result<Count> {
        reads(ctx).tag(tag::ARTICLES);
        let app = app(ctx);
        let audience = Audience::Public(app.clock.now());
        let found = list::count(&app.db.read, audience, COUNTED + 1).await?;
        Ok(Count::up_to(COUNTED, found))
    }

    /// The channels.
    async fn channel_count(&self, ctx: &Context<'_>) -> Result<Count> {
        reads(ctx).tag(tag::CHANNELS);
        let count = channel::all(&app(ctx).db.read).await?.len();
        Ok(Count::exactly(count))
    }

    /// The regions of the directory, summary groups not counted.
    async fn region_count(&self, ctx: &Context<'_>) -> Count {
        Count::exactly(tree(ctx).len())
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
