//! New articles, many at once.

use std::collections::HashSet;

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use entity::article_body;
use entity::article_region;
use entity::article_region_tag;
use entity::article_slug;
use entity::article_tag;
use sea_orm::ActiveModelBehavior;
use sea_orm::ActiveModelTrait;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::batch::Prepared;
use super::record::ArticleRecord;
use super::record::RecordState;
use crate::article::Article;
use crate::article::Audience;
use crate::article::State;
use crate::article::flip;
use crate::article::index;
use crate::article::input::Content;
use crate::article::lists;
use crate::article::note::record_filed;
use crate::article::publish::Standing;
use crate::article::slug;
use crate::article::tagging;
use crate::article::write;
use crate::clock::millis;
use crate::db::Txn;
use crate::error::Error;
use crate::event::Kind;
use crate::region::Tree;
use crate::search;

/// An article to insert.
pub struct New {
    /// Its id.
    pub id: Uuid,
    /// Its record and text.
    pub prepared: Prepared,
    /// Its checked content, without the text.
    pub content: Content,
}

/// Inserts articles with all that belongs to them.
pub async fn insert(
    txn: &Txn,
    new: Vec<New>,
    tree: &Tree,
    state: Option<RecordState>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let slugs = claim_slugs(txn, &new, now).await?;
    let (mut articles, mut bodies) = (Vec::new(), Vec::new());
    let (mut regions, mut region_tags, mut tags) = (Vec::new(), Vec::new(), Vec::new());
    let (mut documents, mut pending) = (Vec::new(), false);
    for (mut new, slug) in new.into_iter().zip(slugs) {
        let Prepared { record, body, teaser, portal, tokens, mut found, .. } = new.prepared;
        // The directory may have changed since the text was looked at.
        for tag in found.iter_mut().flatten() {
            if let Some(heir) = tree.resolve(&tag.code) {
                tag.code.clone_from(&heir.code);
            }
        }
        let filed = &mut new.content.regions;
        region_tags.extend(tagging::decide(new.id, Vec::new(), &[], filed, found.as_deref()));
        let mut article = write::row(new.id, &new.content, teaser, now)?;
        article.slug = slug;
        place_in_time(&mut article, &record, state.filter(|_| portal), now);
        let rows = lists::region_rows(&article, &new.content.regions, tree);
        let codes: Vec<String> = rows.iter().map(|row| row.region_code.clone()).collect();
        note(txn, &article, &codes, now);
        pending |= tokens.is_none() && article.state == State::Published;
        let document = tokens.and_then(|tokens| index::document(&article, tokens, codes));
        documents.extend(document);
        regions.extend(rows);
        tags.extend(lists::tag_rows(&article));
        bodies.push(article_body::Model { article_id: new.id, markdown: new.content.body, ..body });
        articles.push(article);
    }
    rows::<article::Entity, _>(txn, articles).await?;
    // A statement is made while the database works on the one before.
    tokio::try_join!(
        rows::<article_body::Entity, _>(txn, bodies),
        rows::<article_region::Entity, _>(txn, regions),
        rows::<article_region_tag::Entity, _>(txn, region_tags),
        rows::<article_tag::Entity, _>(txn, tags),
    )?;
    if pending {
        index::note_pending(txn, now);
    }
    search::index::put(txn, documents).await
}

/// State and times, from the record where it tells them.
fn place_in_time(
    article: &mut Article,
    record: &ArticleRecord,
    state: Option<RecordState>,
    now: DateTime<Utc>,
) {
    standing(article, record, state, now).give(article);
    article.created_at = record.created_at.map_or(now, millis);
    let updated_at = record.updated_at.map(millis).or(article.published_at);
    article.updated_at = updated_at.unwrap_or(article.created_at);
    article.version = record.version.unwrap_or(1);
}

/// Where a record says that an article stands; `state` is the default's.
pub fn standing(
    article: &Article,
    record: &ArticleRecord,
    state: Option<RecordState>,
    now: DateTime<Utc>,
) -> Standing {
    let state = record.state.or(state).unwrap_or(RecordState::Published);
    // What has no title is for an editor, whatever is asked.
    let state = if article.title.is_empty() { RecordState::Draft } else { state };
    let asked = record.publish_at.map(millis);
    let unpublish_at = record.unpublish_at.map(millis);
    if state == RecordState::Draft {
        let published_at = record.published_at.map(millis);
        return Standing { state: State::Draft, publish_at: asked, unpublish_at, published_at };
    }
    let state = if state == RecordState::Published { State::Published } else { State::Withdrawn };
    let told = record.published_at.or(asked).or(record.updated_at).map(millis);
    let published_at = told.or(article.published_at).unwrap_or(now);
    // One that lies ahead appears by its flip.
    let publish_at = told.filter(|at| now < *at).or(asked);
    Standing { state, publish_at, unpublish_at, published_at: Some(published_at) }
}

