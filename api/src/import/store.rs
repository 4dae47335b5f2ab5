//! Storing a batch: one transaction, all of it or none.

use std::collections::HashMap;

use entity::import_article;
use entity::import_key;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::batch::Batch;
use super::batch::Outcome;
use super::batch::Place;
use super::batch::Prepared;
use super::insert;
use super::insert::New;
use super::match_known;
use super::match_known::Plan;
use super::others;
use super::record::RecordState;
use crate::app::App;
use crate::article::Article;
use crate::article::input;
use crate::article::input::Content;
use crate::article::write;
use crate::channel;
use crate::clock;
use crate::db::Txn;
use crate::error::Error;
use crate::region::Tree;
use crate::view;

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Stored {
    /// Of each article.
    pub articles: Vec<(Place, Outcome)>,
    /// Channels and regions that were added or changed.
    pub others: usize,
    /// Channels and regions that break a rule.
    pub failures: Vec<(Place, String)>,
}

/// Stores a batch. `state` is what articles of pages get, if not by default.
/// With `dry_run` nothing is kept.
pub async fn store(
    app: &App,
    batch: &Batch,
    state: Option<RecordState>,
    dry_run: bool,
) -> Result<Stored, Error> {
    let mut stored = Stored::default();
    let compiled_in = if batch.regions.is_empty() { None } else { Some(Tree::compiled_in()?) };
    let txn = app.db.begin().await?;
    let now = app.clock.now();
    for (place, record) in &batch.channels {
        let result = others::channel(&txn, record, now).await;
        note(&mut stored, place, result)?;
    }
    for (place, record) in &batch.regions {
        if let Some(compiled_in) = &compiled_in {
            let result = others::region(&txn, record, compiled_in, now).await;
            note(&mut stored, place, result)?;
        }
    }
    let tree = if batch.regions.is_empty() {
        app.tree()
    } else {
        std::sync::Arc::new(crate::region::read(&txn.db).await?)
    };
    let mut pages = HashMap::new();
    for page in &batch.pages {
        pages.insert(page.id, others::page(&txn, page).await?);
    }
    stored.articles = articles(&txn, batch, &tree, &pages, state, now).await?;
    if !dry_run {
        txn.commit().await?;
        if !batch.regions.is_empty() {
            app.refresh_tree().await?;
        }
    }
    Ok(stored)
}

fn note(stored: &mut Stored, place: &Place, result: Result<bool, Error>) -> Result<(), Error> {
    match result {
        Ok(changed) => stored.others += usize::from(changed),
        Err(error) => stored.failures.push((place.clone(), sentence(error)?)),
    }
    Ok(())
}

