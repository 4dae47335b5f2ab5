//! Lists of articles. Each filter and order has an index; combinations that
//! have none are refused rather than slow.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::article;
use entity::article_region;
use entity::article_tag;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::FromQueryResult;
use sea_orm::JoinType;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::QueryTrait;
use sea_orm::Select;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::SelectStatement;
use uuid::Uuid;

use super::Article;
use super::Audience;
use super::State;
use super::lists;
use crate::clock::storable;
use crate::db::inline::Source;
use crate::error::Error;
use crate::error::Reason;
use crate::page::Cursor;
use crate::page::Page;
use crate::page::Slice;
use crate::page::Span;

/// Which articles; at most one of region, channel, tag and source.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this region.
    pub region: Option<InRegion>,
    /// In the channel of this id.
    pub channel: Option<Uuid>,
    /// With this very tag.
    pub tag: Option<String>,
    /// From the publication of this very name.
    pub source: Option<String>,
    /// Published at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Published before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Of these ids, at most 100.
    pub ids: Option<Vec<Uuid>>,
    /// In this state; for editors.
    pub state: Option<State>,
}

/// A region whose articles are asked for.
#[derive(Clone, Debug)]
pub struct InRegion {
    /// Its code.
    pub code: String,
    /// Whether articles of the regions below it count.
    pub descendants: bool,
    /// Of this edition of the directory.
    pub edition: i64,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The last published first.
    #[default]
    Newest,
    /// The first published first.
    Oldest,
    /// The last changed first; for editors.
    RecentlyUpdated,
}

/// One page of a list, each article with its place in it.
pub async fn list(
    db: &impl Source,
    audience: Audience,
    filter: &Filter,
    order: Order,
    page: &Page,
) -> Result<Slice<(Cursor, Article)>, Error> {
    check(filter, order)?;
    let rows = match (&filter.region, &filter.tag) {
        (Some(region), _) => in_region(audience, filter, region, order, page),
        (_, Some(tag)) => with_tag(audience, filter, tag, order, page),
        _ => plain(audience, filter, order, page),
    };
    let rows = db.models(rows).await?;
    let place = |article: Article| {
        let at = match order {
            Order::RecentlyUpdated => article.updated_at,
            _ => article.published_at.unwrap_or(article.created_at),
        };
        (Cursor { at, id: article.id }, article)
    };
    Ok(page.slice(rows.into_iter().map(place).collect()))
}

fn plain(
    audience: Audience,
    filter: &Filter,
    order: Order,
    page: &Page,
) -> Select<article::Entity> {
    use article::Column;
    let mut query = article::Entity::find();
    let state = audience.now().map_or(filter.state, |_| Some(State::Published));
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(Column::ChannelId.eq(channel));
    }
    if let Some(source) = &filter.source {
        query = query.filter(Column::SourceName.eq(source));
    }
    if let Some(ids) = &filter.ids {
        query = query.filter(Column::Id.is_in(ids.iter().copied()));
    }
    if order == Order::RecentlyUpdated {
        return page.apply(query, Column::UpdatedAt, Column::Id, true);
    }
    let query = unexpired(query, audience, Column::PublishedAt, Column::UnpublishAt);
    let span = span(audience, filter);
    page.apply_within(query, Column::PublishedAt, Column::Id, order == Order::Newest, span)
}

fn in_region(
    audience: Audience,
    filter: &Filter,
    region: &InRegion,
    order: Order,
    page: &Page,
) -> Select<article::Entity> {
    use article_region::Column;
    let relation = article_region::Entity::belongs_to(article::Entity)
        .from(Column::ArticleId)
        .to(article::Column::Id)
        .into();
    let mut query = article::Entity::find()
        .join_rev(JoinType::InnerJoin, relation)
        .filter(Column::RegionCode.eq(&region.code))
        .filter(lists::valid(region.edition));
    if !region.descendants {
        query = query.filter(Column::Direct.eq(true));
    }
    let query = unexpired(query, audience, Column::PublishedAt, Column::UnpublishAt);
    let span = span(audience, filter);
    page.apply_within(query, Column::PublishedAt, Column::ArticleId, order == Order::Newest, span)
}

fn with_tag(
    audience: Audience,
    filter: &Filter,
    tag: &str,
    order: Order,
    page: &Page,
) -> Select<article::Entity> {
    use article_tag::Column;
    let relation = article_tag::Entity::belongs_to(article::Entity)
        .from(Column::ArticleId)
        .to(article::Column::Id)
        .into();
    let query =
        article::Entity::find().join_rev(JoinType::InnerJoin, relation).filter(Column::Tag.eq(tag));
    let query = unexpired(query, audience, Column::PublishedAt, Column::UnpublishAt);
    let span = span(audience, filter);
    page.apply_within(query, Column::PublishedAt, Column::ArticleId, order == Order::Newest, span)
}

/// Rows that have a place in lists, `published_at`, and whose time is not over for the
/// audience; when it begins is for [`span`]. Their `published_at` is null unless the article
/// is published.
fn unexpired<E: EntityTrait, C: ColumnTrait>(
    query: Select<E>,
    audience: Audience,
    published_at: C,
    unpublish_at: C,
) -> Select<E> {
    match audience.now() {
        None => query.filter(published_at.is_not_null()),
        Some(now) => query.filter(unpublish_at.is_null().or(unpublish_at.gt(now))),
    }
}

