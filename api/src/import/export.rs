//! `redian export`: everything as the records that `import` reads.

use std::collections::HashMap;
use std::io::Write;

use entity::article;
use entity::channel;
use entity::import_article;
use entity::import_key;
use entity::import_page;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use serde::Serialize;
use uuid::Uuid;

use super::record::ArticleRecord;
use super::record::ChannelRecord;
use super::record::LastImport;
use super::record::PageRecord;
use super::record::RecordState;
use super::record::RegionRecord;
use crate::app::App;
use crate::article::Article;
use crate::article::State;
use crate::article::find;
use crate::article::find::Forms;
use crate::article::input;
use crate::channel::all;
use crate::error::Error;
use crate::region::file::builtin_tree;
use crate::view;

/// How many articles are read at a time.
const PART: u64 = 500;

/// Writes channels, own regions, pages and articles, in this order, one a line.
pub async fn write(app: &App, out: &mut impl Write) -> Result<(), Error> {
    let channels = all(&app.db.read).await?;
    for channel in &channels {
        let channel::Model { slug, name, .. } = channel.clone();
        line(out, &ChannelRecord { kind: Default::default(), slug, name })?;
    }
    let tree = app.tree();
    let builtin = builtin_tree()?;
    let mut own: Vec<_> = tree.rows().filter(|row| builtin.get(&row.code).is_none()).collect();
    // Those above before those below, and closed ones behind what followed them.
    own.sort_by_key(|row| (!row.is_open(), tree.above(&row.code).len(), &row.code));
    for row in own {
        line(out, &RegionRecord::of(row))?;
    }
    let channels: HashMap<Uuid, String> =
        channels.into_iter().map(|channel| (channel.id, channel.slug)).collect();
    pages(app, out).await?;
    articles(app, out, &channels).await
}

async fn pages(app: &App, out: &mut impl Write) -> Result<(), Error> {
    let mut last = Uuid::nil();
    loop {
        let page = import_page::Entity::find()
            .filter(import_page::Column::Id.gt(last))
            .order_by_asc(import_page::Column::Id)
            .one(&app.db.read)
            .await?;
        let Some(page) = page else { return Ok(()) };
        last = page.id;
        let record = PageRecord {
            kind: Default::default(),
            id: page.id,
            site: page.site,
            column: page.site_column,
            raw: page.raw,
            recommended: serde_json::from_value(page.recommended)?,
            imported_at: page.imported_at,
        };
        line(out, &record)?;
    }
}

async fn articles(
    app: &App,
    out: &mut impl Write,
    channels: &HashMap<Uuid, String>,
) -> Result<(), Error> {
    let mut last = Uuid::nil();
    loop {
        let part = article::Entity::find()
            .filter(article::Column::Id.gt(last))
            .order_by_asc(article::Column::Id)
            .limit(PART)
            .all(&app.db.read)
            .await?;
        let Some(end) = part.last() else { return Ok(()) };
        last = end.id;
        let ids: Vec<Uuid> = part.iter().map(|article| article.id).collect();
        let mut belongings = belongings(app, &ids).await?;
        for article in part {
            line(out, &belongings.record(article, channels))?;
        }
    }
}

/// What belongs to a part of the articles.
struct Belongings {
    bodies: HashMap<Uuid, entity::article_body::Model>,
    regions: HashMap<Uuid, Vec<String>>,
    slugs: HashMap<Uuid, Vec<String>>,
    views: HashMap<Uuid, view::totals::Totals>,
    keys: HashMap<Uuid, Vec<String>>,
    imports: HashMap<Uuid, import_article::Model>,
}

async fn belongings(app: &App, ids: &[Uuid]) -> Result<Belongings, Error> {
    let db = &app.db.read;
    let mut slugs: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in find::slugs(db, ids).await?.into_iter().rev() {
        slugs.entry(row.article_id).or_default().push(row.slug);
    }
    let mut keys: HashMap<Uuid, Vec<String>> = HashMap::new();
    let rows = import_key::Entity::find()
        .filter(import_key::Column::ArticleId.is_in(ids.iter().copied()))
        .order_by_asc(import_key::Column::Key)
        .all(db);
    for row in rows.await? {
        keys.entry(row.article_id).or_default().push(row.key);
    }
    let imports = import_article::Entity::find()
        .filter(import_article::Column::ArticleId.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    Ok(Belongings {
        bodies: find::bodies(db, ids, Forms::ALL).await?,
        regions: find::regions(db, app.tree().edition(), ids).await?,
        slugs,
        views: view::base::totals(db, ids).await?,
        keys,
        imports: imports.into_iter().map(|row| (row.article_id, row)).collect(),
    })
}

impl Belongings {
    fn record(&mut self, article: Article, channels: &HashMap<Uuid, String>) -> ArticleRecord {
        let id = article.id;
        let mut slugs = self.slugs.remove(&id).unwrap_or_default();
        slugs.retain(|slug| *slug != article.slug);
        slugs.insert(0, article.slug.clone());
        let import = self.imports.remove(&id);
        let import_keys = self.keys.remove(&id).unwrap_or_default();
        let imported = self.views.get(&id).map(|totals| totals.imported);
        ArticleRecord {
            id: Some(id),
            slugs,
            lead_image: input::lead_image_of(&article),
            tags: input::tags_of(&article),
            metadata: input::metadata_of(&article),
            title: article.title,
            byline: article.byline,
            source: (article.source_name.is_some() || article.source_url.is_some())
                .then_some(input::Source { name: article.source_name, url: article.source_url }),
            channel: article.channel_id.and_then(|id| channels.get(&id).cloned()),
            regions: self.regions.remove(&id).unwrap_or_default(),
            body: self.bodies.remove(&id).map(|body| body.markdown).unwrap_or_default(),
            state: Some(match article.state {
                State::Draft => RecordState::Draft,
                State::Published => RecordState::Published,
                State::Withdrawn => RecordState::Withdrawn,
            }),
            publish_at: article.publish_at,
            unpublish_at: article.unpublish_at,
            published_at: article.published_at,
            updated_at: Some(article.updated_at),
            created_at: Some(article.created_at),
            version: Some(article.version),
            imported_views: imported.filter(|count| *count > 0),
            page: import.as_ref().and_then(|import| import.page_id),
            // Without a key from outside nothing but the id is known of it.
            last_import: import.filter(|_| !import_keys.is_empty()).map(|import| LastImport {
                version: import.article_version,
                hash: import.content_hash,
                at: import.imported_at,
            }),
            import_keys,
            ..ArticleRecord::default()
        }
    }
}

fn line(out: &mut impl Write, record: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string(record)?;
    writeln!(out, "{json}")
        .map_err(|error| Error::Unavailable(format!("The export cannot be written: {error}.")))
}
