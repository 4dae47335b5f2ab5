//! Lists by views as GraphQL sees them.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Enum;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use async_graphql::connection::PageInfo;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use uuid::Uuid;

use super::Key;
use super::Kind;
use super::Scope;
use super::Window;
use super::curation::Curation;
use super::snapshot;
use super::snapshot::Line;
use super::snapshot::Snapshot;
use crate::article::Audience;
use crate::article::find;
use crate::article::graphql::Article;
use crate::cache::tag;
use crate::channel;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::size;
use crate::protocol::scalar::Long;
use crate::region::graphql::Region;
use crate::schema::app;
use crate::schema::reads;
use crate::schema::tree;

/// An answer with a list by views is kept for so long.
const AGE: TimeDelta = TimeDelta::seconds(1);

/// Whose views are added up. Buckets are hours of UTC; the running one counts.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Window")]
pub enum ReadWindow {
    /// The running hour.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days: 168 hours.
    Week,
    /// 30 days: 720 hours.
    Month,
    /// All views, also what imports say of earlier times.
    All,
}

/// A list of articles by their views, as it was at a moment. Its pages are of that
/// moment for ten minutes, however many views come in meanwhile.
#[derive(SimpleObject)]
pub struct Ranking {
    /// The articles with their ranks.
    edges: Vec<RankedArticle>,
    /// The articles.
    nodes: Vec<Article>,
    /// Whether there is more, and where it begins.
    page_info: PageInfo,
    /// The moment.
    as_of: DateTime<Utc>,
    /// Since when views are counted, a full hour; null: always.
    window_start: Option<DateTime<Utc>>,
    /// Until when views are counted: `asOf`.
    window_end: DateTime<Utc>,
    /// The first of the wider regions that the list was filled up from: a list of a
    /// region has 20 articles if there are so many. Null when it had enough, and when
    /// only the whole site had more.
    filled_from: Option<Region>,
}

/// An article's place in a list.
#[derive(SimpleObject)]
pub struct RankedArticle {
    /// For `after`.
    cursor: String,
    /// The article.
    node: Article,
    /// From 1. Articles with the same views, in `hotArticles` those that are as hot, have
    /// the same, and the next one is as many further. Pinned articles have the first ones,
    /// each its own.
    rank: i32,
    /// Its rank at the full hour nearest to an hour ago, as if then had been pinned and
    /// excluded what is now; null when it was not in the list then, and when it is
    /// `filled` or `pinned`.
    previous_rank: Option<i32>,
    /// Its views in the window; in `hotArticles` those of the last 24 hours.
    views: Long,
    /// Whether it is from a wider region than asked for.
    filled: bool,
    /// Whether an editor pinned it to the head of the list.
    pinned: bool,
}

/// Questions about what is read.
#[derive(Default)]
pub struct RankingQuery;

#[Object]
impl RankingQuery {
    /// What is most wanted now (最新热点): every view counts for half as much after an
    /// hour, in lists with fewer than 200 views an hour after three. Up to 200
    /// articles; at most a minute old, mostly five seconds. What editors pinned is at
    /// its head, the last pinned first, also without views; what they excluded is not
    /// in it.
    #[graphql(complexity = "size(Some(first), None) * child_complexity + 1")]
    async fn hot_articles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, 1 to 100.", default = 10)] first: i32,
        #[graphql(desc = "Behind this cursor, in the list as it was then.")] after: Option<String>,
        #[graphql(desc = "About the region of this code or path, or one below it.")] region: Option<
            String,
        >,
        #[graphql(desc = "In the channel of this slug.")] channel: Option<String>,
    ) -> Result<Ranking> {
        ranking(ctx, Kind::Hot, first, after, (region, channel)).await
    }

    /// What was read most in a time (阅读排行): exact numbers of views. Up to 200
    /// articles; at most a minute old, mostly five seconds. What editors excluded is
    /// not in it; what they pinned stands where its views put it.
    #[graphql(complexity = "size(Some(first), None) * child_complexity + 1")]
    async fn most_read_articles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which time.", default_with = "ReadWindow::Day")] window: ReadWindow,
        #[graphql(desc = "So many, 1 to 100.", default = 10)] first: i32,
        #[graphql(desc = "Behind this cursor, in the list as it was then.")] after: Option<String>,
        #[graphql(desc = "About the region of this code or path, or one below it.")] region: Option<
            String,
        >,
        #[graphql(desc = "In the channel of this slug.")] channel: Option<String>,
    ) -> Result<Ranking> {
        ranking(ctx, Kind::Read(window.into()), first, after, (region, channel)).await
    }
}

