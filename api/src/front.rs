//! What every request passes first: it gets an id, a line in the log, and its answer at once if
//! that is kept. All others go on to the routes. By hand, for middleware that does the same
//! takes longer than to send what is kept.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::header;
use axum::response::Response;
use futures_util::FutureExt;
use hyper::body::Incoming;
use tower::ServiceExt;
use tracing::Instrument;
use uuid::Uuid;

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::protocol::execute::Endpoint;
use crate::protocol::execute::REQUEST_ID;
use crate::protocol::http::AtOnce;
use crate::protocol::http::at_once;
use crate::routes;

const ID: HeaderName = HeaderName::from_static(REQUEST_ID);
/// Browsers take everything for what it is said to be.
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Where all requests come in.
#[derive(Clone)]
pub struct Front(Arc<Behind>);

struct Behind {
    endpoint: Endpoint,
    routes: Router,
}

impl Front {
    /// Of an instance.
    pub fn new(app: &App) -> Result<Self, Error> {
        let endpoint = Endpoint::new(app)?;
        let routes = routes::all(&endpoint);
        Ok(Self(Arc::new(Behind { endpoint, routes })))
    }

    /// Answers a request of a peer.
    pub async fn answer(self, mut request: Request<Incoming>, peer: SocketAddr) -> Response {
        let (started, id) = (Instant::now(), identify(request.headers_mut()));
        let span = tracing::info_span!(
            "request",
            id = id.to_str().unwrap_or_default(),
            method = %request.method(),
            path = request.uri().path()
        );
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut response = self.0.answer(request).instrument(span.clone()).await;
        let (status, micros) = (response.status().as_u16(), started.elapsed().as_micros() as u64);
        span.in_scope(|| tracing::info!(status, micros, "answered"));
        let headers = response.headers_mut();
        headers.insert(ID, id);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        response
    }
}

impl Behind {
    async fn answer(&self, request: Request<Incoming>) -> Response {
        let asks = [Method::GET, Method::HEAD, Method::POST].contains(request.method());
        let request = match asks && request.uri().path() == routes::GRAPHQL {
            true => match guarded(at_once(&self.endpoint, request)).await {
                AtOnce::Answered(response) => return response,
                AtOnce::Goes(request) => request,
            },
            false => request.map(Body::new),
        };
        // Boxed, for making an answer has much more to remember than sending one.
        let Ok(response) = Box::pin(self.routes.clone().oneshot(request)).await;
        response
    }
}

/// Answers a panic, as the routes do.
async fn guarded(work: impl Future<Output = AtOnce>) -> AtOnce {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_| AtOnce::Answered(routes::broken()))
}

/// The id of a request: its own, or a new one that it has from now on.
fn identify(headers: &mut HeaderMap) -> HeaderValue {
    if let Some(given) = headers.get(ID) {
        return given.clone();
    }
    let mut text = Uuid::encode_buffer();
    let text = clock::new_id().hyphenated().encode_lower(&mut text);
    let made = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    headers.insert(ID, made.clone());
    made
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_panic_before_the_routes_is_answered_like_any_other_error() {
        let panics = async {
            assert_eq!(1, 2, "inside");
            AtOnce::Goes(Request::new(Body::empty()))
        };
        let AtOnce::Answered(answer) = guarded(panics).await else { panic!("it goes on") };
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL");
        assert!(!body.to_string().contains("inside"), "{body}");
    }
}
