//! Sample content, dated relative to now.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::article;
use sea_orm::EntityTrait;

use super::batch::Place;
use super::prepare;
use super::store::store;
use crate::app::App;
use crate::error::Error;

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
    let mut batch = prepare::lines(&lines, None);
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
    tracing::info!(articles = stored.articles.len(), "loaded the sample content");
    Ok(())
}

fn shifted(time: DateTime<Utc>, shift: TimeDelta) -> DateTime<Utc> {
    time.checked_add_signed(shift).unwrap_or(time)
}
