//! Articles, their texts and channels as rows of SQLite: the columns in the order of the
//! entities.

use entity::article;
use entity::article_body;
use entity::channel;
use sea_orm::ActiveEnum;

use super::inline::Columns;
use super::inline::id;
use super::inline::id_or_null;
use super::inline::instant;
use super::inline::instant_or_null;
use crate::error::Error;

/// A long text: checked many bytes at once.
fn text(row: &rusqlite::Row<'_>, column: usize) -> Result<String, Error> {
    let bytes = row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from)?;
    let wrong = |error| Error::Internal(format!("a text is none: {error}"));
    Ok(simdutf8::basic::from_utf8(bytes).map_err(wrong)?.to_owned())
}

fn json(row: &rusqlite::Row<'_>, column: usize) -> Result<serde_json::Value, Error> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(serde_json::from_str(text)?)
}

fn json_or_null(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> Result<Option<serde_json::Value>, Error> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(text.map(serde_json::from_str).transpose()?)
}

impl Columns for article::Model {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: id(row, 0)?,
            slug: row.get(1)?,
            title: text(row, 2)?,
            byline: row.get(3)?,
            source_name: row.get(4)?,
            source_url: row.get(5)?,
            lead_image: json_or_null(row, 6)?,
            channel_id: id_or_null(row, 7)?,
            tags: json(row, 8)?,
            metadata: json(row, 9)?,
            state: article::State::try_from_value(&row.get(10)?)?,
            review_reason: row.get(11)?,
            publish_at: instant_or_null(row, 12)?,
            unpublish_at: instant_or_null(row, 13)?,
            published_at: instant_or_null(row, 14)?,
            updated_at: instant(row, 15)?,
            created_at: instant(row, 16)?,
            version: row.get(17)?,
            teaser: text(row, 18)?,
        })
    }
}

impl Columns for article_body::Model {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            article_id: id(row, 0)?,
            markdown: text(row, 1)?,
            html: text(row, 2)?,
            blocks: text(row, 3)?,
            fold_at: row.get(4)?,
            word_count: row.get(5)?,
            renderer_version: row.get(6)?,
        })
    }
}

impl Columns for channel::Model {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error> {
        Ok(Self { id: id(row, 0)?, slug: row.get(1)?, name: row.get(2)? })
    }
}
