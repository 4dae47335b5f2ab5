//! Flips: the instants at which an article appears or expires by itself.
//!
//! Readers see the flip by the clock alone. This appends its event, once, by
//! whichever instance comes first, also for the time when none ran.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::article;
use entity::setting;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::Article;
use super::State;
use super::find;
use super::note;
use super::note::Filing;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::event;
use crate::event::Kind;

/// Up to when the flips have their events.
const SETTING: &str = "flips_until";
/// A change may commit after the instant that it names; looking back this far
/// finds it, and the event's uniqueness keeps the others from being repeated.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(10);

/// Appends the events of all flips that fell due. Only reads, unless one did or
/// a minute has passed.
pub async fn run(db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
    let until = position(&db.read).await?;
    let from = until.map_or(DateTime::UNIX_EPOCH, |until| until - LOOK_BACK);
    let starts = due(&db.read, article::Column::PublishAt, from, now).await?;
    let ends = due(&db.read, article::Column::UnpublishAt, from, now).await?;
    let due: Vec<(Uuid, String)> = starts
        .iter()
        .chain(&ends)
        .flat_map(|article| flips(article, now).into_iter().map(|(_, key)| (article.id, key)))
        .collect();
    let keys: Vec<String> = due.iter().map(|(_, key)| key.clone()).collect();
    let known = event::known(&db.read, &keys).await?;
    let fresh: Vec<Uuid> =
        due.into_iter().filter(|(_, key)| !known.contains(key)).map(|(id, _)| id).collect();
    if fresh.is_empty() && until.is_some_and(|until| now - until < TimeDelta::minutes(1)) {
        return Ok(());
    }
    let txn = db.begin().await?;
    for ids in fresh.chunks(1000) {
        // As they are now: who withdraws one of them comes before this or after it.
        let articles = find::locked(&txn, ids).await?;
        let filed = find::filed(&txn.db, ids).await?;
        let mut articles: HashMap<Uuid, Article> =
            articles.into_iter().map(|article| (article.id, article)).collect();
        for article in ids.iter().filter_map(|id| articles.remove(id)) {
            let regions = filed.get(&article.id).map_or(&[][..], Vec::as_slice);
            record_filed(&txn, &article, regions, now);
        }
    }
    let row = setting::ActiveModel { name: Set(SETTING.into()), value: Set(now.to_rfc3339()) };
    let replace =
        OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row).on_conflict(replace).exec_without_returning(&txn.db).await?;
    txn.commit().await
}

/// Appends the events of an article's flips that fell due, if they have none
/// yet. Before another change of the article, so that none is lost to it.
pub async fn record(txn: &Txn, article: &Article, now: DateTime<Utc>) -> Result<(), Error> {
    if !flips(article, now).is_empty() {
        let filing = Filing::of(txn, article).await?;
        record_filed(txn, article, &filing.regions, now);
    }
    Ok(())
}

/// The same of an article that is known to be filed there.
pub fn record_filed(txn: &Txn, article: &Article, regions: &[String], now: DateTime<Utc>) {
    for (kind, key) in flips(article, now) {
        event::record_once(txn, kind, article.id, note::data(article, regions), now, key);
    }
}

/// The flips of a published article that fell due, each with its unique key.
fn flips(article: &Article, now: DateTime<Utc>) -> Vec<(Kind, String)> {
    let published = article.state == State::Published;
    let due = |at: Option<DateTime<Utc>>| at.filter(|_| published && is_news(at, now));
    let key = |kind: Kind, at: DateTime<Utc>| {
        (kind, format!("{}:{}:{}", kind.name(), article.id, at.timestamp_millis()))
    };
    let start = due(article.publish_at).map(|at| key(Kind::ArticlePublished, at));
    let end = due(article.unpublish_at).map(|at| key(Kind::ArticleExpired, at));
    start.into_iter().chain(end).collect()
}

/// Whether something happened at that instant and still is news: the event of an older one may
/// have been pruned.
pub fn is_news(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    at.is_some_and(|at| now - TimeDelta::days(event::KEPT_DAYS - 1) < at && at <= now)
}

/// The first instant after `now` at which an article appears or expires by itself, or one
/// that is not published would.
pub async fn next(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let mut next: Option<DateTime<Utc>> = None;
    for column in [article::Column::PublishAt, article::Column::UnpublishAt] {
        let first: Option<DateTime<Utc>> = article::Entity::find()
            .select_only()
            .column(column)
            .filter(column.gt(now))
            .order_by_asc(column)
            .into_tuple()
            .one(db)
            .await?;
        next = next.into_iter().chain(first).min();
    }
    Ok(next)
}

async fn position(db: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>, Error> {
    let row = setting::Entity::find_by_id(SETTING).one(db).await?;
    let at = row.and_then(|row| DateTime::parse_from_rfc3339(&row.value).ok());
    Ok(at.map(|at| at.to_utc()))
}

/// Articles of any state whose instant lies in between: a condition on the state
/// would tempt SQLite to the index on that, and so to all that is published.
async fn due(
    db: &impl ConnectionTrait,
    column: article::Column,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Article>, Error> {
    let found = article::Entity::find()
        .filter(column.gt(from))
        .filter(column.lte(now))
        .order_by_asc(column)
        .all(db)
        .await?;
    Ok(found)
}
