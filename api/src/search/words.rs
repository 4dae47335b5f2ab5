//! Words that the newsroom added: names and terms that queries are not cut at.

use chrono::DateTime;
use chrono::Utc;
use entity::search_word;
use entity::search_word::Column;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::PaginatorTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::sea_query::OnConflict;
use serde_json::json;

use super::cut;
use super::fold::Class;
use super::fold::fold;
use super::parse::Words;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::event::Kind;

/// So many words the newsroom may add.
pub const MOST: u64 = 10_000;
/// So many of them at a time.
pub const AT_ONCE: usize = 100;
/// The longest word, in characters.
const LONGEST: usize = 20;

/// All words, in the order of their characters.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<String>, Error> {
    let rows = search_word::Entity::find().order_by_asc(Column::Word).all(db).await?;
    Ok(rows.into_iter().map(|row| row.word).collect())
}

/// Brings the words of this instance up to date.
pub async fn follow(db: &impl ConnectionTrait, words: &Words) -> Result<(), Error> {
    words.set(&all(db).await?)
}

/// Adds words; those that are there stay.
pub async fn add(txn: &Txn, words: &[String], now: DateTime<Utc>) -> Result<Vec<String>, Error> {
    let words = checked(words)?;
    let known = search_word::Entity::find().count(&txn.db).await?;
    if known + words.len() as u64 > MOST {
        let message = format!("There may be {MOST} words: remove some first.");
        return Err(Error::invalid("words", Reason::TooLong, message));
    }
    let rows = words.iter().cloned().map(|word| search_word::Model { word, created_at: now });
    let there = OnConflict::column(Column::Word).do_nothing().to_owned();
    search_word::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
        .on_conflict(there)
        .exec_without_returning(&txn.db)
        .await?;
    note(txn, &words, now);
    Ok(words)
}

/// Removes words; those that are not there stay away.
pub async fn remove(txn: &Txn, words: &[String], now: DateTime<Utc>) -> Result<Vec<String>, Error> {
    let words = checked(words)?;
    search_word::Entity::delete_many().filter(Column::Word.is_in(&words)).exec(&txn.db).await?;
    note(txn, &words, now);
    Ok(words)
}

fn note(txn: &Txn, words: &[String], now: DateTime<Utc>) {
    event::record(txn, Kind::SearchChanged, None, json!({ "words": words }), now);
}

/// The words, folded: each of Chinese characters alone, for others are never cut.
fn checked(words: &[String]) -> Result<Vec<String>, Error> {
    let wrong = |reason, message: String| Err(Error::invalid("words", reason, message));
    if words.is_empty() || words.len() > AT_ONCE {
        return wrong(Reason::Invalid, format!("`words` must have 1 to {AT_ONCE} entries."));
    }
    let mut folded = Vec::with_capacity(words.len());
    for (nth, word) in words.iter().enumerate() {
        let text = fold(word);
        let length = text.chars().count();
        let one = |run: cut::Run<'_>| run.class == Class::Dense && run.text == text;
        let is_one = cut::runs(&text).next().is_some_and(one);
        if !is_one || !(2..=LONGEST).contains(&length) {
            let message = format!(
                "`words[{nth}]` must be 2 to {LONGEST} Chinese characters without anything \
                 between; words of letters and numbers are never cut."
            );
            return wrong(Reason::Invalid, message);
        }
        if !folded.contains(&text) {
            folded.push(text);
        }
    }
    Ok(folded)
}
