//! Answers to what the public asks: from the cache, or made once for all who ask it now.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::Refusal;
use super::execute;
use super::execute::Answered;
use super::execute::Endpoint;
use super::execute::Executed;
use super::execute::Ready;
use super::execute::Sender;
use crate::app::App;
use crate::cache::body::Body;
use crate::cache::flight::Joined;
use crate::cache::http_answer::Answer;
use crate::cache::http_answer::Settings;
use crate::cache::reads::Reads;

/// Sends an answer that is kept.
pub async fn send(app: &App, answer: &Answer, asked: &HeaderMap, by_get: bool) -> Response {
    let (totals, now) = (&app.views.totals, app.clock.now());
    answer.send(asked, by_get, &Settings { totals, now, config: &app.config }).await
}

/// Makes the answer to a query of the public, or waits for the one who does.
pub async fn answer(
    endpoint: &Endpoint,
    sender: &Sender,
    ready: Ready,
    key: &[u8],
) -> Result<Executed, Refusal> {
    let app = &endpoint.app;
    if !app.cache.is_open(app.clock.now()) {
        return execute::once(endpoint, sender, ready, Arc::default()).await.map(Executed::Once);
    }
    // Before anything is read.
    let moment = app.cache.moment();
    let lead = match app.cache.flights.join(key, moment).await {
        Joined::Answered(answer) => return Ok(Executed::Kept(answer)),
        Joined::Lead(lead) => Some(lead),
        Joined::Alone => None,
    };
    let reads = Arc::new(Reads::kept());
    let answered = execute::once(endpoint, sender, ready, reads.clone()).await?;
    let kept = keep(app, sender, &answered, &reads, moment, key);
    if let Some(lead) = lead {
        lead.land(kept.clone());
    }
    Ok(kept.map_or_else(|| Executed::Once(filled(app, answered)), Executed::Kept))
}

/// Keeps an answer if it is true for others, too, and still.
fn keep(
    app: &App,
    sender: &Sender,
    answered: &Answered,
    reads: &Reads,
    moment: u64,
    key: &[u8],
) -> Option<Arc<Answer>> {
    let (noted, now) = (reads.noted(), app.clock.now());
    if !answered.sound || noted.once {
        return None;
    }
    let made = app.cache.made(&noted, moment).filter(|_| app.cache.is_open(now))?;
    let content_type = sender.media.content_type();
    let answer = Answer::new(&answered.text, content_type, made, noted, now);
    let answer = Arc::new(answer);
    app.cache.keep(key, answer.clone());
    Some(answer)
}

/// The answer to one request, its holes filled.
fn filled(app: &App, answered: Answered) -> Answered {
    let text = Body::new(&answered.text).filled(&app.views.totals);
    Answered { text, ..answered }
}
