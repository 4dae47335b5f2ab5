//! GraphQL over HTTP: POST with JSON, GET for queries, a page for browsers.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::extract::State;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;

use super::answer::Refusal;
use super::event_stream;
use super::execute::Answered;
use super::execute::Endpoint;
use super::execute::Executed;
use super::execute::Sender;
use super::execute::execute;
use super::explorer;
use super::media;
use super::media::Media;
use super::origin;
use super::public;
use super::public::Report;
use super::request;
use super::request::Asked;
use super::request::Body;
use super::response;
use super::socket;
use crate::auth::http::Admitted;
use crate::auth::http::admit;
use crate::cache::http::key;
use crate::cache::http_answer::Answer;

/// What the answer to a query can be.
const ANSWERS: [Media; 3] = [Media::Json, Media::Graphql, Media::EventStream];

/// `POST /graphql`.
pub async fn post(State(endpoint): State<Endpoint>, request: Request) -> Response {
    let (app, (parts, body)) = (endpoint.app.clone(), request.into_parts());
    let Admitted { caller, body, taken: _taken } = match admit(&app, &parts, body).await {
        Ok(admitted) => admitted,
        Err(refused) => return refused,
    };
    let Parts { headers, extensions, .. } = parts;
    let (caller, report) = public::reporting(caller, &headers);
    let key = key(&caller, b'P', &headers, &body);
    if let Some(answer) = kept(&endpoint, key.as_deref()) {
        return public::send(&endpoint.app, &answer, &headers, false, report).await;
    }
    let Some(media) = media::wanted(&headers, &ANSWERS) else { return not_acceptable() };
    if !media::is_json(&headers) {
        let message = "Send the request as JSON in UTF-8, with `Content-Type: application/json`.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return response::refused(media, status, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let body = request::from_body(&body, &endpoint.app.config);
    let sender = Sender { caller, headers, extensions, media, by_get: false };
    match body {
        Ok(Body::One(asked)) if media == Media::EventStream => {
            event_stream::answer(endpoint, sender, Ok(asked))
        }
        Err(refusal) if media == Media::EventStream => {
            event_stream::answer(endpoint, sender, Err(refusal))
        }
        Ok(Body::One(asked)) => {
            let executed = execute(&endpoint, &sender, asked, key.as_deref()).await;
            answered(&endpoint, &sender, executed, report).await
        }
        Ok(Body::Batch(requests)) => batch(&endpoint, &sender, requests).await,
        Err(refusal) => sent(media, Answered::refused(media, &refusal)),
    }
}

/// `GET /graphql`: queries, a WebSocket, or the explorer for browsers.
pub async fn get(State(endpoint): State<Endpoint>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = match admit(&endpoint.app, &parts, body).await {
        Ok(admitted) => admitted.caller,
        Err(refused) => return refused,
    };
    if parts.headers.contains_key(header::UPGRADE) {
        let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
        let Parts { headers, extensions, .. } = parts;
        let sender = Sender { caller, headers, extensions, media: Media::Graphql, by_get: false };
        return open_socket(endpoint, sender, upgrade);
    }
    let Parts { headers, extensions, uri, .. } = parts;
    let query = uri.query().unwrap_or_default();
    let (caller, report) = public::reporting(caller, &headers);
    let key = key(&caller, b'G', &headers, query.as_bytes());
    if let Some(answer) = kept(&endpoint, key.as_deref()) {
        return public::send(&endpoint.app, &answer, &headers, true, report).await;
    }
    let asked = request::from_parameters(query);
    if asked.as_ref().is_ok_and(Asked::is_nothing)
        && media::wanted(&headers, &[Media::Json, Media::Graphql, Media::Html]) == Some(Media::Html)
    {
        return page();
    }
    let Some(media) = media::wanted(&headers, &ANSWERS) else { return not_acceptable() };
    let asked = asked.and_then(|asked| match asked.is_nothing() {
        true => {
            let message = "Pass the parameter `query`, or POST the request as JSON.";
            Err(Refusal::new("BAD_REQUEST", message))
        }
        false => Ok(asked),
    });
    let sender = Sender { caller, headers, extensions, media, by_get: true };
    match asked {
        asked if media == Media::EventStream => event_stream::answer(endpoint, sender, asked),
        Ok(asked) => {
            let executed = execute(&endpoint, &sender, asked, key.as_deref()).await;
            answered(&endpoint, &sender, executed, report).await
        }
        Err(refusal) => sent(media, Answered::refused(media, &refusal)),
    }
}

/// Browsers ask no server whether a page may open a socket there: it is for the server to see
/// where the page is from.
fn open_socket(
    endpoint: Endpoint,
    sender: Sender,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        let message = "This is no handshake of a WebSocket as RFC 6455 wants it.";
        return response::refused(Media::Json, StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
    };
    if !origin::may_connect(&sender.headers, &endpoint.app.config) {
        let message = "Pages of this origin may not connect: name it with --cors-origins.";
        let status = StatusCode::FORBIDDEN;
        return response::refused(Media::Json, status, "ORIGIN_NOT_ALLOWED", message);
    }
    let most = endpoint.app.config.max_socket_message;
    let upgrade = upgrade.protocols([socket::PROTOCOL]).max_message_size(most).max_frame_size(most);
    // A socket that is silent shall not take more memory than it needs.
    let upgrade = upgrade.read_buffer_size(socket::BUFFER).write_buffer_size(0);
    upgrade.on_upgrade(|opened| socket::serve(endpoint, sender, opened))
}

/// One after the other: what one changes, the next sees.
async fn batch(
    endpoint: &Endpoint,
    sender: &Sender,
    requests: Vec<Result<Asked, Refusal>>,
) -> Response {
    let mut bodies = Vec::with_capacity(requests.len());
    for asked in requests {
        let answered = match asked {
            Ok(asked) => match execute(endpoint, sender, asked, None).await {
                Executed::Once(answered) => answered.text,
                Executed::Kept(answer) => answer.text(&endpoint.app.views.totals),
            },
            Err(refusal) => refusal.to_json().to_string(),
        };
        bodies.push(answered);
    }
    response::text(sender.media, StatusCode::OK, format!("[{}]", bodies.join(",")))
}

/// The answer that is kept for this key.
fn kept(endpoint: &Endpoint, key: Option<&[u8]>) -> Option<Arc<Answer>> {
    endpoint.app.cache.get(key?, endpoint.app.clock.now())
}

async fn answered(
    endpoint: &Endpoint,
    sender: &Sender,
    executed: Executed,
    report: Option<Report>,
) -> Response {
    let (app, headers, by_get) = (&endpoint.app, &sender.headers, sender.by_get);
    match (executed, report) {
        (Executed::Once(answered), None) => sent(sender.media, answered),
        (Executed::Once(answered), Some(_)) => sent(sender.media, public::not_kept(answered)),
        (Executed::Kept(answer), report) => {
            let report = report.map(|_| Report::Made);
            public::send(app, &answer, headers, by_get, report).await
        }
    }
}

fn sent(media: Media, Answered { status, text, executed, .. }: Answered) -> Response {
    let response = response::text(media, status, text);
    // What was refused may be known, or have room, a moment later.
    let mut response = if executed { response } else { response::unstored(response) };
    let headers = response.headers_mut();
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

fn not_acceptable() -> Response {
    let message = "Answers are `application/graphql-response+json`, `application/json` or \
                   `text/event-stream`: accept one of them.";
    response::refused(Media::Json, StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
}

fn page() -> Response {
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; connect-src 'self'; \
          style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; \
          form-action 'none'; frame-ancestors 'none'",
        ),
        (header::VARY, "Accept"),
    ];
    (headers, Html(explorer::PAGE)).into_response()
}