async fn ranking(
    ctx: &Context<'_>,
    kind: Kind,
    first: i32,
    after: Option<String>,
    scope: (Option<String>, Option<String>),
) -> Result<Ranking> {
    // Checks the limit; the cursor of this list is a position.
    Page::new(Some(first), None, None, None)?;
    let after = after.as_deref().map(position).transpose()?;
    // Of today's list, and of what stands in it.
    let (now, curation) = (app(ctx).clock.now(), app(ctx).rankings().rankings.curation());
    let until = curation.next_end(now).into_iter().chain([now + AGE]).min();
    until.into_iter().for_each(|until| reads(ctx).until(until));
    for tag in [tag::RANKINGS, tag::ARTICLES, tag::CHANNELS] {
        reads(ctx).tag(tag);
    }
    let sources = app(ctx).rankings();
    let Some(scope) = to_scope(ctx, scope).await? else {
        return Ok(empty(app(ctx).clock.now()));
    };
    let key = Key { kind, scope };
    let (snapshot, start) = match after {
        Some((id, at)) => (snapshot::earlier(&sources, &key, id).await?, at.saturating_add(1)),
        None => (snapshot::today(&sources, &key).await?, 0),
    };
    let curation = sources.rankings.curation();
    page(ctx, &snapshot, &curation, start, usize::try_from(first).unwrap_or(1)).await
}

/// `None` when it names a region or channel that does not exist.
async fn to_scope(
    ctx: &Context<'_>,
    (region, channel): (Option<String>, Option<String>),
) -> Result<Option<Scope>> {
    let mut scope = Scope::default();
    if let Some(region) = region {
        let tree = tree(ctx);
        let found = tree.named(&region);
        let Some(found) = found else { return Ok(None) };
        scope.region = Some(found.code.clone());
    }
    if let Some(slug) = channel {
        let Some(found) = channel::by_slug(&app(ctx).db, &slug).await? else {
            return Ok(None);
        };
        scope.channel = Some(found.id);
    }
    Ok(Some(scope))
}

/// What readers see of a list from a position on.
async fn page(
    ctx: &Context<'_>,
    snapshot: &Arc<Snapshot>,
    curation: &Curation,
    start: usize,
    first: usize,
) -> Result<Ranking> {
    let now = app(ctx).clock.now();
    let mut lines = (start..)
        .zip(snapshot.lines.iter().skip(start))
        .filter(|(_, line)| !curation.excludes(line.article, now));
    let mut edges: Vec<RankedArticle> = Vec::new();
    let mut has_next = false;
    loop {
        // In place of what was taken down or excluded since come those behind it.
        let part: Vec<(usize, &Line)> = lines.by_ref().take(first + 1 - edges.len()).collect();
        if part.is_empty() {
            break;
        }
        let ids: Vec<Uuid> = part.iter().map(|(_, line)| line.article).collect();
        let found = find::by_ids(&app(ctx).db, Audience::Public(now), &ids).await?;
        let mut found: HashMap<Uuid, _> =
            Article::all(found).into_iter().map(|article| (article.0.id, article)).collect();
        for (at, line) in part {
            if let Some(article) = found.remove(&line.article) {
                has_next = edges.len() == first;
                if !has_next {
                    edges.push(edge(snapshot.id, at, line, article));
                }
            }
        }
        if has_next {
            break;
        }
    }
    let cursor = |edge: Option<&RankedArticle>| edge.map(|edge| edge.cursor.clone());
    let filled_from = snapshot.filled_from.as_ref().and_then(|code| tree(ctx).get(code));
    let instant = |at: i64| DateTime::from_timestamp_millis(at).unwrap_or_default();
    Ok(Ranking {
        nodes: edges.iter().map(|edge| edge.node.clone()).collect(),
        page_info: PageInfo {
            has_previous_page: start > 0,
            has_next_page: has_next,
            start_cursor: cursor(edges.first()),
            end_cursor: cursor(edges.last()),
        },
        edges,
        as_of: instant(snapshot.as_of),
        window_start: snapshot.from.map(instant),
        window_end: instant(snapshot.as_of),
        filled_from: filled_from.cloned().map(Region),
    })
}

fn edge(snapshot: Uuid, at: usize, line: &Line, node: Article) -> RankedArticle {
    let rank = |rank: u32| i32::try_from(rank).unwrap_or(i32::MAX);
    RankedArticle {
        cursor: id::encode("rank", &format!("{snapshot}/{at}")),
        node,
        rank: rank(line.rank),
        previous_rank: line.previous.map(rank),
        views: Long(line.views),
        filled: line.filled,
        pinned: line.pinned,
    }
}

/// The snapshot and the position of a cursor.
fn position(cursor: &str) -> Result<(Uuid, usize), Error> {
    let decode = || {
        let (_, key) = id::decode(cursor).filter(|(kind, _)| kind == "rank")?;
        let (id, at) = key.split_once('/')?;
        Some((Uuid::try_parse(id).ok()?, at.parse().ok()?))
    };
    decode().ok_or_else(|| {
        let message = "`after` is not a cursor: pass one that an edge of this list gave you.";
        Error::invalid("after", Reason::Invalid, message)
    })
}

fn empty(now: DateTime<Utc>) -> Ranking {
    let page_info = PageInfo {
        has_previous_page: false,
        has_next_page: false,
        start_cursor: None,
        end_cursor: None,
    };
    Ranking {
        edges: Vec::new(),
        nodes: Vec::new(),
        page_info,
        as_of: now,
        window_start: None,
        window_end: now,
        filled_from: None,
    }
}
