//! Publishing, scheduling and withdrawing.

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::Article;
use super::Audience;
use super::State;
use super::flip;
use super::index;
use super::lists;
use super::note::may_be_seen;
use super::note::record;
use super::note::record_end;
use super::write::editable;
use super::write::save;
use crate::clock::millis;
use crate::clock::storable;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event::Kind;

/// When readers shall see an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// From then on; `None` or past: from now on.
    pub publish_at: Option<DateTime<Utc>>,
    /// Until then, exclusive; `None`: without end.
    pub unpublish_at: Option<DateTime<Utc>>,
}

/// Publishes an article, or gives a published one other times. One that
/// readers see already keeps its place in the lists, unless its start is moved
/// to the future; with the times that it has, it stays as it is.
pub async fn publish(
    txn: &Txn,
    id: Uuid,
    version: Option<i64>,
    times: Times,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    let mut article = editable(txn, id, version).await?;
    if article.title.is_empty() {
        let message = "An article without a title cannot be published: give it one first.";
        return Err(Error::conflict("title", Reason::Required, message));
    }
    flip::record(txn, &article, now).await?;
    for (name, at) in [("publishAt", times.publish_at), ("unpublishAt", times.unpublish_at)] {
        if at.is_some_and(|at| !storable(at)) {
            let message = format!("`{name}` must be of the years 0 to 9999.");
            return Err(Error::invalid(name, Reason::Invalid, message));
        }
    }
    let publish_at = times.publish_at.map(millis).filter(|at| now < *at);
    let unpublish_at = times.unpublish_at.map(millis);
    let start = publish_at.unwrap_or(now);
    if unpublish_at.is_some_and(|end| end <= start) {
        let message = "`unpublishAt` must be later than now and than `publishAt`.";
        return Err(Error::invalid("unpublishAt", Reason::Invalid, message));
    }
    let shown = article.state == State::Published;
    let over = article.unpublish_at.is_some_and(|end| end <= now);
    let seen_since = article.published_at.filter(|at| shown && !over && *at <= now);
    let times = (article.publish_at, article.unpublish_at);
    if seen_since.is_some() && times == (publish_at, unpublish_at) {
        return Ok(article);
    }
    let seen = may_be_seen(&article, now);
    let published_at = match (publish_at, seen_since) {
        (None, Some(since)) => since,
        _ => start,
    };
    article.state = State::Published;
    article.published_at = Some(published_at);
    article.publish_at = publish_at;
    article.unpublish_at = unpublish_at;
    article.updated_at = article.updated_at.max(published_at);
    let article = save(txn, article).await?;
    lists::set_times(txn, &article).await?;
    index::put(txn, std::slice::from_ref(&article)).await?;
    match (publish_at, seen_since) {
        (Some(_), _) => record_end(txn, Kind::ArticleScheduled, &article, seen, now).await?,
        (None, Some(_)) => record(txn, Kind::ArticleUpdated, &article, now).await?,
        (None, None) => record(txn, Kind::ArticlePublished, &article, now).await?,
    }
    Ok(article)
}

/// Takes an article down; a draft cannot be.
pub async fn withdraw(
    txn: &Txn,
    id: Uuid,
    version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    let mut article = editable(txn, id, version).await?;
    match article.state {
        State::Withdrawn => return Ok(article),
        State::Draft => {
            let message = "The article is a draft: only a published one can be withdrawn.";
            return Err(Error::conflict("id", Reason::WrongState, message));
        }
        State::Published => {}
    }
    flip::record(txn, &article, now).await?;
    let seen = may_be_seen(&article, now);
    article.state = State::Withdrawn;
    let article = save(txn, article).await?;
    lists::set_times(txn, &article).await?;
    index::put(txn, std::slice::from_ref(&article)).await?;
    record_end(txn, Kind::ArticleWithdrawn, &article, seen, now).await?;
    Ok(article)
}

/// Where an article stands and when readers see it, as an import tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Draft, published or withdrawn.
    pub state: State,
    /// The start that was asked for.
    pub publish_at: Option<DateTime<Utc>>,
    /// The end.
    pub unpublish_at: Option<DateTime<Utc>>,
    /// Since when readers see it.
    pub published_at: Option<DateTime<Utc>>,
}

impl Standing {
    /// Where the article stands now.
    pub fn of(article: &Article) -> Self {
        let Article { state, publish_at, unpublish_at, published_at, .. } = *article;
        Self { state, publish_at, unpublish_at, published_at }
    }

    /// Puts the article there.
    pub fn give(self, article: &mut Article) {
        article.state = self.state;
        article.publish_at = self.publish_at;
        article.unpublish_at = self.unpublish_at;
        article.published_at = self.published_at;
    }
}

/// Puts an article where an import tells that it stands.
pub async fn move_to(
    txn: &Txn,
    mut article: Article,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    let before = article.clone();
    flip::record(txn, &before, now).await?;
    standing.give(&mut article);
    let article = save(txn, article).await?;
    lists::set_times(txn, &article).await?;
    index::put(txn, std::slice::from_ref(&article)).await?;
    let reader = Audience::Public(now);
    match (reader.sees(&before), reader.sees(&article)) {
        (false, true) => record(txn, Kind::ArticlePublished, &article, now).await?,
        (_, false) if may_be_seen(&before, now) => {
            record_end(txn, Kind::ArticleWithdrawn, &article, true, now).await?;
        }
        (false, false) if article.state == State::Published => {
            record_end(txn, Kind::ArticleScheduled, &article, false, now).await?;
        }
        _ => record(txn, Kind::ArticleUpdated, &article, now).await?,
    }
    Ok(article)
}
