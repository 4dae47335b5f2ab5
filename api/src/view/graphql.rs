//! Views as GraphQL sees them.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;
use uuid::Uuid;

use super::base;
use super::excluded;
use super::graphql_series::ViewGranularity;
use super::graphql_series::ViewSeries;
use super::latest;
use super::mutation::ViewClass;
use super::series;
use super::series::Span;
use super::totals::Totals;
use crate::auth::Scope;
use crate::cache::body::Part;
use crate::cache::graphql::Views;
use crate::cache::graphql::views;
use crate::error::Error;
use crate::error::Reason;
use crate::protocol::scalar::Long;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::reads;

/// Views of an article (浏览次数): exact to the last commit of this instance, at
/// most a second behind others.
#[derive(Description)]
pub struct ArticleViews {
    /// The article.
    pub article: Uuid,
    /// Its totals.
    pub totals: Totals,
}

#[Object(use_type_description)]
impl ArticleViews {
    /// What a page shows: counted and imported together.
    async fn total(&self, ctx: &Context<'_>) -> Views {
        views(ctx, self.article, self.totals, Part::Shown)
    }

    /// Counted here.
    async fn counted(&self, ctx: &Context<'_>) -> Views {
        views(ctx, self.article, self.totals, Part::Counted)
    }

    /// From before Redian counted: the largest number that an import brought
    /// along, or a correction of it.
    async fn imported(&self, ctx: &Context<'_>) -> Views {
        views(ctx, self.article, self.totals, Part::Imported)
    }

    /// Counted views over time: a point for each hour, day or month that overlaps
    /// the time from `from` until before `to`, also where there were none. Exact,
    /// or an error: `TIME_ZONE_NOT_REPRESENTABLE` for what the stored hours cannot
    /// tell, `NO_LONGER_KEPT` for hours of more than 35 days ago and days of more
    /// than 25 months ago.
    #[graphql(complexity = "200 + child_complexity * 10")]
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The start.")] from: DateTime<Utc>,
        #[graphql(desc = "The end, exclusive; at most 1,000 points.")] to: DateTime<Utc>,
        #[graphql(desc = "The length of a point.", default_with = "ViewGranularity::Day")]
        granularity: ViewGranularity,
        #[graphql(desc = "A name such as Asia/Urumqi; the site's by default.")] time_zone: Option<
            String,
        >,
    ) -> Result<ViewSeries> {
        reads(ctx).once();
        let app = app(ctx);
        let site = app.config.time_zone;
        let zone = match time_zone {
            Some(name) => name.parse::<Tz>().map_err(|_| {
                let message = "`timeZone` must be a name of the IANA database, e.g. Asia/Shanghai.";
                Error::invalid("timeZone", Reason::Invalid, message)
            })?,
            None => site,
        };
        let span = Span { from, to, granularity: granularity.into(), zone };
        let now = app.clock.now();
        let latest = Box::pin(latest::of(&app.db, &app.views, self.article)).await?;
        let points = Box::pin(series::series(&latest, site, self.article, span, now)).await?;
        Ok(ViewSeries { points, zone })
    }

    /// Events that were no views, by class, over all time. Needs a token with the
    /// scope `read-drafts`.
    #[graphql(complexity = "50 + child_complexity * 5")]
    async fn excluded(&self, ctx: &Context<'_>) -> Result<Vec<ExcludedViews>> {
        caller(ctx).require(Scope::ReadDrafts)?;
        let latest = Box::pin(latest::of(&app(ctx).db, &app(ctx).views, self.article)).await?;
        let found = Box::pin(excluded::of(&latest, self.article)).await?;
        Ok(found.into_iter().map(|(class, events)| ExcludedViews { class, events }).collect())
    }

    /// Corrections of `imported`, the last first. Needs a token with the scope
    /// `read-drafts`.
    #[graphql(complexity = "50 + child_complexity * 10")]
    async fn corrections(&self, ctx: &Context<'_>) -> Result<Vec<ViewCorrection>> {
        caller(ctx).require(Scope::ReadDrafts)?;
        let found = Box::pin(base::corrections(&app(ctx).db.read, &[self.article])).await?;
        Ok(found.into_iter().map(ViewCorrection).collect())
    }
}

/// Events that were no views.
#[derive(Description)]
pub struct ExcludedViews {
    class: super::class::Class,
    events: i64,
}

#[Object(use_type_description)]
impl ExcludedViews {
    /// Why.
    async fn reason(&self) -> ViewClass {
        self.class.into()
    }

    /// How many.
    async fn count(&self) -> Long {
        Long(self.events)
    }
}

/// A correction of imported views.
#[derive(Description)]
pub struct ViewCorrection(entity::view_correction::Model);

#[Object(use_type_description)]
impl ViewCorrection {
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The id of the token that was used.
    async fn by(&self) -> Option<async_graphql::ID> {
        self.0.token_id.map(|id| id.to_string().into())
    }

    /// What was imported before.
    async fn before(&self) -> Long {
        Long(self.0.before)
    }

    /// What counts as imported since.
    async fn after(&self) -> Long {
        Long(self.0.after)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
}
