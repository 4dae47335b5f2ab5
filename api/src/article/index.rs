//! Which articles can be searched for: those that are published, also for a later time.
//!
//! Each change of an article changes the index in its own transaction. What is not in it, or was
//! put there by other rules, is put there batch by batch.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use entity::article_body;
use entity::search_document;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::JoinType;
use sea_orm::PaginatorTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::Select;
use serde_json::json;
use uuid::Uuid;

use super::Article;
use super::Audience;
use super::State;
use super::block;
use super::block::Block;
use super::find;
use super::find::Forms;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::Txn;
use crate::db::inline::Source;
use crate::error::Error;
use crate::event;
use crate::event::Event;
use crate::event::Kind;
use crate::search::index;
use crate::search::index::Document;
use crate::search::index::FORMAT;

/// How many articles are put into the index in one transaction.
const BATCH: u64 = 500;

/// Makes the index right for articles as they are now.
pub async fn put(txn: &Txn, articles: &[Article]) -> Result<(), Error> {
    let bodies = bodies(&txn.db, articles).await?;
    put_prepared(txn, articles, prepare(articles, &bodies)?).await
}

/// What articles can be found by, each with the version that it was made of.
type Prepared = HashMap<Uuid, (i64, String)>;

async fn bodies(
    db: &impl Source,
    articles: &[Article],
) -> Result<HashMap<Uuid, article_body::Model>, Error> {
    let published = articles.iter().filter(|article| article.state == State::Published);
    let ids: Vec<Uuid> = published.map(|article| article.id).collect();
    match ids.is_empty() {
        true => Ok(HashMap::new()),
        false => find::bodies(db, &ids, Forms { blocks: true, ..Forms::default() }).await,
    }
}

fn prepare(
    articles: &[Article],
    bodies: &HashMap<Uuid, article_body::Model>,
) -> Result<Prepared, Error> {
    let mut prepared = HashMap::new();
    for article in articles {
        let Some(body) = bodies.get(&article.id) else { continue };
        let tokens = index::tokens(&article.title, &plain(&body.blocks)?);
        prepared.insert(article.id, (article.version, tokens));
    }
    Ok(prepared)
}

