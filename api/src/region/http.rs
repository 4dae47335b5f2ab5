//! `GET /v1/regions.json`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use headers::ETag;
use headers::HeaderMapExt;

use crate::app::App;
use crate::protocol::response::is_known;

/// Clients may use it so long without asking again, in seconds.
const FRESH: u32 = 300;

/// The whole directory, or 304 if the client has this edition.
pub async fn directory(State(app): State<App>, asked: HeaderMap) -> Response {
    let tree = app.tree();
    let document = match tree.document() {
        Ok(document) => document,
        Err(error) => {
            tracing::error!(?error, "the directory cannot be written as JSON");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    // Weak, for the compressed document is another one to the byte.
    let Ok(tag) = format!("W/\"{}\"", document.hash).parse::<ETag>() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut answer = match is_known(&asked, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => {
            let json = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
            (json, document.body.clone()).into_response()
        }
    };
    let cache = format!("public, max-age={FRESH}, stale-while-revalidate=86400");
    answer.headers_mut().typed_insert(tag);
    if let Ok(cache) = cache.parse() {
        answer.headers_mut().insert(header::CACHE_CONTROL, cache);
    }
    answer
}