/// Its first event. One that appeared by its own time has its flip behind it.
fn note(txn: &Txn, article: &Article, regions: &[String], now: DateTime<Utc>) {
    let seen = Audience::Public(now).sees(article);
    if seen && flip::is_news(article.publish_at, now) {
        return flip::record_filed(txn, article, regions, now);
    }
    let ahead = article.published_at.is_some_and(|at| now < at);
    let kind = match article.state {
        State::Published if seen => Kind::ArticlePublished,
        State::Published if ahead => Kind::ArticleScheduled,
        _ => Kind::ArticleCreated,
    };
    record_filed(txn, kind, article, regions, seen, now);
}

/// A slug for each article: its own, or one of its title.
async fn claim_slugs(txn: &Txn, new: &[New], now: DateTime<Utc>) -> Result<Vec<String>, Error> {
    let wanted: Vec<String> = new.iter().map(wanted_slug).collect();
    let others = new.iter().flat_map(|new| new.prepared.record.slugs.iter().skip(1));
    let asked: Vec<&String> = wanted.iter().chain(others).collect();
    let mut taken = HashSet::new();
    for part in asked.chunks(1000) {
        let found: Vec<String> = article_slug::Entity::find()
            .select_only()
            .column(article_slug::Column::Slug)
            .filter(article_slug::Column::Slug.is_in(part.iter().copied()))
            .into_tuple()
            .all(&txn.db)
            .await?;
        taken.extend(found);
    }
    let mut free = Vec::new();
    let mut slugs: Vec<Option<String>> = Vec::with_capacity(new.len());
    for (new, wanted) in new.iter().zip(wanted) {
        let mut claim = |slug: &str, nth: i64| {
            let fresh = slug::check(slug).is_ok() && taken.insert(slug.to_owned());
            // Older slugs are told from today's by their time.
            let created_at = now - chrono::TimeDelta::milliseconds(nth);
            let row = article_slug::Model { slug: slug.into(), article_id: new.id, created_at };
            free.extend(fresh.then_some(row));
            fresh
        };
        slugs.push(claim(&wanted, 0).then_some(wanted));
        for (nth, slug) in (1..).zip(new.prepared.record.slugs.iter().skip(1)) {
            claim(slug, nth);
        }
    }
    let lost = insert_slugs(txn, free).await?;
    let mut claimed = Vec::with_capacity(slugs.len());
    for (new, slug) in new.iter().zip(slugs) {
        claimed.push(match slug {
            Some(slug) if !lost.contains(&slug) => slug,
            _ => slug::claim_for_title(txn, &new.content.title, new.id, now).await?,
        });
    }
    Ok(claimed)
}

/// Inserts slugs; those that somebody else took at the same time.
async fn insert_slugs(txn: &Txn, free: Vec<article_slug::Model>) -> Result<HashSet<String>, Error> {
    let skip = OnConflict::column(article_slug::Column::Slug).do_nothing().to_owned();
    let mut lost = HashSet::new();
    for part in free.chunks(1000) {
        let wanted = part.iter().cloned().map(IntoActiveModel::into_active_model);
        let inserted = article_slug::Entity::insert_many(wanted)
            .on_conflict(skip.clone())
            .exec_without_returning(&txn.db)
            .await?;
        if usize::try_from(inserted).is_ok_and(|inserted| inserted == part.len()) {
            continue;
        }
        let ids: HashSet<Uuid> = part.iter().map(|row| row.article_id).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let ours: HashSet<String> =
            slug::all(&txn.db, &ids).await?.into_iter().map(|row| row.slug).collect();
        lost.extend(part.iter().map(|row| row.slug.clone()).filter(|slug| !ours.contains(slug)));
    }
    Ok(lost)
}

fn wanted_slug(new: &New) -> String {
    let own = new.prepared.record.slugs.first().filter(|slug| slug::check(slug).is_ok());
    own.cloned().unwrap_or_else(|| slug::from_title(&new.content.title, new.id))
}

/// Inserts rows, so many at a time that neither database has too many parameters.
async fn rows<E, M>(txn: &Txn, rows: Vec<M>) -> Result<(), Error>
where
    E: EntityTrait<Model = M>,
    M: IntoActiveModel<E::ActiveModel> + Send,
    E::ActiveModel: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
    while rows.peek().is_some() {
        let part: Vec<E::ActiveModel> = rows.by_ref().take(500).collect();
        E::insert_many(part).exec_without_returning(&txn.db).await?;
    }
    Ok(())
}
