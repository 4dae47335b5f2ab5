//! Documents for everybody that are not answers of GraphQL: kept and sent in the same way.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::Response;

use super::flight::Joined;
use super::http_answer::Answer;
use super::http_answer::Settings;
use super::reads::Reads;
use crate::app::App;

/// A document that was made.
pub struct Made {
    /// Its text.
    pub text: String,
    /// Whether those may ask for it who know it by its date only.
    pub dated: bool,
}

/// Answers from what is kept, or makes the document, for all who ask for it now.
pub async fn answer<F, E>(
    app: &App,
    key: &[u8],
    headers: &HeaderMap,
    content_type: HeaderValue,
    make: impl FnOnce(Arc<Reads>) -> F,
) -> Result<Response, E>
where
    F: Future<Output = Result<Made, E>>,
{
    let now = app.clock.now();
    // One answer has one coding.
    let mut key = key.to_vec();
    for accepted in headers.get_all(header::ACCEPT_ENCODING) {
        key.push(0);
        key.extend_from_slice(accepted.as_bytes());
    }
    let answer = match app.cache.get(&key, now) {
        Some(kept) => kept,
        None => made(app, &key, content_type, make).await?,
    };
    let (totals, now) = (&app.views.totals, app.clock.now());
    Ok(answer.send(headers, true, &Settings { totals, now, config: &app.config }).await)
}

async fn made<F, E>(
    app: &App,
    key: &[u8],
    content_type: HeaderValue,
    make: impl FnOnce(Arc<Reads>) -> F,
) -> Result<Arc<Answer>, E>
where
    F: Future<Output = Result<Made, E>>,
{
    // Before anything is read.
    let moment = app.cache.moment();
    let open = app.cache.is_open(app.clock.now());
    let lead = match open {
        false => None,
        true => match app.cache.flights.join(key, moment).await {
            Joined::Answered(answer) => return Ok(answer),
            Joined::Lead(lead) => Some(lead),
            Joined::Alone => None,
        },
    };
    let reads = Arc::new(Reads::kept());
    let Made { text, dated } = make(reads.clone()).await?;
    let (noted, now) = (reads.noted(), app.clock.now());
    let marked = app.cache.made(&noted, moment).filter(|_| open && app.cache.is_open(now));
    let keeps = marked.is_some();
    let marked = marked.unwrap_or_default();
    let answer = Answer::new(&text, content_type, marked, noted, now).dated(dated);
    let answer = Arc::new(answer);
    if keeps {
        app.cache.keep(key, answer.clone());
    }
    if let Some(lead) = lead {
        lead.land(keeps.then(|| answer.clone()));
    }
    Ok(answer)
}
