//! The index: which articles have which tokens.

use std::collections::HashSet;

use chrono::DateTime;
use chrono::Utc;
use entity::search_document;
use entity::search_document::Column;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use sea_orm::Statement;
use sea_orm::Value;
use uuid::Uuid;

use super::cut;
use super::fold::fold;
use crate::db::Txn;
use crate::error::Error;

/// The version of the rules that make tokens. What others made is made anew.
pub const FORMAT: i16 = 1;
/// Before tokens of titles.
pub const TITLE: &str = "¶";
/// Before tokens of the beginnings of texts.
pub const LEAD_MARK: &str = "†";
/// Before codes of regions.
pub const REGION: &str = "§";
/// So many characters of a text are its beginning.
const LEAD: usize = 200;
/// So many characters of a text can be found. PostgreSQL's `tsvector` has at most 1 MB.
pub const FOUND: usize = 100_000;
/// Rows that are written with one statement.
const PART: usize = 50;
/// So many articles at once are many.
const MANY: usize = 50;
/// PostgreSQL keeps new tokens apart and sorts them in when there are so many kB of them
/// (<https://www.postgresql.org/docs/current/gin-implementation.html#GIN-FAST-UPDATE>): a third of
/// the work if they are of many articles, but readers look through what is apart. Of single
/// articles only a few wait there, and nobody waits for who sorts in just now; many are sorted in
/// together by their writer.
const FEW_APART: &str = "SET LOCAL gin_pending_list_limit = 256";
const MANY_APART: &str = "SET LOCAL gin_pending_list_limit = 65536";
const SORT_IN: &str = "SELECT gin_clean_pending_list('search_document_words')";
/// Articles that may be published within the same millisecond, each at its own place.
const PLACES: i64 = 1 << 15;

/// An article in the index.
#[derive(Clone, Debug)]
pub struct Document {
    /// The article.
    pub article: Uuid,
    /// When readers see it first.
    pub published_at: DateTime<Utc>,
    /// When they no longer do.
    pub unpublish_at: Option<DateTime<Utc>>,
    /// What [`tokens`] made of it.
    pub tokens: String,
    /// Where it is filed, with the regions above.
    pub regions: Vec<String>,
}

/// The tokens of a title and a text, with spaces between.
pub fn tokens(title: &str, text: &str) -> String {
    let (title, text) = (fold(title), fold(beginning(text, FOUND)));
    let (in_title, mut all) = (cut::tokens(&title), cut::tokens(&text));
    all.extend(&in_title);
    all.sort_unstable();
    all.dedup();
    let mut tokens = String::with_capacity(2 * text.len());
    for (mark, marked) in
        [("", all), (TITLE, in_title), (LEAD_MARK, cut::tokens(beginning(&text, LEAD)))]
    {
        for token in marked {
            let gap = if tokens.is_empty() { "" } else { " " };
            tokens.extend([gap, mark, token]);
        }
    }
    tokens
}

