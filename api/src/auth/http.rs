//! The gate before everything that costs something: who asks, how often, how much.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

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
enum Refused {
    Failed(Error),
    TooMany(Duration),
    Body(http_body::Refused),
}

/// Lets a request in with its [`Caller`] and its whole body.
pub async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let admitted = async {
        let caller = admitted(&app, &parts).await?;
        let whole = http_body::whole(body, &app.config, &app.bodies).await;
        whole.map(|whole| (caller, whole)).map_err(Refused::Body)
    };
    match admitted.await {
        // What the body takes is given back when it is answered.
        Ok((caller, (body, _taken))) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
        Err(refused) => {
            let media = media::wanted(&parts.headers, &[Media::Json, Media::Graphql]);
            answer(media.unwrap_or(Media::Json), refused, &app)
        }
    }
}

fn answer(media: Media, refused: Refused, app: &App) -> Response {
    match refused {
        Refused::Failed(error) => response::failed(media, &error),
        Refused::TooMany(wait) => too_many(media, wait),
        Refused::Body(refused) => refused.answer(media, &app.config),
    }
}

/// Who sent this request. Without the header, a reader; with a wrong one, an error, so
/// that nobody takes a reader's view for an editor's.
async fn admitted(app: &App, parts: &Parts) -> Result<Caller, Refused> {
    let client = || {
        let address = address(app, parts);
        let taken = app.rates.client(address);
        taken.inspect_err(|_| tracing::debug!(%address, "too many")).map_err(Refused::TooMany)
    };
    let Some(text) = bearer(&parts.headers) else {
        client()?;
        return Ok(Caller::default());
    };
    let found = match text {
        Ok(text) => token::caller(&app.db.read, text).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(caller) => {
            if let Some(token) = caller.token.filter(|_| !caller.has(Scope::Unlimited)) {
                app.rates.token(token).map_err(Refused::TooMany)?;
            }
            Ok(caller)
        }
        Err(error) => {
            // Who guesses is counted.
            client()?;
            Err(Refused::Failed(error))
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<Result<&str, Error>> {
    let header = headers.get(AUTHORIZATION)?;
    let parts = header.to_str().ok().and_then(|header| header.split_once(' '));
    let bearer = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    Some(bearer.map(|(_, text)| text.trim()).ok_or(Error::UnknownToken))
}

fn address(app: &App, parts: &Parts) -> IpAddr {
    let peer = http_address::peer(&parts.extensions);
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let client = http_address::client(&parts.headers, peer, &app.config.trusted_proxies);
    client.unwrap_or(peer)
}

fn too_many(media: Media, wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let message = format!(
        "Too many requests: go on in {seconds} s, or ask with a token; the settings are \
         --rate-limit and --rate-limit-token."
    );
    response::later(media, StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", &message, seconds)
}
