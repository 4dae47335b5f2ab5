//! Which articles can be searched for: those that are published, also for a later time.
//!
//! Each change of an article changes the index in its own transaction. What is not in it, or was
//! put there by other rules, is put there batch by batch.

use entity::article;
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
use uuid::Uuid;

use super::Article;
use super::State;
use super::block;
use super::block::Block;
use super::find;
use super::find::Forms;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::search::index;
use crate::search::index::Document;
use crate::search::index::FORMAT;

/// How many articles are put into the index in one transaction.
const BATCH: u64 = 200;

/// Makes the index right for articles as they are now.
pub async fn put(txn: &Txn, articles: &[Article]) -> Result<(), Error> {
    let (published, others): (Vec<&Article>, Vec<&Article>) =
        articles.iter().partition(|article| article.state == State::Published);
    let others: Vec<Uuid> = others.into_iter().map(|article| article.id).collect();
    index::remove(txn, &others).await?;
    let ids: Vec<Uuid> = published.iter().map(|article| article.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let forms = Forms { blocks: true, ..Forms::default() };
    let bodies = find::bodies(&txn.db, &ids, forms).await?;
    let mut filed = find::filed(&txn.db, &ids).await?;
    let mut documents = Vec::with_capacity(published.len());
    for article in published {
        let text = bodies.get(&article.id).map(|body| plain(&body.blocks)).transpose()?;
        let tokens = index::tokens(&article.title, &text.unwrap_or_default());
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

/// Puts a batch of those there that cannot be found yet; how many.
pub async fn catch_up(db: &Db) -> Result<u64, Error> {
    let ids = missing().limit(BATCH).into_tuple().all(&db.read).await?;
    batch(db, ids).await
}

/// Puts all published articles there anew, while others search and write; `progress` hears how
/// many each batch had.
pub async fn rebuild(db: &Db, progress: impl Fn(u64)) -> Result<(), Error> {
    let mut after = Uuid::nil();
    loop {
        let ids: Vec<Uuid> = published()
            .filter(article::Column::Id.gt(after))
            .order_by_asc(article::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(&db.read)
            .await?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        progress(batch(db, ids).await?);
    }
}

/// How many articles are published.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(published().count(db).await?)
}

async fn batch(db: &Db, ids: Vec<Uuid>) -> Result<u64, Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    let txn = db.begin_setup().await?;
    let articles = find::locked(&txn, &ids).await?;
    put(&txn, &articles).await?;
    txn.commit().await?;
    Ok(ids.len() as u64)
}

fn published() -> sea_orm::Select<article::Entity> {
    let query = article::Entity::find().select_only().column(article::Column::Id);
    query.filter(article::Column::State.eq(State::Published))
}

fn missing() -> sea_orm::Select<article::Entity> {
    use search_document::Column;
    let document = article::Entity::belongs_to(search_document::Entity)
        .from(article::Column::Id)
        .to(Column::ArticleId)
        .into();
    let stale = Column::ArticleId.is_null().or(Column::Format.ne(FORMAT));
    published().join(JoinType::LeftJoin, document).filter(stale)
}
