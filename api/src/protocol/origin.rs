//! Which web pages may use GraphQL (RFC 6454).

use axum::http::HeaderMap;
use axum::http::header;

use crate::config::Config;

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
