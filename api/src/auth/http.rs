//! The gate before everything that costs something: who asks, how often, how much.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::body::Body;
use axum::body::Bytes;
use axum::extract::Request;
use axum::extract::State;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::header::VARY;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::OwnedSemaphorePermit;

use super::Caller;
use super::Scope;
use super::http_address;
use super::http_body;
use super::token;
use crate::app::App;
use crate::error::Error;
use crate::protocol::media;
use crate::protocol::media::Media;
use crate::protocol::response;

/// Why a request is not let in.
pub enum Refused {
    /// The token is not known, or cannot be looked up.
    Failed(Error),
    /// It is one too many: there may be another one after this time.
    TooMany(Duration),
    /// Its body.
    Body(http_body::Refused),
}

/// A request that was let in: who sent it, and its whole body.
pub struct Admitted {
    /// The one who asks.
    pub caller: Caller,
    /// The body.
    pub body: Bytes,
    /// What the body takes; given back when this is dropped.
    pub taken: Option<OwnedSemaphorePermit>,
}

/// Lets a request in, or says why not.
pub async fn admit<B>(app: &App, parts: &Parts, body: B) -> Result<Admitted, Response>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let admitted = async {
        let Parts { headers, extensions, .. } = parts;
        let authorization = headers.get(AUTHORIZATION).map(|header| header.to_str());
        let authorization = authorization.map(Result::unwrap_or_default);
        let caller = admitted(app, authorization, headers, extensions).await?;
        let whole = http_body::whole(body, &app.config, &app.bodies).await;
        let (body, taken) = whole.map_err(Refused::Body)?;
        Ok(Admitted { caller, body, taken })
    };
    admitted.await.map_err(|refused| {
        let media = media::wanted(&parts.headers, &[Media::Json, Media::Graphql]);
        let mut response = answer(media.unwrap_or(Media::Json), refused, app);
        response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
        response
    })
}

/// Lets requests in with their [`Caller`] and their whole body.
pub async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&app, &parts, body).await {
        Ok(Admitted { caller, body, taken: _taken }) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
        Err(refused) => refused,
    }
}

fn answer(media: Media, refused: Refused, app: &App) -> Response {
    match refused {
        Refused::Failed(error) => response::failed(media, &error),
        Refused::TooMany(wait) => {
            let (status, seconds) = (StatusCode::TOO_MANY_REQUESTS, wait.as_secs() + 1);
            response::later(media, status, "RATE_LIMITED", &too_many(wait), seconds)
        }
        Refused::Body(refused) => refused.answer(media, &app.config),
    }
}

/// Who sent this request, by its `Authorization`. Without that, a reader; with a wrong one,
/// an error, so that nobody takes a reader's view for an editor's.
pub async fn admitted(
    app: &App,
    authorization: Option<&str>,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Caller, Refused> {
    let found = match authorization.map(bearer) {
        None => Ok(Caller::default()),
        // Boxed, for most have none, and less to remember.
        Some(Ok(text)) => Box::pin(known(app, text)).await,
        Some(Err(error)) => Err(error),
    };
    // Who guesses is counted as a reader.
    let reader = Caller::default();
    let counted = counted(app, found.as_ref().unwrap_or(&reader), headers, extensions);
    counted.map_err(Refused::TooMany)?;
    found.map_err(Refused::Failed)
}

async fn known(app: &App, text: &str) -> Result<Caller, Error> {
    let now = app.clock.now();
    if let Some(users) = app.users.as_ref().filter(|_| !text.starts_with(token::START)) {
        return users.caller(text, now).await;
    }
    let caller = token::caller(&app.db.read, text, now).await?;
    if let Some(token) = caller.token {
        app.last_uses.note(token, now);
    }
    Ok(caller)
}

/// Takes one request from what the sender has left, or says how long it has to wait.
pub fn counted(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<(), Duration> {
    match caller.token {
        Some(_) if caller.has(Scope::Unlimited) => Ok(()),
        Some(token) => app.rates.token(token),
        None => {
            let address = address(app, headers, extensions);
            let taken = app.rates.client(address);
            taken.inspect_err(|_| tracing::debug!(%address, "too many"))
        }
    }
}

fn bearer(header: &str) -> Result<&str, Error> {
    let parts = header.split_once(' ');
    let bearer = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    bearer.map(|(_, text)| text.trim()).ok_or(Error::UnknownToken)
}

fn address(app: &App, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let peer = http_address::peer(extensions).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    http_address::client(headers, peer, &app.config.trusted_proxies).unwrap_or(peer)
}

/// What is said to who asks too often.
pub fn too_many(wait: Duration) -> String {
    format!(
        "Too many requests: go on in {} s, or ask with a token; the settings are --rate-limit and \
         --rate-limit-token.",
        wait.as_secs() + 1
    )
}
