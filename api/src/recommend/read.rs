//! Reads articles for the pool.

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use uuid::Uuid;

use super::pool::MOST;
use super::pool::Pool;
use super::text;
use crate::article::Audience;
use crate::article::State;
use crate::article::find;
use crate::article::find::Forms;
use crate::article::index::plain;
use crate::db::Db;
use crate::db::scan;
use crate::error::Error;
use crate::ranking::load_places;
use crate::ranking::places::Place;

/// So many articles are read at a time, and that many say how rare their terms are.
pub const BATCH: usize = 500;

/// An article as it is read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The article.
    pub id: Uuid,
    /// Since when it is seen; `None`: it is not published.
    pub published_at: Option<DateTime<Utc>>,
    /// Until when, exclusive.
    pub unpublish_at: Option<DateTime<Utc>>,
    /// Its text.
    pub text: text::Text,
    /// Its regions, those above them too, and its channel, if it is published.
    pub places: Vec<Place>,
}

/// Reads at most [`BATCH`] articles in an edition of the region directory; those that are gone
/// are left out.
///
/// Of those that are published and `skip` nothing is read but that.
pub async fn some(
    db: &Db,
    edition: i64,
    ids: Vec<Uuid>,
    skip: impl Fn(DateTime<Utc>) -> bool + Send + 'static,
) -> Result<Vec<Read>, Error> {
    let db = db.clone();
    // It takes a while to cut many texts.
    scan::apart(async move {
        let mut articles = find::by_ids(&db, Audience::Editor, &ids).await?;
        articles.retain(|article| !article.published_at.is_some_and(&skip));
        let ids: Vec<Uuid> = articles.iter().map(|article| article.id).collect();
        let bodies = find::bodies(&db, &ids, Forms { blocks: true, ..Forms::default() }).await?;
        let mut places = load_places::read(&db.read, edition, &ids).await?;
        let mut read = Vec::with_capacity(articles.len());
        for article in articles {
            let Some(body) = bodies.get(&article.id) else { continue };
            let published = article.state == State::Published;
            read.push(Read {
                id: article.id,
                published_at: article.published_at.filter(|_| published),
                unpublish_at: article.unpublish_at,
                text: text::of(&article.title, &plain(&body.blocks)?),
                places: places.remove(&article.id).unwrap_or_default(),
            });
        }
        Ok(read)
    })
    .await
}

/// Reads the newest articles.
pub async fn all(db: &Db, edition: i64) -> Result<Pool, Error> {
    use article::Column;
    let ids: Vec<Uuid> = article::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(State::Published))
        .filter(Column::PublishedAt.is_not_null())
        .order_by_desc(Column::PublishedAt)
        .order_by_desc(Column::Id)
        .limit(MOST as u64)
        .into_tuple()
        .all(&db.read)
        .await?;
    let mut pool = Pool::new(edition);
    for ids in ids.chunks(BATCH) {
        put(&mut pool, some(db, edition, ids.to_vec(), |_| false).await?);
    }
    pool.set_read();
    Ok(pool)
}

/// Puts articles into the pool, or takes out those that are not published.
pub fn put(pool: &mut Pool, read: Vec<Read>) {
    let (published, others): (Vec<Read>, Vec<Read>) =
        read.into_iter().partition(|read| read.published_at.is_some());
    others.iter().for_each(|read| pool.remove(read.id));
    // However often one is changed, it is one article.
    let new: Vec<&Read> = published.iter().filter(|read| pool.find(read.id).is_none()).collect();
    new.into_iter().for_each(|read| pool.count(&read.text));
    published.into_iter().for_each(|read| pool.put(read));
    pool.trim();
}
