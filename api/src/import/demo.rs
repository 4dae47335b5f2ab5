//! Sample content, dated relative to now.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::article;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;

use super::batch::Place;
use super::prepare;
use super::store::store;
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::view;
use crate::view::batch::Display;
use crate::view::class::Class;

/// Records whose times are relative to [`REFERENCE`].
const FILE: &str = include_str!("../../data/demo.jsonl");
/// 2026-01-01T00:00:00Z, in milliseconds since 1970.
const REFERENCE: i64 = 1_767_225_600_000;

/// Loads the sample content into a database that has no articles.
pub async fn load(app: &App) -> Result<(), Error> {
    if article::Entity::find().one(&app.db.read).await?.is_some() {
        tracing::info!("the database has articles: the sample content is left out");
        return Ok(());
    }
    let lines: Vec<_> = (1..)
        .zip(FILE.lines())
        .map(|(line, text)| (Place { file: "demo.jsonl".into(), line }, Ok(text.to_owned())))
        .collect();
    let mut batch = prepare::lines(&lines, prepare::Wanted { detect: None, index: true });
    let reference = DateTime::from_timestamp_millis(REFERENCE).unwrap_or_default();
    let shift = app.clock.now() - reference;
    for prepared in &mut batch.articles {
        let record = &mut prepared.record;
        for time in [
            &mut record.publish_at,
            &mut record.unpublish_at,
            &mut record.published_at,
            &mut record.updated_at,
            &mut record.created_at,
        ] {
            *time = time.map(|time| shifted(time, shift));
        }
    }
    let stored = store(app, &mut batch, None, false).await?;
    let views = count(app).await?;
    tracing::info!(articles = stored.articles.len(), views, "loaded the sample content");
    Ok(())
}

/// Counts sample views of the last hours, so that there is a hot list.
async fn count(app: &App) -> Result<usize, Error> {
    let now = app.clock.now();
    let articles = article::Entity::find()
        .filter(article::Column::State.eq(article::State::Published))
        .filter(article::Column::PublishedAt.lte(now))
        .order_by_asc(article::Column::Slug)
        .all(&app.db.read)
        .await?;
    let mut displays = Vec::new();
    for (number, article) in articles.iter().enumerate() {
        let since = article.published_at.unwrap_or(now).max(now - TimeDelta::hours(12));
        let visitors = 3 + number * 37 % 41;
        let step = (now - since) / i32::try_from(visitors).unwrap_or(1);
        for visitor in 0..visitors {
            let at = (since + step * i32::try_from(visitor).unwrap_or(0)).timestamp_millis();
            displays.push(Display {
                id: clock::id_of(at),
                at,
                article: article.id,
                class: Class::Counted,
                visit: None,
                visitor: u64::try_from(visitor).ok(),
            });
        }
    }
    let sample = displays.len();
    tokio::select! {
        () = view::writer::run(&app.db, &app.clock, &app.views) => {}
        counted = app.views.queue.count(displays) => drop(counted?),
    }
    Ok(sample)
}

fn shifted(time: DateTime<Utc>, shift: TimeDelta) -> DateTime<Utc> {
    time.checked_add_signed(shift).unwrap_or(time)
}
