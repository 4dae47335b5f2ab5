//! `GET /metrics`: how requests of the public went, as Prometheus reads it (text format 0.0.4).

use std::sync::atomic::Ordering::Relaxed;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::app::App;

/// Counts since the start, and what is kept now.
pub async fn metrics(State(app): State<App>) -> Response {
    let counts = &app.cache.counts;
    let [hits, misses, bypassed] =
        [&counts.hits, &counts.misses, &counts.bypassed].map(|count| count.load(Relaxed));
    let bytes = app.cache.weight();
    let text = format!(
        "# HELP redian_cache_requests_total Requests of the public to GraphQL: answered from the \
         cache (hit), made anew (miss), made anew because the change log was not followed in time \
         or something had just appeared or expired (bypass).\n\
         # TYPE redian_cache_requests_total counter\n\
         redian_cache_requests_total{{result=\"hit\"}} {hits}\n\
         redian_cache_requests_total{{result=\"miss\"}} {misses}\n\
         redian_cache_requests_total{{result=\"bypass\"}} {bypassed}\n\
         # HELP redian_cache_bytes What is kept, about.\n\
         # TYPE redian_cache_bytes gauge\n\
         redian_cache_bytes {bytes}\n"
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
