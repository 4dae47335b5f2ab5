//! What decides an answer to the public.

use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::header;

use crate::auth::Caller;
use crate::protocol::execute::COST;

/// Headers that an answer depends on.
const DECIDING: [HeaderName; 4] =
    [header::ACCEPT, header::ACCEPT_ENCODING, header::CONTENT_TYPE, COST];

/// All that decides the answer to a request, as bytes that no other one has; `None` for who
/// sees more than the public. Compared as a whole: a hash could be met by somebody's intent.
pub fn key(caller: &Caller, method: u8, headers: &HeaderMap, asked: &[u8]) -> Option<Vec<u8>> {
    if !caller.is_public() {
        return None;
    }
    let mut key = Vec::with_capacity(asked.len() + 200);
    key.push(method);
    for name in &DECIDING {
        for value in headers.get_all(name) {
            key.extend_from_slice(&(value.len() as u64).to_le_bytes());
            key.extend_from_slice(value.as_bytes());
        }
        key.extend_from_slice(&u64::MAX.to_le_bytes());
    }
    key.extend_from_slice(asked);
    Some(key)
}
