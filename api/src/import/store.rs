//! Storing a batch: one transaction, all of it or none.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::import_article;
use entity::import_key;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::sea_query::OnConflict;
use serde_json::json;
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
use super::regions;
use crate::app::App;
use crate::article::Article;
use crate::article::input;
use crate::article::input::Content;
use crate::article::publish;
use crate::article::publish::Standing;
use crate::article::tagging;
use crate::article::tagging::TagState;
use crate::article::write;
use crate::channel;
use crate::clock;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::event::Kind;
use crate::region;
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

/// Stores a batch, whose articles are taken out. `state` is what articles of pages get, if not by default.
/// With `dry_run` nothing is kept.
pub async fn store(
    app: &App,
    batch: &mut Batch,
    state: Option<RecordState>,
    dry_run: bool,
) -> Result<Stored, Error> {
    let mut stored = Stored::default();
    if !batch.regions.is_empty() {
        // What another change left to be done comes first.
        app.file_anew().await?;
        app.refresh_tree().await?;
    }
    let regions = regions::read(&batch.regions, &app.tree());
    stored.others += regions.changes.len();
    for (place, error) in regions.failures {
        stored.failures.push((place, sentence(error)?));
    }
    if !dry_run && !regions.changes.is_empty() {
        app.change_regions(regions.changes, |_| ()).await?;
    }
    let txn = app.db.begin_import().await?;
    let now = app.clock.now();
    for (place, record) in &batch.channels {
        let result = others::channel(&txn, record, now).await;
        note(&mut stored, place, result)?;
    }
    let tree = match dry_run {
        true => regions.tree,
        false => region::current(&txn, app.tree()).await?,
    };
    let mut pages = others::known_pages(&txn, &batch.articles).await?;
    for page in &batch.pages {
        pages.insert(page.id, others::page(&txn, page).await?);
    }
    stored.articles =
        articles(&txn, std::mem::take(&mut batch.articles), &tree, &pages, state, now).await?;
    if !dry_run {
        txn.commit().await?;
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
    articles: Vec<Prepared>,
    tree: &Tree,
    pages: &HashMap<Uuid, Uuid>,
    state: Option<RecordState>,
    now: DateTime<Utc>,
) -> Result<Vec<(Place, Outcome)>, Error> {
    let channels = channel::all(&txn.db).await?;
    let channels: HashMap<String, Uuid> =
        channels.into_iter().map(|channel| (channel.slug, channel.id)).collect();
    let mut outcomes = Vec::with_capacity(articles.len());
    let (mut sound, mut contents) = (Vec::new(), Vec::new());
    for mut prepared in articles {
        match content(&mut prepared, &channels, tree) {
            Ok(content) => {
                sound.push(prepared);
                contents.push(content);
            }
            Err(error) => outcomes.push((prepared.place, Outcome::Failed(sentence(error)?))),
        }
    }
    let plans = match_known::plan(txn, &sound).await?;
    let mut inserts = Vec::new();
    let mut kept = Kept::default();
    for ((prepared, content), planned) in sound.into_iter().zip(contents).zip(plans) {
        let place = prepared.place.clone();
        let page = prepared.record.page.and_then(|id| pages.get(&id).copied());
        let views = prepared.record.imported_views;
        let outcome = match planned.plan {
            Plan::Insert(id) => {
                let version = prepared.record.version.unwrap_or(1);
                kept.note(id, planned.keys, views);
                kept.imports.push(imported(id, &prepared, page, version, now));
                inserts.push(New { id, prepared, content });
                Outcome::Created
            }
            Plan::Update(article) => {
                let (id, version) = (article.id, article.version);
                match correct(txn, *article, &prepared, content, tree, now).await {
                    Ok(article) => {
                        kept.note(id, planned.keys, views);
                        kept.imports.push(imported(id, &prepared, page, article.version, now));
                        let same = article.version == version;
                        if same { Outcome::Unchanged } else { Outcome::Updated }
                    }
                    Err(error) => Outcome::Failed(sentence(error)?),
                }
            }
            Plan::Same(id) => {
                kept.note(id, planned.keys, views);
                Outcome::Unchanged
            }
            Plan::Keep(id, why) => {
                kept.note(id, planned.keys, views);
                Outcome::Kept(why.into())
            }
            Plan::Gone => Outcome::Kept("it was deleted here and stays so".into()),
        };
        outcomes.push((place, outcome));
    }
    insert::insert(txn, inserts, tree, state, now).await?;
    keep(txn, kept, now).await?;
    Ok(outcomes)
}

/// What is remembered of an import besides the articles.
#[derive(Default)]
struct Kept {
    imports: Vec<import_article::Model>,
    keys: Vec<(String, Uuid)>,
    views: HashMap<Uuid, i64>,
}

impl Kept {
    fn note(&mut self, id: Uuid, keys: Vec<String>, views: Option<i64>) {
        self.keys.extend(keys.into_iter().map(|key| (key, id)));
        if let Some(count) = views {
            let seen = self.views.entry(id).or_default();
            *seen = count.max(*seen);
        }
    }
}

fn imported(
    article_id: Uuid,
    prepared: &Prepared,
    page_id: Option<Uuid>,
    article_version: i64,
    now: DateTime<Utc>,
) -> import_article::Model {
    let told = prepared.record.last_import.clone();
    let (article_version, content_hash, imported_at) = match told {
        Some(told) => (told.version, told.hash, clock::millis(told.at)),
        None => (article_version, prepared.hash.clone(), now),
    };
    import_article::Model { article_id, article_version, content_hash, page_id, imported_at }
}

/// The content of a record, checked.
fn content(
    prepared: &mut Prepared,
    channels: &HashMap<String, Uuid>,
    tree: &Tree,
) -> Result<Content, Error> {
    let record = &prepared.record;
    if record.imported_views.is_some_and(|views| views < 0) {
        let message = "`importedViews` must not be negative.";
        return Err(Error::invalid("importedViews", Reason::Invalid, message));
    }
    if record.version.is_some_and(|version| !(1..1 << 53).contains(&version)) {
        let message = "`version` must be from 1 to 2^53.";
        return Err(Error::invalid("version", Reason::Invalid, message));
    }
    let plain = |text: &String| text.len() <= 1000 && !text.contains('\0');
    if !record.external_id.iter().chain(&record.import_keys).chain(&record.slugs).all(plain) {
        let message =
            "`externalId`, `importKeys` and `slugs` must have at most 1,000 bytes and no NUL.";
        return Err(Error::invalid("externalId", Reason::Invalid, message));
    }
    let times = [record.publish_at, record.unpublish_at, record.published_at];
    let more = [record.updated_at, record.created_at];
    if !times.iter().chain(&more).flatten().all(|at| clock::storable(*at)) {
        let message = "Times must be of the years 0 to 9999.";
        return Err(Error::invalid("publishedAt", Reason::Invalid, message));
    }
    let body = std::mem::take(&mut prepared.body.markdown);
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
        detect_regions: prepared.found.is_some(),
        metadata: record.metadata.clone(),
        body,
        updated_at: record.updated_at,
    };
    input::check(content, tree)
}