/// The first so many characters.
pub fn beginning(text: &str, characters: usize) -> &str {
    if text.len() <= characters {
        return text;
    }
    let end = text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// The first place of what is published at an instant or later.
pub fn place(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().saturating_mul(PLACES)
}

/// Puts articles into the index, in place of what it had of them.
pub async fn put(txn: &Txn, mut documents: Vec<Document>) -> Result<(), Error> {
    let ids: Vec<Uuid> = documents.iter().map(|document| document.article).collect();
    remove(txn, &ids).await?;
    documents.sort_by_key(|document| (document.published_at, document.article));
    let mut rows = places(txn, &documents).await?;
    if rows.is_empty() {
        return Ok(());
    }
    // SQLite writes what it has whenever a place is before the one before.
    rows.sort_by_key(|(row, _)| row.place);
    if txn.db.get_database_backend() == DbBackend::Sqlite {
        for part in rows.chunks(PART) {
            insert_sqlite(txn, part).await?;
        }
        return Ok(());
    }
    let are_many = rows.len() >= MANY;
    txn.db.execute_unprepared(if are_many { MANY_APART } else { FEW_APART }).await?;
    for part in rows.chunks(PART) {
        insert_postgres(txn, part).await?;
    }
    if are_many {
        txn.db.execute_unprepared(SORT_IN).await?;
    }
    Ok(())
}

type Row = (search_document::Model, String);

async fn insert_sqlite(txn: &Txn, part: &[Row]) -> Result<(), Error> {
    let rows = part.iter().map(|(row, _)| row.clone().into_active_model());
    search_document::Entity::insert_many(rows).exec_without_returning(&txn.db).await?;
    let marks = vec!["(?, ?)"; part.len()].join(", ");
    let sql = format!("INSERT INTO search_index (rowid, words) VALUES {marks}");
    let values = part.iter().flat_map(|(row, words)| [row.place.into(), words.clone().into()]);
    run(txn, sql, values.collect()).await
}

async fn insert_postgres(txn: &Txn, part: &[Row]) -> Result<(), Error> {
    let mark = |nth: usize| {
        let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(|column| nth * 5 + column);
        format!("(${a}, ${b}, ${c}, ${d}, array_to_tsvector(string_to_array(${e}, ' ')))")
    };
    let marks: Vec<String> = (0..part.len()).map(mark).collect();
    let sql = format!(
        "INSERT INTO search_document (article_id, place, unpublish_at, format, words) VALUES {}",
        marks.join(", ")
    );
    let values = part.iter().flat_map(|(row, words)| -> [Value; 5] {
        let search_document::Model { article_id, place, unpublish_at, format } = *row;
        [article_id.into(), place.into(), unpublish_at.into(), format.into(), words.clone().into()]
    });
    run(txn, sql, values.collect()).await
}

/// Takes articles out of the index.
pub async fn remove(txn: &Txn, ids: &[Uuid]) -> Result<(), Error> {
    for part in ids.chunks(500) {
        let these = Column::ArticleId.is_in(part.iter().copied());
        if txn.db.get_database_backend() == DbBackend::Sqlite {
            let places: Vec<i64> = search_document::Entity::find()
                .select_only()
                .column(Column::Place)
                .filter(these.clone())
                .into_tuple()
                .all(&txn.db)
                .await?;
            if places.is_empty() {
                continue;
            }
            let marks = vec!["?"; places.len()].join(", ");
            let sql = format!("DELETE FROM search_index WHERE rowid IN ({marks})");
            run(txn, sql, places.into_iter().map(Into::into).collect()).await?;
        }
        search_document::Entity::delete_many().filter(these).exec(&txn.db).await?;
    }
    Ok(())
}

async fn run(txn: &Txn, sql: String, values: Vec<Value>) -> Result<(), Error> {
    let backend = txn.db.get_database_backend();
    txn.db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Gives each document a place of its own, near the instant when it is published.
async fn places(txn: &Txn, documents: &[Document]) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::with_capacity(documents.len());
    let mut waiting: Vec<&Document> = documents.iter().collect();
    let mut taken: HashSet<i64> = HashSet::new();
    for attempt in 0_u8.. {
        let wanted: Vec<i64> = waiting.iter().map(|document| wanted(document, attempt)).collect();
        for part in wanted.chunks(500) {
            let known: Vec<i64> = search_document::Entity::find()
                .select_only()
                .column(Column::Place)
                .filter(Column::Place.is_in(part.iter().copied()))
                .into_tuple()
                .all(&txn.db)
                .await?;
            taken.extend(known);
        }
        let mut left = Vec::new();
        for (document, place) in waiting.into_iter().zip(wanted) {
            // After so many attempts it may share one: on PostgreSQL nothing comes of it but
            // that a page may leave one of them out.
            if !taken.insert(place) && attempt < u8::MAX {
                left.push(document);
                continue;
            }
            let regions = document.regions.iter().map(|code| format!("{REGION}{code}"));
            let tokens = Some(document.tokens.clone()).filter(|tokens| !tokens.is_empty());
            let words = tokens.into_iter().chain(regions).collect::<Vec<_>>().join(" ");
            let Document { article: article_id, unpublish_at, .. } = *document;
            let row = search_document::Model { article_id, place, unpublish_at, format: FORMAT };
            rows.push((row, words));
        }
        waiting = left;
        if waiting.is_empty() {
            break;
        }
    }
    Ok(rows)
}

/// A place of the millisecond, by some bits of the id; after four attempts of the next one.
fn wanted(document: &Document, attempt: u8) -> i64 {
    let bits = document.article.as_u128() >> (15 * u32::from(attempt % 4));
    let bits = i64::try_from(bits % PLACES.unsigned_abs() as u128).unwrap_or_default();
    place(document.published_at)
        .saturating_add(PLACES * i64::from(attempt / 4))
        .saturating_add(bits)
}
