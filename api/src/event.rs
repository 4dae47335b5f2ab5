//! The change log: what happened, written in the transaction of the change.
//!
//! Whoever wants to hear of changes follows the log; nobody is called.

use std::collections::HashSet;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
pub use entity::event::Model as Event;
use sea_orm::ActiveValue::NotSet;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;

/// How long events are kept, in days.
pub const KEPT_DAYS: i64 = 30;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A draft was created.
    ArticleCreated,
    /// Readers see it from now on: published, or its time has come.
    ArticlePublished,
    /// It was published for a later time.
    ArticleScheduled,
    /// Its text or data changed.
    ArticleUpdated,
    /// Its time is over.
    ArticleExpired,
    /// An editor took it down.
    ArticleWithdrawn,
    /// It is gone.
    ArticleDeleted,
    /// A channel was created, changed or deleted.
    ChannelChanged,
    /// The region directory changed.
    RegionsChanged,
    /// What imports or editors say of earlier views changed.
    ViewsImported,
    /// The hot scores were made anew.
    ViewsRebuilt,
    /// An editor excluded an article from lists by views, pinned it there or ended that.
    RankingCurated,
    /// An editor pinned or blocked something in what is recommended, or ended that.
    RecommendationCurated,
    /// What is known of where articles came from changed.
    ArticlesImported,
    /// Queries are cut by other words, or the index was made anew for some articles.
    SearchChanged,
    /// A token was revoked.
    TokenRevoked,
}

impl Kind {
    /// The stable name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::ArticleCreated => "article.created",
            Self::ArticlePublished => "article.published",
            Self::ArticleScheduled => "article.scheduled",
            Self::ArticleUpdated => "article.updated",
            Self::ArticleExpired => "article.expired",
            Self::ArticleWithdrawn => "article.withdrawn",
            Self::ArticleDeleted => "article.deleted",
            Self::ChannelChanged => "channel.changed",
            Self::RegionsChanged => "regions.changed",
            Self::ViewsImported => "views.imported",
            Self::ViewsRebuilt => "views.rebuilt",
            Self::RankingCurated => "ranking.curated",
            Self::RecommendationCurated => "recommendation.curated",
            Self::ArticlesImported => "articles.imported",
            Self::SearchChanged => "search.changed",
            Self::TokenRevoked => "token.revoked",
        }
    }
}

/// Notes that something happened; written when the transaction commits.
pub fn record(txn: &Txn, kind: Kind, article: Option<Uuid>, data: Value, at: DateTime<Utc>) {
    push(txn, kind, article, data, at, None);
}

/// Like [`record`], but at most once for each `once`, by whichever instance
/// comes first.
pub fn record_once(
    txn: &Txn,
    kind: Kind,
    article: Uuid,
    data: Value,
    at: DateTime<Utc>,
    once: String,
) {
    push(txn, kind, Some(article), data, at, Some(once));
}

fn push(
    txn: &Txn,
    kind: Kind,
    article: Option<Uuid>,
    data: Value,
    at: DateTime<Utc>,
    once: Option<String>,
) {
    let event = entity::event::ActiveModel {
        id: NotSet,
        at: Set(at),
        kind: Set(kind.name().into()),
        article_id: Set(article),
        data: Set(data),
        once: Set(once),
    };
    txn.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
}

/// The id of the newest event, 0 when there is none.
pub async fn newest(db: &impl ConnectionTrait) -> Result<i64, Error> {
    use entity::event::Column;
    let newest = entity::event::Entity::find()
        .select_only()
        .column(Column::Id)
        .order_by_desc(Column::Id)
        .into_tuple::<i64>()
        .one(db)
        .await?;
    Ok(newest.unwrap_or(0))
}

/// So many events are read at a time.
pub const MOST: usize = 1000;

/// At most [`MOST`] events after `id`, in commit order.
pub async fn after(db: &impl ConnectionTrait, id: i64) -> Result<Vec<Event>, Error> {
    some_after(db, id, MOST).await
}

/// At most so many events after `id`, in commit order.
pub async fn some_after(
    db: &impl ConnectionTrait,
    id: i64,
    most: usize,
) -> Result<Vec<Event>, Error> {
    use entity::event::Column;
    let events = entity::event::Entity::find()
        .filter(Column::Id.gt(id))
        .order_by_asc(Column::Id)
        .limit(most as u64)
        .all(db)
        .await?;
    Ok(events)
}

/// Which of these `once` keys have their event already.
pub async fn known(db: &impl ConnectionTrait, keys: &[String]) -> Result<HashSet<String>, Error> {
    use entity::event::Column;
    let mut known = HashSet::new();
    for part in keys.chunks(1000) {
        let found: Vec<String> = entity::event::Entity::find()
            .select_only()
            .column(Column::Once)
            .filter(Column::Once.is_in(part))
            .into_tuple()
            .all(db)
            .await?;
        known.extend(found);
    }
    Ok(known)
}

/// Removes events older than [`KEPT_DAYS`], but for the newest one: without it, nobody would
/// know which places in the log there have been.
pub async fn prune(txn: &Txn, now: DateTime<Utc>) -> Result<(), Error> {
    use entity::event::Column;
    let oldest = now - TimeDelta::days(KEPT_DAYS);
    entity::event::Entity::delete_many()
        .filter(Column::At.lt(oldest))
        .filter(Column::Id.lt(newest(&txn.db).await?))
        .exec(&txn.db)
        .await?;
    Ok(())
}