/// Gives an article the content of a record, and the state and times if the
/// record tells any. An export that comes back changes nothing.
async fn correct(
    txn: &Txn,
    mut article: Article,
    prepared: &Prepared,
    mut content: Content,
    tree: &Tree,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    // What was found in the text stays until the text is looked at again.
    let tags =
        tagging::of(&txn.db, tree, &[article.id]).await?.remove(&article.id).unwrap_or_default();
    for tag in tags.into_iter().filter(|tag| tag.state != TagState::Rejected) {
        let room = content.regions.len() < input::MAX_REGIONS;
        if room && !content.regions.contains(&tag.region_code) {
            content.regions.push(tag.region_code);
        }
    }
    let same_time = content.updated_at.is_none_or(|at| clock::millis(at) == article.updated_at);
    let mut stored = write::content(txn, &article, tree).await?;
    (stored.updated_at, stored.detect_regions) = (content.updated_at, content.detect_regions);
    if !same_time || stored != content {
        article = write::update(txn, article.id, article.version, content, tree, now).await?;
    }
    let record = &prepared.record;
    let times = [record.publish_at, record.unpublish_at, record.published_at];
    let told = record.state.is_some() || times.iter().any(Option::is_some);
    let standing = insert::standing(&article, record, None, now);
    if told && standing != Standing::of(&article) {
        article = publish::move_to(txn, article, standing, now).await?;
    }
    Ok(article)
}

/// Keeps what identifies the articles, and their state after this import.
async fn keep(txn: &Txn, kept: Kept, now: DateTime<Utc>) -> Result<(), Error> {
    use import_article::Column;
    let mut changed = kept.imports.len() as u64;
    let replace = OnConflict::column(Column::ArticleId)
        .update_columns([
            Column::ArticleVersion,
            Column::ContentHash,
            Column::PageId,
            Column::ImportedAt,
        ])
        .to_owned();
    import_article::Entity::insert_many(
        kept.imports.into_iter().map(IntoActiveModel::into_active_model),
    )
    .on_conflict(replace)
    .exec_without_returning(&txn.db)
    .await?;
    let skip = OnConflict::column(import_key::Column::Key).do_nothing().to_owned();
    let mut keys = kept.keys;
    keys.sort();
    keys.dedup_by(|a, b| a.0 == b.0);
    for part in keys.chunks(1000) {
        let rows = part.iter().map(|(key, article_id)| {
            let row = import_key::Model { key: key.clone(), article_id: *article_id };
            row.into_active_model()
        });
        changed += import_key::Entity::insert_many(rows)
            .on_conflict(skip.clone())
            .exec_without_returning(&txn.db)
            .await?;
    }
    if changed > 0 {
        event::record(txn, Kind::ArticlesImported, None, json!({}), now);
    }
    view::base::observe(txn, kept.views.into_iter().collect(), now).await
}

/// What a report says of a record that breaks a rule; other errors end the import.
fn sentence(error: Error) -> Result<String, Error> {
    let faults = error.faults()?;
    Ok(faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join(" "))
}
