//! GraphQL over HTTP: POST with JSON, GET for queries, a page for browsers.

use std::sync::Arc;

use axum::body::Body as HttpBody;
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::extract::State;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;

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
use crate::auth::Caller;
use crate::auth::http::Admitted;
use crate::auth::http::admit;
use crate::cache::http::key;
use crate::error::Error;

/// What the answer to a query can be.
const ANSWERS: [Media; 3] = [Media::Json, Media::Graphql, Media::EventStream];

/// A request that was let in.
#[derive(Clone)]
struct LetIn {
    caller: Caller,
    /// Whether the one who asks wants to know how the answer came about.
    report: Option<Report>,
    /// By what the public is known to ask it.
    key: Option<Vec<u8>>,
    body: Bytes,
    /// What the body takes.
    _taken: Option<Arc<OwnedSemaphorePermit>>,
}

/// What becomes of a request at once.
pub enum AtOnce {
    /// The answer was kept, or the request is refused.
    Answered(Response),
    /// It was let in: the routes make an answer.
    Goes(Request),
}

/// Lets a request to GraphQL in, and answers it at once if the answer is kept.
pub async fn at_once(endpoint: &Endpoint, request: Request<Incoming>) -> AtOnce {
    let (app, (mut parts, body)) = (&endpoint.app, request.into_parts());
    let by_get = parts.method != Method::POST;
    // `Err` is the end of it: an answer.
    let found = async {
        let Admitted { caller, body, taken } = admit(app, &parts, body).await?;
        let (caller, report) = public::reporting(caller, &parts.headers);
        let (method, asked) = match by_get {
            true => (b'G', parts.uri.query().unwrap_or_default().as_bytes()),
            false => (b'P', &*body),
        };
        let opens_socket = parts.headers.contains_key(header::UPGRADE);
        let key = key(&caller, method, &parts.headers, asked).filter(|_| !opens_socket);
        match key.as_deref().and_then(|key| app.cache.get(key, app.clock.now())) {
            Some(kept) => Err(public::send(app, &kept, &parts.headers, by_get, report).await),
            None => Ok(LetIn { caller, report, key, body, _taken: taken.map(Arc::new) }),
        }
    };
    match found.await {
        Ok(let_in) => {
            parts.extensions.insert(let_in);
            AtOnce::Goes(Request::from_parts(parts, HttpBody::empty()))
        }
        Err(mut response) => {
            origin::tell(&parts.headers, &app.config, response.headers_mut());
            AtOnce::Answered(response)
        }
    }
}

/// `POST /graphql`.
pub async fn post(State(endpoint): State<Endpoint>, request: Request) -> Response {
    let Parts { headers, mut extensions, .. } = request.into_parts().0;
    let Some(let_in) = extensions.remove::<LetIn>() else { return passed_by() };
    let LetIn { caller, report, key, body, _taken } = let_in;
    let accepted = headers.get(header::ACCEPT_ENCODING).cloned();
    let sender = Sender { caller, headers, extensions, media: Media::Json, by_get: false };
    let made = post_made(&endpoint, sender, &body, key.as_deref(), report).await;
    response::compressed(accepted, made).await
}

async fn post_made(
    endpoint: &Endpoint,
    sender: Sender,
    body: &[u8],
    key: Option<&[u8]>,
    report: Option<Report>,
) -> Response {
    let Some(media) = media::wanted(&sender.headers, &ANSWERS) else { return not_acceptable() };
    if !media::is_json(&sender.headers) {
        let message = "Send the request as JSON in UTF-8, with `Content-Type: application/json`.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return response::refused(media, status, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let sender = Sender { media, ..sender };
    match request::from_body(body, &endpoint.app.config) {
        Ok(Body::One(asked)) if media == Media::EventStream => {
            event_stream::answer(endpoint.clone(), sender, Ok(asked))
        }
        Err(refusal) if media == Media::EventStream => {
            event_stream::answer(endpoint.clone(), sender, Err(refusal))
        }
        Ok(Body::One(asked)) => {
            let executed = execute(endpoint, &sender, asked, key).await;
            answered(endpoint, &sender, executed, report).await
        }
        Ok(Body::Batch(requests)) => batch(endpoint, &sender, requests).await,
        Err(refusal) => sent(media, Answered::refused(media, &refusal)),
    }
}

/// `GET /graphql`: queries, a WebSocket, or the explorer for browsers.
pub async fn get(State(endpoint): State<Endpoint>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Some(let_in) = parts.extensions.remove::<LetIn>() else { return passed_by() };
    let LetIn { caller, report, key, .. } = let_in;
    if parts.headers.contains_key(header::UPGRADE) {
        let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
        let Parts { headers, extensions, .. } = parts;
        let sender = Sender { caller, headers, extensions, media: Media::Graphql, by_get: false };
        return open_socket(endpoint, sender, upgrade);
    }
    let Parts { headers, extensions, uri, .. } = parts;
    let query = uri.query().unwrap_or_default();
    let accepted = headers.get(header::ACCEPT_ENCODING).cloned();
    let sender = Sender { caller, headers, extensions, media: Media::Json, by_get: true };
    let made = get_made(&endpoint, sender, query, key.as_deref(), report).await;
    response::compressed(accepted, made).await
}

async fn get_made(
    endpoint: &Endpoint,
    sender: Sender,
    query: &str,
    key: Option<&[u8]>,
    report: Option<Report>,
) -> Response {
    let asked = request::from_parameters(query);
    let pages = [Media::Json, Media::Graphql, Media::Html];
    if asked.as_ref().is_ok_and(Asked::is_nothing)
        && media::wanted(&sender.headers, &pages) == Some(Media::Html)
    {
        return page();
    }
    let Some(media) = media::wanted(&sender.headers, &ANSWERS) else { return not_acceptable() };
    let asked = asked.and_then(|asked| match asked.is_nothing() {
        true => {
            let message = "Pass the parameter `query`, or POST the request as JSON.";
            Err(Refusal::new("BAD_REQUEST", message))
        }
        false => Ok(asked),
    });
    let sender = Sender { media, ..sender };
    match asked {
        asked if media == Media::EventStream => {
            event_stream::answer(endpoint.clone(), sender, asked)
        }
        Ok(asked) => {
            let executed = execute(endpoint, &sender, asked, key).await;
            answered(endpoint, &sender, executed, report).await
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

/// Nothing leads here but [`at_once`].
fn passed_by() -> Response {
    let error = Error::Internal("a request was not let in".into());
    response::failed(Media::Json, &error)
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
