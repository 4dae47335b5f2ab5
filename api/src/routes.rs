//! Every route, and what all of them have in common.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::AllowHeaders;
use tower_http::cors::AllowOrigin;
use tower_http::cors::Any;
use tower_http::cors::CorsLayer;

use crate::app::App;
use crate::auth::http::gate;
use crate::cache::http_metrics::metrics;
use crate::error::Error;
use crate::feed;
use crate::protocol::answer;
use crate::protocol::execute::Endpoint;
use crate::protocol::execute::REQUEST_ID;
use crate::protocol::http;
use crate::protocol::media::Media;
use crate::protocol::response;
use crate::region;
use crate::rest;
use crate::view;

/// Where GraphQL is.
pub const GRAPHQL: &str = "/graphql";
/// For so long a browser need not ask again whether a page may send something.
const PREFLIGHT: Duration = Duration::from_secs(86_400);

/// Every route.
pub fn all(endpoint: &Endpoint) -> Router {
    let app = &endpoint.app;
    let routes = Router::new()
        .route("/", get(|| async { Redirect::temporary(GRAPHQL) }))
        .merge(graphql(app).with_state(endpoint.clone()))
        .merge(json_documents(app).with_state(app.clone()))
        .merge(kept_documents(app).with_state(endpoint.clone()))
        .merge(gated(rest::http::routes(), app).layer(open()).with_state(endpoint.clone()))
        .merge(views(app).with_state(app.clone()))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready).with_state(app.clone()))
        .route("/metrics", get(metrics).with_state(app.clone()))
        .fallback(|| async { StatusCode::NOT_FOUND });
    layered(routes)
}

/// GraphQL, for the pages of those who are named. No cookie is ever read, so there is
/// nothing that a page could do in somebody's name.
fn graphql(app: &App) -> Router<Endpoint> {
    let named = &app.config.cors_origins;
    let origins = match named.iter().any(|origin| origin == "*") {
        true => AllowOrigin::any(),
        false => AllowOrigin::list(named.iter().cloned()),
    };
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([HeaderName::from_static(REQUEST_ID), header::RETRY_AFTER])
        .max_age(PREFLIGHT);
    let methods = get(http::get).post(http::post);
    Router::new().route(GRAPHQL, methods).layer(cors)
}

/// For pages of any origin: no cookie is ever read.
fn open() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(PREFLIGHT)
}

/// Routes behind the gate, which bounds bodies itself.
fn gated<S: Clone + Send + Sync + 'static>(routes: Router<S>, app: &App) -> Router<S> {
    routes.layer(DefaultBodyLimit::disable()).layer(from_fn_with_state(app.clone(), gate))
}

/// Routes with what all of them have in common: errors have a code, also those of libraries.
fn layered(routes: Router) -> Router {
    let layers = ServiceBuilder::new()
        .map_response(|response: axum::http::Response<_>| coded(response.map(Body::new)))
        .layer(CatchPanicLayer::custom(|_| broken()));
    routes.layer(layers)
}

/// JSON documents, for pages of any origin, compressed for those who take that.
fn json_documents(app: &App) -> Router<App> {
    let directory = get(region::http::directory);
    let routes = gated(Router::new().route("/v1/regions.json", directory), app);
    routes.layer(CompressionLayer::new()).layer(open())
}

/// Documents that are kept like answers, and compressed with them.
fn kept_documents(app: &App) -> Router<Endpoint> {
    let routes = Router::new()
        .route("/feeds/{file}", get(feed::http::get))
        .route("/sitemap.xml", get(feed::http_sitemap::index))
        .route("/sitemap-news.xml", get(feed::http_sitemap::news))
        .route("/sitemaps/{file}", get(feed::http_sitemap::month));
    gated(routes, app).layer(open())
}

/// Counting, from pages of any origin: nothing here is secret or needs a cookie.
fn views(app: &App) -> Router<App> {
    let views = get(view::http::totals).post(view::http::count);
    gated(Router::new().route("/v1/views", views), app).layer(open())
}

async fn ready(State(app): State<App>) -> Response {
    let views = match app.views.is_failing() {
        true => Err(Error::Unavailable("Views cannot be stored: the log tells why.".into())),
        false => Ok(()),
    };
    match app.db.ping().await.and(views) {
        Ok(()) => "ready\n".into_response(),
        Err(error) => response::failed(Media::Json, &error),
    }
}

/// What is answered when something panics.
pub fn broken() -> Response {
    coded(StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Gives a coded JSON body to errors that come from the libraries.
fn coded(response: Response) -> Response {
    let (code, message) = match response.status() {
        _ if is_json(&response) => return response,
        StatusCode::NOT_FOUND => ("NOT_FOUND", "There is nothing at this path: try /graphql."),
        StatusCode::METHOD_NOT_ALLOWED => (
            "METHOD_NOT_ALLOWED",
            "This path does not take this method; `Allow` names those it does.",
        ),
        StatusCode::INTERNAL_SERVER_ERROR => (
            "INTERNAL",
            "Something went wrong here. Try again; if it stays, give the operator the request id.",
        ),
        _ => return response,
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    (parts.status, parts.headers, axum::Json(answer::refused(code, message))).into_response()
}

fn is_json(response: &Response) -> bool {
    let value = response.headers().get(header::CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("json"))
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_like_any_other_error() {
        let panics = || async { assert_eq!(1, 2, "inside") };
        let routes = layered(Router::new().route("/", get(panics)));
        let answer = routes.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL");
        assert!(!body.to_string().contains("inside"), "{body}");
    }
}
