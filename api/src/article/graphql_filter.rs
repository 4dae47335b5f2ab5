//! Which articles a list shall have, as GraphQL asks for it.

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;

use super::graphql::ArticleState;
use super::list::Filter;
use super::list::InRegion;
use super::list::Order;
use crate::auth::Scope;
use crate::cache::tag;
use crate::channel;
use crate::db;
use crate::error::Error;
use crate::id;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::reads;
use crate::schema::tree;

/// Which articles. Pass at most one of region, channel, tag, source, ids and
/// state: no index serves them together. A time range goes with any.
#[derive(Default, InputObject)]
pub struct ArticleFilter {
    /// About this region: its code or its path, e.g. 130000 or hebei.
    region: Option<String>,
    /// With `region`: also about the regions below it.
    #[graphql(default = true)]
    include_descendants: bool,
    /// In the channel of this slug.
    channel: Option<String>,
    /// With exactly this tag.
    tag: Option<String>,
    /// From the publication of exactly this name.
    source: Option<String>,
    /// Of these ids, at most 100.
    ids: Option<Vec<ID>>,
    /// Published at this instant or later.
    published_from: Option<DateTime<Utc>>,
    /// Published before this instant.
    published_until: Option<DateTime<Utc>>,
    /// In this state, seen by readers or not. Needs the scope `read-drafts`.
    /// Drafts go with `orderBy: RECENTLY_UPDATED`.
    state: Option<ArticleState>,
}

/// The domain's filter; `None` when it names a region or channel that does not
/// exist, or what none can be called, so that nothing can match.
pub async fn to_filter(ctx: &Context<'_>, asked: ArticleFilter) -> Result<Option<Filter>> {
    if ![&asked.tag, &asked.source].into_iter().flatten().all(|text| db::can_hold(text)) {
        return Ok(None);
    }
    let mut filter = Filter {
        tag: asked.tag,
        source: asked.source,
        from: asked.published_from,
        until: asked.published_until,
        state: asked.state.map(Into::into),
        ..Filter::default()
    };
    // PostgreSQL takes no NUL, and no tag and no source has one.
    if [&filter.tag, &filter.source].into_iter().flatten().any(|text| text.contains('\0')) {
        return Ok(None);
    }
    if let Some(region) = asked.region {
        let tree = tree(ctx);
        let found = tree.named(&region);
        let Some(found) = found else { return Ok(None) };
        filter.region = Some(InRegion {
            code: found.code.clone(),
            descendants: asked.include_descendants,
            edition: tree.edition(),
        });
    }
    if let Some(slug) = asked.channel {
        reads(ctx).tag(tag::CHANNELS);
        let Some(found) = channel::by_slug(&app(ctx).db, &slug).await? else {
            return Ok(None);
        };
        filter.channel = Some(found.id);
    }
    if let Some(ids) = asked.ids {
        let ids: Result<Vec<_>, Error> =
            ids.iter().map(|id| id::uuid("Article", id, "ids")).collect();
        filter.ids = Some(ids?);
    }
    Ok(Some(filter))
}

/// Whether the list shows what readers do not see; fails unless the caller may.
pub fn only_for_editors(ctx: &Context<'_>, asked: &ArticleFilter, order: Order) -> Result<bool> {
    let wanted = asked.state.is_some() || order == Order::RecentlyUpdated;
    if wanted {
        caller(ctx).require(Scope::ReadDrafts)?;
    }
    Ok(wanted)
}
