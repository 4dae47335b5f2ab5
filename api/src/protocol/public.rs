//! Answers to what the public asks: from the cache, or made once for all who ask it now.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use chrono::SecondsFormat;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::answer::Refusal;
use super::execute;
use super::execute::Answered;
use super::execute::CACHE;
use super::execute::Endpoint;
use super::execute::Executed;
use super::execute::Ready;
use super::execute::Sender;
use super::media::Media;
use super::response;
use crate::app::App;
use crate::auth::Caller;
use crate::cache::body::Body;
use crate::cache::flight::Joined;
use crate::cache::http_answer::Answer;
use crate::cache::http_answer::Settings;
use crate::cache::reads::Reads;

/// Somebody wants to know how an answer came about.
#[derive(Clone, Copy, Debug)]
pub enum Report {
    /// It was kept.
    Kept,
    /// It was made for this request.
    Made,
}

/// Who asks; with a token and the header of [`CACHE`], as the public would, to be told how
/// the answer came about.
pub fn reporting(caller: Caller, headers: &HeaderMap) -> (Caller, Option<Report>) {
    let wanted = || headers.get(CACHE).is_some_and(|wanted| wanted == "report");
    match caller.token.is_some() && wanted() {
        true => (Caller::default(), Some(Report::Kept)),
        false => (caller, None),
    }
}

/// Sends an answer that is kept.
pub async fn send(
    app: &App,
    answer: &Answer,
    asked: &HeaderMap,
    by_get: bool,
    wanted: Option<Report>,
) -> Response {
    if let Some(wanted) = wanted {
        return report(app, answer, wanted);
    }
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

/// The same answer, telling that it is kept for nobody.
pub fn not_kept(answered: Answered) -> Answered {
    let text = told(&answered.text, json!({ "status": "ONCE" }));
    Answered { text, ..answered }
}

/// How an answer that is kept came about.
fn report(app: &App, answer: &Answer, report: Report) -> Response {
    let (now, flip) = (app.clock.now(), app.cache.next_flip());
    let until = answer.until.into_iter().chain(flip).min();
    let cache = json!({
        "status": match report {
            Report::Kept => "HIT",
            Report::Made => "MISS",
        },
        "tags": answer.tags,
        "ageMilliseconds": (now - answer.at).num_milliseconds(),
        "until": until.map(|until| until.to_rfc3339_opts(SecondsFormat::Millis, true)),
        "limitedBy": until.map(|until| if Some(until) == flip { "FLIP" } else { "AGE" }),
    });
    let text = told(&answer.text(&app.views.totals), cache);
    let mut response = response::unstored(response::text(Media::Json, StatusCode::OK, text));
    response.headers_mut().insert(header::CONTENT_TYPE, answer.content_type.clone());
    response
}

fn told(text: &str, cache: Value) -> String {
    let mut body: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    body.entry("extensions").or_insert_with(|| json!({}))["cache"] = cache;
    Value::Object(body).to_string()
}

/// The answer to one request, its holes filled.
fn filled(app: &App, answered: Answered) -> Answered {
    let text = Body::new(&answered.text).filled(&app.views.totals);
    Answered { text, ..answered }
}
