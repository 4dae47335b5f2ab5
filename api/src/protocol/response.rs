//! Whole answers: a status, a media type, a body.

use std::convert::Infallible;
use std::future::ready;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Request;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use headers::ETag;
use headers::HeaderMapExt;
use headers::IfNoneMatch;
use serde_json::Value;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;
use tower_http::compression::CompressionLayer;

use super::answer;
use super::media::Media;
use crate::error::Error;

/// When to try again what failed for want of something, in seconds.
const SOON: u64 = 2;

/// A JSON body.
pub fn json(media: Media, status: StatusCode, body: &Value) -> Response {
    text(media, status, body.to_string())
}

/// The same that is written already.
pub fn text(media: Media, status: StatusCode, body: String) -> Response {
    let vary = HeaderValue::from_static("Accept");
    let headers = [(header::CONTENT_TYPE, media.content_type()), (header::VARY, vary)];
    (status, headers, body).into_response()
}

/// One error, never stored: a moment later there may be none.
pub fn refused(media: Media, status: StatusCode, code: &'static str, message: &str) -> Response {
    unstored(json(media, status, &answer::refused(code, message)))
}

/// The same, with the seconds after which it may be tried again.
pub fn later(
    media: Media,
    status: StatusCode,
    code: &'static str,
    message: &str,
    seconds: u64,
) -> Response {
    let mut response = refused(media, status, code, message);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// What made a whole request fail.
pub fn failed(media: Media, error: &Error) -> Response {
    let (code, message) = (error.code(), error.to_string());
    match error {
        _ if code == "UNAUTHENTICATED" => {
            let mut response = refused(media, StatusCode::UNAUTHORIZED, code, &message);
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
            response
        }
        Error::Internal(cause) => {
            tracing::error!(cause, "internal error");
            refused(media, StatusCode::INTERNAL_SERVER_ERROR, code, &message)
        }
        _ => later(media, StatusCode::SERVICE_UNAVAILABLE, code, &message, SOON),
    }
}

/// Whether who asks has what this tag is of (RFC 9110, 13.1.2).
pub fn is_known(asked: &HeaderMap, tag: &ETag) -> bool {
    asked.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(tag))
}

/// The same, compressed as whoever asks accepts it, if that is worth it.
pub async fn compressed(accepted: Option<HeaderValue>, response: Response) -> Response {
    let mut response = Some(response);
    let answers = service_fn(|_: Request<()>| {
        ready(Ok::<_, Infallible>(response.take().unwrap_or_default()))
    });
    let mut request = Request::new(());
    if let Some(accepted) = accepted {
        request.headers_mut().insert(header::ACCEPT_ENCODING, accepted);
    }
    let Ok(response) = CompressionLayer::new().layer(answers).oneshot(request).await;
    response.map(Body::new)
}

/// Keeps caches from storing it.
pub fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
