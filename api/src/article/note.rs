//! What the change log says of articles: what happened, and where it is noticed.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Article;
use super::Audience;
use super::find;
use crate::db::Txn;
use crate::error::Error;
use crate::event;
use crate::event::Kind;

/// So far may the clocks of instances be apart, with the time that a change takes.
const APART: TimeDelta = TimeDelta::seconds(10);

/// Whether readers may have seen the article when a change of it, which begins now, takes hold:
/// one that is about to appear may have done so meanwhile, or by the clock of another
/// instance.
pub(super) fn may_be_seen(article: &Article, now: DateTime<Utc>) -> bool {
    let at = article.published_at.map_or(now, |at| at.clamp(now, now + APART));
    Audience::Public(at).sees(article)
}

/// Where an article is filed: its channel, and the codes of its regions and of those above
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filing {
    /// The channel.
    pub channel: Option<Uuid>,
    /// The codes.
    pub regions: Vec<String>,
}

impl Filing {
    /// Where it is filed now.
    pub async fn of(txn: &Txn, article: &Article) -> Result<Self, Error> {
        let mut filed = find::filed(&txn.db, &[article.id]).await?;
        let regions = filed.remove(&article.id).unwrap_or_default();
        Ok(Self { channel: article.channel_id, regions })
    }

    /// What of it is not in the other one.
    fn without(self, other: &Self) -> Self {
        let Self { channel, mut regions } = self;
        regions.retain(|code| !other.regions.contains(code));
        Self { channel: channel.filter(|_| channel != other.channel), regions }
    }
}

/// Notes what happened to the article, and whether readers may see it.
pub(super) async fn record(
    txn: &Txn,
    kind: Kind,
    article: &Article,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    record_end(txn, kind, article, may_be_seen(article, now), now).await
}

/// The same of what keeps readers from seeing it, and whether they may have seen it until then.
pub(super) async fn record_end(
    txn: &Txn,
    kind: Kind,
    article: &Article,
    seen: bool,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let filing = Filing::of(txn, article).await?;
    record_filed(txn, kind, article, &filing.regions, seen, now);
    Ok(())
}

/// The same of an article that is known to be filed there.
pub fn record_filed(
    txn: &Txn,
    kind: Kind,
    article: &Article,
    regions: &[String],
    seen: bool,
    now: DateTime<Utc>,
) {
    let mut data = data(article, regions);
    data["seen"] = seen.into();
    event::record(txn, kind, Some(article.id), data, now);
}

/// Notes that an article changed that was filed `before`.
pub(super) async fn record_update(
    txn: &Txn,
    article: &Article,
    before: Filing,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let filing = Filing::of(txn, article).await?;
    let mut data = data(article, &filing.regions);
    data["seen"] = may_be_seen(article, now).into();
    let left = before.without(&filing);
    if left != Filing::default() {
        data["left"] = json!({ "channel": left.channel, "regions": left.regions });
    }
    event::record(txn, Kind::ArticleUpdated, Some(article.id), data, now);
    Ok(())
}

/// What listeners need to know of an article.
pub fn data(article: &Article, regions: &[String]) -> Value {
    json!({
        "slug": article.slug,
        "channel": article.channel_id,
        "regions": regions,
        "version": article.version,
    })
}