async fn put_prepared(
    txn: &Txn,
    articles: &[Article],
    mut prepared: Prepared,
) -> Result<(), Error> {
    let (published, others): (Vec<&Article>, Vec<&Article>) =
        articles.iter().partition(|article| article.state == State::Published);
    let others: Vec<Uuid> = others.into_iter().map(|article| article.id).collect();
    index::remove(txn, &others).await?;
    let ids: Vec<Uuid> = published.iter().map(|article| article.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut filed = find::filed(&txn.db, &ids).await?;
    let mut documents = Vec::with_capacity(published.len());
    for article in published {
        let tokens = prepared.remove(&article.id).unwrap_or_default().1;
        let regions = filed.remove(&article.id).unwrap_or_default();
        documents.extend(document(article, tokens, regions));
    }
    index::put(txn, documents).await
}

/// A published article in the index; `None` for others.
pub fn document(article: &Article, tokens: String, regions: Vec<String>) -> Option<Document> {
    let published_at = article.published_at.filter(|_| article.state == State::Published)?;
    let Article { id, unpublish_at, .. } = *article;
    Some(Document { article: id, published_at, unpublish_at, tokens, regions })
}

/// The plain text of stored blocks.
pub fn plain(blocks: &str) -> Result<String, Error> {
    let blocks: Vec<Block> = serde_json::from_str(blocks)?;
    Ok(block::text(&blocks))
}

/// How many published articles cannot be found yet.
pub async fn pending(db: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(missing().count(db).await?)
}

/// Notes that there is something to [`catch_up`] with.
pub fn note_pending(txn: &Txn, now: DateTime<Utc>) {
    event::record(txn, Kind::SearchChanged, None, json!({ "pending": true }), now);
}

/// Whether an event notes that.
pub fn is_pending(event: &Event) -> bool {
    event.kind == Kind::SearchChanged.name() && event.data["pending"] == true
}

/// Puts the articles there that cannot be found yet, while others search and write; `progress`
/// hears how many each batch had.
pub async fn catch_up(db: &Db, clock: &Clock, progress: impl Fn(u64)) -> Result<(), Error> {
    put_all(db, clock, missing, progress).await
}

/// Puts all published articles there anew, in the same way.
pub async fn rebuild(db: &Db, clock: &Clock, progress: impl Fn(u64)) -> Result<(), Error> {
    put_all(db, clock, published, progress).await
}

async fn put_all(
    db: &Db,
    clock: &Clock,
    which: fn() -> Select<article::Entity>,
    progress: impl Fn(u64),
) -> Result<(), Error> {
    let next = async |after: Uuid| {
        let query = which().filter(article::Column::Id.gt(after));
        let query = query.order_by_asc(article::Column::Id).limit(BATCH);
        let ids: Vec<Uuid> = query.into_tuple().all(&db.read).await?;
        let prepared = prepare_batch(db, &ids).await?;
        Ok::<_, Error>((ids, prepared))
    };
    let (mut ids, mut prepared) = next(Uuid::nil()).await?;
    while let Some(last) = ids.last().copied() {
        // The next ones are prepared while the database writes these.
        let (written, following) =
            tokio::try_join!(batch(db, which, ids, prepared, clock.now()), next(last))?;
        progress(written);
        (ids, prepared) = following;
    }
    Ok(())
}

/// Reads articles and cuts their texts, on a thread of its own.
async fn prepare_batch(db: &Db, ids: &[Uuid]) -> Result<Prepared, Error> {
    let articles = find::by_ids(&db.read, Audience::Editor, ids).await?;
    let bodies = bodies(&db.read, &articles).await?;
    let cut = tokio::task::spawn_blocking(move || prepare(&articles, &bodies));
    cut.await.map_err(|error| Error::Internal(format!("cutting texts: {error}")))?
}

/// How many articles are published.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(published().count(db).await?)
}

async fn batch(
    db: &Db,
    which: fn() -> Select<article::Entity>,
    ids: Vec<Uuid>,
    mut prepared: Prepared,
    now: DateTime<Utc>,
) -> Result<u64, Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    let txn = db.begin_setup().await?;
    // Another process may have done it meanwhile.
    let ids = which().filter(article::Column::Id.is_in(ids)).into_tuple().all(&txn.db).await?;
    let articles = find::locked(&txn, &ids).await?;
    // Those that somebody changed since they were read.
    let same = |article: &&Article| {
        prepared.get(&article.id).is_some_and(|(version, _)| *version == article.version)
    };
    let changed: Vec<Article> = articles.iter().filter(|article| !same(article)).cloned().collect();
    let bodies = bodies(&txn.db, &changed).await?;
    prepared.extend(prepare(&changed, &bodies)?);
    put_prepared(&txn, &articles, prepared).await?;
    // What was searched for meanwhile may have missed them.
    event::record(&txn, Kind::SearchChanged, None, json!({}), now);
    txn.commit().await?;
    Ok(ids.len() as u64)
}

fn published() -> Select<article::Entity> {
    let query = article::Entity::find().select_only().column(article::Column::Id);
    // Others have no place in the order of time.
    query
        .filter(article::Column::State.eq(State::Published))
        .filter(article::Column::PublishedAt.is_not_null())
}

fn missing() -> Select<article::Entity> {
    use search_document::Column;
    let document = article::Entity::belongs_to(search_document::Entity)
        .from(article::Column::Id)
        .to(Column::ArticleId)
        .into();
    let stale = Column::ArticleId.is_null().or(Column::Format.ne(FORMAT));
    published().join(JoinType::LeftJoin, document).filter(stale)
}