/// Since when articles of a list may be published: for readers, not in the future.
fn span(audience: Audience, filter: &Filter) -> Span {
    let begun = audience.now().map(|now| now + TimeDelta::milliseconds(1));
    let until = [begun, filter.until].into_iter().flatten().min();
    Span { from: filter.from, until }
}

/// Refuses combinations that no index serves.
fn check(filter: &Filter, order: Order) -> Result<(), Error> {
    let lists = [
        ("region", filter.region.is_some()),
        ("channel", filter.channel.is_some()),
        ("tag", filter.tag.is_some()),
        ("source", filter.source.is_some()),
        ("ids", filter.ids.is_some()),
        ("state", filter.state.is_some()),
    ];
    let given: Vec<&str> =
        lists.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    let unsupported = |message: String| Err(Error::invalid("filter", Reason::Unsupported, message));
    if given.len() > 1 {
        return unsupported(format!(
            "No index serves {} together: pass one of them; a time range goes with any.",
            given.join(" and ")
        ));
    }
    let range = filter.from.is_some() || filter.until.is_some();
    let state_alone = given.iter().all(|name| *name == "state");
    if order == Order::RecentlyUpdated && (range || !state_alone) {
        return unsupported(
            "The order RECENTLY_UPDATED goes with `state` alone: drop the other filters.".into(),
        );
    }
    if filter.state == Some(State::Draft) && order != Order::RecentlyUpdated {
        return unsupported(
            "Drafts have no time of publishing: list them in the order RECENTLY_UPDATED.".into(),
        );
    }
    for (name, at) in [("publishedFrom", filter.from), ("publishedUntil", filter.until)] {
        if at.is_some_and(|at| !storable(at)) {
            let message = format!("`{name}` must be of the years 0 to 9999.");
            return Err(Error::invalid(name, Reason::Invalid, message));
        }
    }
    if filter.ids.as_ref().is_some_and(|ids| ids.len() > 100) {
        let message = "`ids` must have at most 100 entries.";
        return Err(Error::invalid("ids", Reason::TooLong, message));
    }
    Ok(())
}

/// An article as a sitemap names it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// When it appeared.
    pub published_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// What the audience sees of a time, the first published first: `most` articles behind the first
/// `skip`.
pub async fn listed(
    db: &impl ConnectionTrait,
    audience: Audience,
    filter: &Filter,
    skip: u64,
    most: u64,
) -> Result<Vec<Listed>, Error> {
    use article::Column;
    let rows = of_time(audience, filter)
        .select_only()
        .columns([Column::Id, Column::Slug, Column::Title, Column::PublishedAt, Column::UpdatedAt])
        .order_by_asc(Column::PublishedAt)
        .order_by_asc(Column::Id)
        .offset(skip)
        .limit(most)
        .into_model::<Listed>()
        .all(db)
        .await?;
    Ok(rows)
}

/// How many articles the audience sees of a time.
pub async fn count_of(
    db: &impl ConnectionTrait,
    audience: Audience,
    filter: &Filter,
) -> Result<u64, Error> {
    let query = of_time(audience, filter).select_only().column(article::Column::Id);
    rows(db, query.into_query()).await
}

fn of_time(audience: Audience, filter: &Filter) -> Select<article::Entity> {
    use article::Column;
    let Span { from, until } = span(audience, filter);
    let mut query = article::Entity::find().filter(Column::State.eq(State::Published));
    if let Some(from) = from {
        query = query.filter(Column::PublishedAt.gte(from));
    }
    if let Some(until) = until {
        query = query.filter(Column::PublishedAt.lt(until));
    }
    unexpired(query, audience, Column::PublishedAt, Column::UnpublishAt)
}

/// Articles are counted no further.
pub const COUNTED: u64 = 10_000;

/// How many articles the audience sees, counted no further than `most`.
pub async fn count(db: &impl ConnectionTrait, audience: Audience, most: u64) -> Result<u64, Error> {
    let visible = article::Entity::find()
        .select_only()
        .column(article::Column::Id)
        .filter(audience.condition())
        .limit(most);
    rows(db, visible.into_query()).await
}

/// How many articles the audience sees in a region, counted no further than `most`.
pub async fn count_in(
    db: &impl ConnectionTrait,
    audience: Audience,
    region: &InRegion,
    most: u64,
) -> Result<u64, Error> {
    use article_region::Column;
    let mut query = article_region::Entity::find()
        .select_only()
        .column(Column::ArticleId)
        .filter(Column::RegionCode.eq(&region.code))
        .filter(lists::valid(region.edition))
        .limit(most);
    if !region.descendants {
        query = query.filter(Column::Direct.eq(true));
    }
    if let Some(until) = span(audience, &Filter::default()).until {
        query = query.filter(Column::PublishedAt.lt(until));
    }
    let query = unexpired(query, audience, Column::PublishedAt, Column::UnpublishAt);
    rows(db, query.into_query()).await
}

async fn rows(db: &impl ConnectionTrait, counted: SelectStatement) -> Result<u64, Error> {
    let mut query = sea_orm::sea_query::Query::select();
    query.expr(Expr::cust("COUNT(*)")).from_subquery(counted, "counted");
    let row = db.query_one(&query).await?;
    let count: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}
