//! Creating, changing and deleting articles.

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use entity::article_body;
use entity::article_create_key;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::sea_query::OnConflict;
use serde_json::Value;
use uuid::Uuid;

use super::Article;
use super::Audience;
use super::State;
use super::block;
use super::block::Block;
use super::body;
use super::body::RENDERER_VERSION;
use super::find;
use super::find::Forms;
use super::flip;
use super::index;
use super::input;
use super::input::Content;
use super::lists;
use super::note;
use super::note::Filing;
use super::slug;
use super::tagging;
use crate::channel;
use crate::clock;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event::Kind;
use crate::region::Tree;
use crate::region::detect::Tag;
use crate::search;

/// The review reason of an article that has no title.
pub const TITLE_MISSING: &str = "TITLE_MISSING";

/// Creates a draft.
pub async fn create(
    txn: &Txn,
    content: Content,
    tree: &Tree,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    create_as(txn, clock::new_id(), content, tree, now).await
}

async fn create_as(
    txn: &Txn,
    id: Uuid,
    content: Content,
    tree: &Tree,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    let mut content = input::check(content, tree)?;
    check_channel(txn, &content).await?;
    let (body, teaser) = render(id, std::mem::take(&mut content.body))?;
    let found = found(&content, &body, tree)?;
    let tags = tagging::decide(id, Vec::new(), &[], &mut content.regions, found.as_deref());
    let mut article = row(id, &content, teaser, now)?;
    article.slug = match &content.slug {
        Some(chosen) => {
            slug::claim(txn, chosen, article.id, now).await?;
            chosen.clone()
        }
        None => slug::claim_for_title(txn, &article.title, article.id, now).await?,
    };
    let made = article.clone().into_active_model();
    article::Entity::insert(made).exec_without_returning(&txn.db).await?;
    article_body::Entity::insert(body.into_active_model()).exec_without_returning(&txn.db).await?;
    lists::set_regions(txn, &article, &content.regions, tree).await?;
    lists::set_tags(txn, &article).await?;
    tagging::save(txn, id, tags).await?;
    note::record(txn, Kind::ArticleCreated, &article, now).await?;
    Ok(article)
}

/// Creates a draft once for each key: asked again with the same input, it
/// gives the article of the first time.
pub async fn create_once(
    txn: &Txn,
    key: &str,
    content: Content,
    input_hash: String,
    tree: &Tree,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    let id = clock::new_id();
    let row = article_create_key::Model {
        key: key.into(),
        article_id: id,
        input_hash: input_hash.clone(),
        created_at: now,
    };
    // The key first: of two requests at once, the later waits here for the first.
    let skip = OnConflict::column(article_create_key::Column::Key).do_nothing().to_owned();
    let inserted = article_create_key::Entity::insert(row.into_active_model())
        .on_conflict(skip)
        .exec_without_returning(&txn.db)
        .await?;
    if inserted > 0 {
        return create_as(txn, id, content, tree, now).await;
    }
    let known = article_create_key::Entity::find_by_id(key).one(&txn.db).await?;
    match known {
        Some(known) => created_before(txn, known, &input_hash).await,
        None => Err(Error::Unavailable("The key was in use. Send the request again.".into())),
    }
}

async fn created_before(
    txn: &Txn,
    known: article_create_key::Model,
    input_hash: &str,
) -> Result<Article, Error> {
    if known.input_hash != input_hash {
        let message = "This idempotency key came with another input before: use a new key.";
        return Err(Error::conflict("idempotencyKey", Reason::KeyReused, message));
    }
    let found = find::by_id(&txn.db, Audience::Editor, known.article_id).await?;
    found.ok_or_else(|| {
        Error::not_found("idempotencyKey", "The article of this key was deleted meanwhile.")
    })
}

/// Replaces the content of an article whose version is still `version`.
pub async fn update(
    txn: &Txn,
    id: Uuid,
    version: i64,
    content: Content,
    tree: &Tree,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    let before = editable(txn, id, Some(version)).await?;
    let mut content = input::check(content, tree)?;
    check_channel(txn, &content).await?;
    if content.title.is_empty() && before.state != State::Draft {
        let message = "Only a draft may be without a title.";
        return Err(Error::invalid("title", Reason::Required, message));
    }
    let (body, teaser) = render(id, std::mem::take(&mut content.body))?;
    let found = found(&content, &body, tree)?;
    let known = tagging::of(&txn.db, tree, &[id]).await?.remove(&id).unwrap_or_default();
    let filed = find::regions(&txn.db, tree.edition(), &[id]).await?;
    let filed = filed.get(&id).map_or(&[][..], Vec::as_slice);
    let tags = tagging::decide(id, known, filed, &mut content.regions, found.as_deref());
    let after = Article {
        slug: content.slug.clone().unwrap_or_else(|| before.slug.clone()),
        created_at: before.created_at,
        version: before.version,
        state: before.state,
        publish_at: before.publish_at,
        unpublish_at: before.unpublish_at,
        published_at: before.published_at,
        ..row(id, &content, teaser, now)?
    };
    if after.slug != before.slug {
        slug::claim(txn, &after.slug, id, now).await?;
    }
    flip::record(txn, &before, now).await?;
    let filing = Filing::of(txn, &before).await?;
    let after = save(txn, after).await?;
    article_body::Entity::update(body.into_active_model().reset_all()).exec(&txn.db).await?;
    lists::set_regions(txn, &after, &content.regions, tree).await?;
    lists::set_tags(txn, &after).await?;
    tagging::save(txn, id, tags).await?;
    index::put(txn, std::slice::from_ref(&after)).await?;
    note::record_update(txn, &after, filing, now).await?;
    Ok(after)
}

