//! What readers hear of the change log: that an article appeared, changed, or is gone.
//! Never of one that they did not see.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use uuid::Uuid;

use super::cursor::Cursor;
use crate::article::Article;
use crate::article::Audience;
use crate::article::find;
use crate::error::Error;
use crate::event;
use crate::event::Kind;

/// What happened to an article, for its readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It appeared.
    Published,
    /// It is another than before.
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

/// Which changes somebody wants to hear of; all by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of articles in the region of that code or below it.
    pub region: Option<String>,
    /// Of articles in that channel.
    pub channel: Option<Uuid>,
}

impl Wanted {
    /// Whether the event may be something to readers, about an article that was there before
    /// it, or is after it.
    pub fn may_have(&self, event: &event::Event) -> bool {
        let left = self.is_left(event);
        let told = [true, false].iter().any(|seen| kind(event, *seen, left).is_some());
        told && event.article_id.is_some() && (self.has(&event.data) || left)
    }

    /// Whether the event took its article out of there.
    fn is_left(&self, event: &event::Event) -> bool {
        let (data, left) = (&event.data, &event.data["left"]);
        let left_region = self.region.is_some() && self.in_region(left);
        let left_channel = self.channel.is_some() && self.in_channel(left);
        (left_region && (self.in_channel(data) || left_channel))
            || (left_channel && (self.in_region(data) || left_region))
    }

    fn has(&self, data: &Value) -> bool {
        self.in_region(data) && self.in_channel(data)
    }

    fn in_region(&self, data: &Value) -> bool {
        let codes = data["regions"].as_array().map_or(&[][..], Vec::as_slice);
        self.region.as_deref().is_none_or(|region| codes.iter().any(|code| code == region))
    }

    fn in_channel(&self, data: &Value) -> bool {
        let channel = data["channel"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        self.channel.is_none_or(|wanted| channel == Some(wanted))
    }
}

/// A change that readers may hear of.
#[derive(Debug)]
pub struct Change {
    /// Its place in the log.
    pub cursor: Cursor,
    /// What happened.
    pub kind: ChangeKind,
    /// To which article.
    pub article_id: Uuid,
    /// The article as it is now; `None` when readers no longer see it.
    pub article: Option<Arc<Article>>,
    /// The codes of its regions and of those above them.
    pub regions: Vec<String>,
}

/// What readers hear of these events who want to hear of some, in their order. `edition` is
/// that of the region directory.
pub async fn of(
    db: &impl ConnectionTrait,
    edition: i64,
    events: &[&event::Event],
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Vec<Change>, Error> {
    let mut ids: Vec<Uuid> = events.iter().filter_map(|event| event.article_id).collect();
    ids.sort();
    ids.dedup();
    // The clock of the instance where it happened may be ahead of this one's.
    let latest = events.iter().map(|event| event.at).max().map_or(now, |at| at.max(now));
    let mut seen: HashMap<Uuid, Arc<Article>> = HashMap::new();
    let mut regions: HashMap<Uuid, Vec<String>> = HashMap::new();
    for ids in ids.chunks(1000) {
        let found = find::by_ids(db, Audience::Public(latest), ids).await?;
        seen.extend(found.into_iter().map(|article| (article.id, Arc::new(article))));
        regions.extend(find::regions_and_above(db, edition, ids).await?);
    }
    let change = |event: &&event::Event| {
        let article_id = event.article_id?;
        let regions = regions.get(&article_id).cloned().unwrap_or_default();
        let there = |article: &&Arc<Article>| {
            let region = wanted.region.as_ref().is_none_or(|code| regions.contains(code));
            region && wanted.channel.is_none_or(|channel| article.channel_id == Some(channel))
        };
        let article = seen.get(&article_id).filter(there).cloned();
        Some(Change {
            cursor: Cursor { id: event.id, at: event.at },
            kind: kind(event, article.is_some(), wanted.is_left(event))?,
            article_id,
            article,
            regions,
        })
    };
    Ok(events.iter().filter_map(change).collect())
}

/// What an event is for readers, who see the article now where they look or not; `left`: it
/// took it out of there. `None` when it is nothing to them, or when a later event will tell.
fn kind(event: &event::Event, seen: bool, left: bool) -> Option<ChangeKind> {
    let kind = [
        (Kind::ArticlePublished, ChangeKind::Published),
        (Kind::ArticleUpdated, ChangeKind::Updated),
        (Kind::ArticleExpired, ChangeKind::Expired),
        (Kind::ArticleWithdrawn, ChangeKind::Withdrawn),
        (Kind::ArticleScheduled, ChangeKind::Withdrawn),
        (Kind::ArticleDeleted, ChangeKind::Deleted),
    ];
    let (_, kind) = kind.into_iter().find(|(kind, _)| kind.name() == event.kind)?;
    let seen_then = event.data["seen"] == true;
    if kind == ChangeKind::Updated && left && !seen && seen_then {
        return Some(ChangeKind::Left);
    }
    let told = match kind {
        ChangeKind::Published => seen,
        ChangeKind::Updated => seen && seen_then,
        ChangeKind::Expired => !seen,
        ChangeKind::Withdrawn | ChangeKind::Deleted | ChangeKind::Left => !seen && seen_then,
    };
    told.then_some(kind)
}
