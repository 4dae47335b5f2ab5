//! How much articles are wanted now, whatever list they are in.

use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::Rankings;
use crate::view::score;
use crate::view::score::HALF_LIVES;

/// For each article what its views are worth now, by the longer half-life; 0 for what no list by
/// views may have.
pub fn of(rankings: &Rankings, articles: &[Uuid], now: DateTime<Utc>) -> Vec<f64> {
    let curation = rankings.curation();
    let board = rankings.board.read().unwrap_or_else(PoisonError::into_inner);
    let heat = |article: &Uuid| {
        let board = board.as_ref().filter(|_| !curation.excludes(*article, now))?;
        let entry = board.entry(board.find(*article)?)?;
        let listed = entry.listed && entry.eligible;
        listed.then(|| score::views(entry.hot[1], now.timestamp_millis(), HALF_LIVES[1]))
    };
    articles.iter().map(|article| heat(article).unwrap_or(0.0)).collect()
}