/// Deletes an article. Its slugs stay reserved.
pub async fn delete(
    txn: &Txn,
    id: Uuid,
    version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    let article = editable(txn, id, version).await?;
    flip::record(txn, &article, now).await?;
    let seen = note::may_be_seen(&article, now);
    note::record_end(txn, Kind::ArticleDeleted, &article, seen, now).await?;
    // In the order in which others lock them.
    find::locked(txn, &[id]).await?;
    search::index::remove(txn, &[id]).await?;
    let deleted = article::Entity::delete_many()
        .filter(article::Column::Id.eq(id))
        .filter(article::Column::Version.eq(article.version))
        .exec(&txn.db)
        .await?;
    if deleted.rows_affected == 0 { Err(stale(article.version + 1)) } else { Ok(article) }
}

/// The content of an article as an editor would give it.
pub async fn content(txn: &Txn, article: &Article, tree: &Tree) -> Result<Content, Error> {
    let mut bodies = find::bodies(&txn.db, &[article.id], Forms::ALL).await?;
    let mut regions = find::regions(&txn.db, tree.edition(), &[article.id]).await?;
    Ok(Content {
        slug: None,
        title: article.title.clone(),
        byline: article.byline.clone(),
        source: input::Source {
            name: article.source_name.clone(),
            url: article.source_url.clone(),
        },
        lead_image: input::lead_image_of(article),
        channel: article.channel_id,
        tags: input::tags_of(article),
        regions: regions.remove(&article.id).unwrap_or_default(),
        detect_regions: false,
        metadata: input::metadata_of(article),
        body: bodies.remove(&article.id).map(|body| body.markdown).unwrap_or_default(),
        updated_at: None,
    })
}

/// The article for a change, if it exists and still has that version.
pub(super) async fn editable(txn: &Txn, id: Uuid, version: Option<i64>) -> Result<Article, Error> {
    let found = find::by_id(&txn.db, Audience::Editor, id).await?;
    let found = found.ok_or_else(|| Error::not_found("id", "There is no article with this id."))?;
    match version {
        Some(version) if version != found.version => Err(stale(found.version)),
        _ => Ok(found),
    }
}

/// Writes the row with the next version, unless somebody else was faster.
pub(super) async fn save(txn: &Txn, mut article: Article) -> Result<Article, Error> {
    let before = article.version;
    article.version += 1;
    let mut row = article.clone().into_active_model().reset_all();
    row.id = Set(article.id);
    let saved = article::Entity::update_many()
        .set(row)
        .filter(article::Column::Id.eq(article.id))
        .filter(article::Column::Version.eq(before))
        .exec(&txn.db)
        .await?;
    if saved.rows_affected == 0 { Err(stale(article.version)) } else { Ok(article) }
}

/// The row of a new draft, without its slug.
pub fn row(
    id: Uuid,
    content: &Content,
    teaser: String,
    now: DateTime<Utc>,
) -> Result<Article, Error> {
    Ok(Article {
        id,
        slug: String::new(),
        title: content.title.clone(),
        review_reason: content.title.is_empty().then(|| TITLE_MISSING.into()),
        byline: content.byline.clone(),
        source_name: content.source.name.clone(),
        source_url: content.source.url.clone(),
        lead_image: content.lead_image.as_ref().map(serde_json::to_value).transpose()?,
        channel_id: content.channel,
        tags: content.tags.clone().into(),
        metadata: Value::Object(content.metadata.clone()),
        state: State::Draft,
        publish_at: None,
        unpublish_at: None,
        published_at: None,
        updated_at: content.updated_at.map_or(now, clock::millis),
        created_at: now,
        version: 1,
        teaser,
    })
}

/// Renders a body; its row, and the teaser for the article's.
pub fn render(article_id: Uuid, markdown: String) -> Result<(article_body::Model, String), Error> {
    let rendered = body::render(&markdown);
    let row = article_body::Model {
        article_id,
        markdown,
        html: rendered.html,
        blocks: serde_json::to_string(&rendered.blocks)?,
        fold_at: rendered.fold_at.and_then(|at| i32::try_from(at).ok()),
        word_count: i32::try_from(rendered.word_count).unwrap_or(i32::MAX),
        renderer_version: RENDERER_VERSION,
    };
    Ok((row, rendered.teaser))
}

fn found(
    content: &Content,
    body: &article_body::Model,
    tree: &Tree,
) -> Result<Option<Vec<Tag>>, Error> {
    if !content.detect_regions {
        return Ok(None);
    }
    let blocks: Vec<Block> = serde_json::from_str(&body.blocks)?;
    Ok(Some(tagging::found(tree, &content.title, &block::text(&blocks))))
}

async fn check_channel(txn: &Txn, content: &Content) -> Result<(), Error> {
    let Some(id) = content.channel else { return Ok(()) };
    if channel::by_ids(&txn.db, &[id]).await?.is_empty() {
        return Err(Error::not_found("channel", "There is no such channel."));
    }
    Ok(())
}

fn stale(today: i64) -> Error {
    let message = format!(
        "The article was changed meanwhile and has version {today}: read it again and repeat your \
         change with that version."
    );
    Error::conflict("version", Reason::StaleVersion, message)
}
