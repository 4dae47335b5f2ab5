//! Which web pages may use GraphQL (RFC 6454).

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;

use crate::config::Config;

/// What a page may read beside the body.
pub const EXPOSED: HeaderValue = HeaderValue::from_static("x-request-id,retry-after");

/// Whether a page that opens a WebSocket is from here, or from where the settings name. What
/// is no page says nothing about its origin.
pub fn may_connect(headers: &HeaderMap, config: &Config) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let named = &config.cors_origins;
    if named.iter().any(|named| named == "*" || named == origin) {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((host, origin), (Some(host), Some((_, from))) if host.eq_ignore_ascii_case(from))
}

/// Tells a page that it may read this answer (Fetch, 3.3.3), as the routes' middleware does.
/// The answer says by itself that it depends on the origin.
pub fn tell(asked: &HeaderMap, config: &Config, answer: &mut HeaderMap) {
    let named = &config.cors_origins;
    let origin = match named.iter().any(|named| named == "*") {
        true => Some(HeaderValue::from_static("*")),
        false => asked.get(header::ORIGIN).filter(|origin| named.contains(origin)).cloned(),
    };
    if let Some(origin) = origin {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