async fn articles(
    txn: &Txn,
    batch: &Batch,
    tree: &Tree,
    pages: &HashMap<Uuid, Uuid>,
    state: Option<RecordState>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<(Place, Outcome)>, Error> {
    let channels = channel::all(&txn.db).await?;
    let channels: HashMap<String, Uuid> =
        channels.into_iter().map(|channel| (channel.slug, channel.id)).collect();
    let plans = match_known::plan(txn, &batch.articles).await?;
    let mut outcomes = Vec::with_capacity(plans.len());
    let mut inserts = Vec::new();
    let mut imports: Vec<import_article::Model> = Vec::new();
    let mut keys: Vec<(String, Uuid)> = Vec::new();
    let mut views: HashMap<Uuid, i64> = HashMap::new();
    for (prepared, planned) in batch.articles.iter().zip(plans) {
        let page = prepared.record.page.and_then(|id| pages.get(&id).copied());
        let (id, outcome) = match planned.plan {
            Plan::Insert(id) => match content(prepared, &channels, tree) {
                Ok(content) => {
                    let import = imported(id, prepared, page, 1, now);
                    inserts.push(New { id, prepared, content });
                    imports.push(import);
                    (Some(id), Outcome::Created)
                }
                Err(error) => (None, Outcome::Failed(sentence(error)?)),
            },
            Plan::Update(article) => match content(prepared, &channels, tree) {
                Ok(content) if has(txn, &article, &content).await? => {
                    (Some(article.id), Outcome::Unchanged)
                }
                Ok(content) => {
                    let (id, version) = (article.id, article.version);
                    match write::update(txn, id, version, content, tree, now).await {
                        Ok(article) => {
                            imports.push(imported(id, prepared, page, article.version, now));
                            (Some(id), Outcome::Updated)
                        }
                        Err(error) => (None, Outcome::Failed(sentence(error)?)),
                    }
                }
                Err(error) => (None, Outcome::Failed(sentence(error)?)),
            },
            Plan::Same(id) => (Some(id), Outcome::Unchanged),
            Plan::Keep(id, why) => (Some(id), Outcome::Kept(why.into())),
            Plan::Gone => (None, Outcome::Kept("it was deleted here and stays so".into())),
        };
        if let Some(id) = id {
            keys.extend(planned.keys.into_iter().map(|key| (key, id)));
            if let Some(count) = prepared.record.imported_views {
                let seen = views.entry(id).or_default();
                *seen = count.max(*seen);
            }
        }
        outcomes.push((prepared.place.clone(), outcome));
    }
    insert::insert(txn, inserts, tree, state, now).await?;
    keep(txn, imports, keys).await?;
    view::observe(txn, views.into_iter().collect()).await?;
    Ok(outcomes)
}

fn imported(
    article_id: Uuid,
    prepared: &Prepared,
    page_id: Option<Uuid>,
    fresh_version: i64,
    now: chrono::DateTime<chrono::Utc>,
) -> import_article::Model {
    let article_version = match fresh_version {
        1 => prepared.record.version.unwrap_or(1),
        version => version,
    };
    let content_hash = prepared.hash.clone();
    import_article::Model { article_id, article_version, content_hash, page_id, imported_at: now }
}

/// The content of a record, checked.
fn content(
    prepared: &Prepared,
    channels: &HashMap<String, Uuid>,
    tree: &Tree,
) -> Result<Content, Error> {
    let record = &prepared.record;
    let channel = match &record.channel {
        Some(slug) => Some(*channels.get(slug).ok_or_else(|| {
            let message =
                format!("There is no channel `{slug}`: put a channel record before the article.");
            Error::not_found("channel", message)
        })?),
        None => None,
    };
    let content = Content {
        slug: None,
        title: record.title.clone(),
        byline: record.byline.clone(),
        source: record.source.clone().unwrap_or_default(),
        lead_image: record.lead_image.clone(),
        channel,
        tags: record.tags.clone(),
        regions: record.regions.clone(),
        metadata: record.metadata.clone(),
        body: record.body.clone(),
        updated_at: record.updated_at,
    };
    input::check(content, tree)
}

/// Whether the article has this content already: an export of this database, or
/// a page that an export brought along, comes back as another record.
async fn has(txn: &Txn, article: &Article, content: &Content) -> Result<bool, Error> {
    let same_time = content.updated_at.is_none_or(|at| clock::millis(at) == article.updated_at);
    let content = Content { updated_at: None, ..content.clone() };
    Ok(same_time && write::content(txn, article).await? == content)
}

/// Keeps what identifies the articles, and their state after this import.
async fn keep(
    txn: &Txn,
    imports: Vec<import_article::Model>,
    keys: Vec<(String, Uuid)>,
) -> Result<(), Error> {
    use import_article::Column;
    let replace = OnConflict::column(Column::ArticleId)
        .update_columns([
            Column::ArticleVersion,
            Column::ContentHash,
            Column::PageId,
            Column::ImportedAt,
        ])
        .to_owned();
    import_article::Entity::insert_many(
        imports.into_iter().map(IntoActiveModel::into_active_model),
    )
    .on_conflict(replace)
    .exec_without_returning(&txn.db)
    .await?;
    let skip = OnConflict::column(import_key::Column::Key).do_nothing().to_owned();
    let mut keys = keys;
    keys.sort();
    keys.dedup_by(|a, b| a.0 == b.0);
    for part in keys.chunks(1000) {
        let rows = part.iter().map(|(key, article_id)| {
            let row = import_key::Model { key: key.clone(), article_id: *article_id };
            row.into_active_model()
        });
        import_key::Entity::insert_many(rows)
            .on_conflict(skip.clone())
            .exec_without_returning(&txn.db)
            .await?;
    }
    Ok(())
}

/// What a report says of a record that breaks a rule; other errors end the import.
fn sentence(error: Error) -> Result<String, Error> {
    let faults = error.faults()?;
    Ok(faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join(" "))
}
