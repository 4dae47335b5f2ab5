//! `POST /v1/views` and `GET /v1/views`.

use std::borrow::Cow;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::class::Class;
use super::class::Verdict;
use super::event::Event;
use super::http_reader;
use super::record;
use super::record::MOST;
use super::record::Outcome;
use super::record::Sent;
use crate::app::App;
use crate::auth::Caller;
use crate::error::Error;
use crate::error::Fault;
use crate::error::Reason;
use crate::protocol::media::Media;
use crate::protocol::response;

/// What so many events never need, in bytes.
const LARGEST: usize = 256 << 10;

/// The answer to an event, as JSON has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    event_id: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    total: Option<i64>,
}

/// Counts an event or an array of them.
pub async fn count(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let json = ["application/json", "text/plain"];
    if !json.iter().any(|taken| media_type.eq_ignore_ascii_case(taken)) {
        let message = "Send events as JSON, with `Content-Type: application/json` or `text/plain`.";
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    if body.len() > LARGEST {
        let message = format!("The body has more than {LARGEST} bytes: send fewer events at once.");
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &message);
    }
    let sent = match events(&body) {
        Ok(sent) => sent,
        Err(message) => return refused(StatusCode::BAD_REQUEST, "BAD_REQUEST", message),
    };
    let reader = http_reader::reader(&headers, &extensions, &app.config.trusted_proxies, &caller);
    let outcomes = record::record(&app.db, &app.views, &app.config, &reader, sent, app.clock.now());
    let outcomes = tokio::time::timeout(app.config.timeout(), outcomes).await;
    let late = || Error::Unavailable("Storing took too long. Send the views again.".into());
    match outcomes.unwrap_or_else(|_| Err(late())) {
        Ok(outcomes) => {
            let results = outcomes.iter().map(of_outcome).collect();
            uncached(axum::Json(Answers { results }))
        }
        Err(error) => response::failed(Media::Json, &error),
    }
}

/// The answer to a request.
#[derive(Serialize)]
struct Answers<'a> {
    results: Vec<Answer<'a>>,
}

fn of_outcome(outcome: &Outcome) -> Answer<'_> {
    let Outcome { event_id, verdict, total } = outcome;
    Answer {
        event_id,
        verdict: verdict.name(),
        reason: verdict.reason().map(Class::name),
        first: verdict.first().map(Class::name),
        field: match verdict {
            Verdict::Invalid(fault) => Some(&fault.field),
            _ => None,
        },
        message: verdict.message(),
        total: *total,
    }
}

/// The events of a body, or what is wrong with the whole of it.
fn events(body: &[u8]) -> Result<Vec<Sent>, &'static str> {
    const SHAPE: &str = "The body must be an event or an array of 1 to 100 events, as JSON.";
    // Most requests are one sound event.
    if let Ok(event) = serde_json::from_slice::<Event>(body) {
        return Ok(vec![Sent { event_id: event.event_id.clone(), event: Ok(event) }]);
    }
    let sent = match serde_json::from_slice(body) {
        Ok(Value::Array(events)) => events,
        Ok(event @ Value::Object(_)) => vec![event],
        _ => return Err(SHAPE),
    };
    if sent.is_empty() || sent.len() > MOST {
        return Err(SHAPE);
    }
    Ok(sent.into_iter().map(of_value).collect())
}

fn of_value(value: Value) -> Sent {
    let event_id = value["eventId"].as_str().unwrap_or_default().to_owned();
    let event = serde_json::from_value(value).map_err(|_| {
        let message = "An event is {\"eventId\", \"article\", \"visitorId\"?}, all strings.";
        Fault::new("", Reason::Invalid, message)
    });
    Sent { event_id, event }
}

/// The totals of articles: `ids` parted by commas.
pub async fn totals(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let ids = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "ids")
        .map(|(_, value)| value)
        .collect::<Vec<Cow<str>>>()
        .join(",");
    let names: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if names.is_empty() || names.len() > MOST {
        let message = "Pass 1 to 100 ids or slugs of articles, parted by commas, as `ids`.";
        return refused(StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
    }
    let now = app.clock.now();
    let found = app.views.known.find(&app.db.read, names.iter().copied(), now).await;
    match found {
        Ok(found) => {
            let total = |name: &&str| {
                let total = found.get(name).map(|article| app.views.totals.of(*article).shown());
                ((*name).to_owned(), json!(total))
            };
            let totals: Map<String, Value> = names.iter().map(total).collect();
            uncached(axum::Json(json!({ "totals": totals })))
        }
        Err(error) => response::failed(Media::Json, &error),
    }
}

fn uncached(body: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], body).into_response()
}

fn refused(status: StatusCode, code: &'static str, message: &str) -> Response {
    response::refused(Media::Json, status, code, message)
}
