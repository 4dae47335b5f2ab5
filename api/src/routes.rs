//! Every route, and what all of them have in common.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::AllowOrigin;
use tower_http::cors::Any;
use tower_http::cors::CorsLayer;
use tower_http::request_id::MakeRequestUuid;
use tower_http::request_id::PropagateRequestIdLayer;
use tower_http::request_id::SetRequestIdLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::protocol::answer;
use crate::protocol::http;
use crate::protocol::http::Endpoint;
use crate::protocol::http::REQUEST_ID;
use crate::region;
use crate::view;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// For so long a browser need not ask again whether a page may send something.
const PREFLIGHT: Duration = Duration::from_secs(86_400);

/// Every route.
pub fn all(app: &App) -> Result<Router, Error> {
    let endpoint = Endpoint::new(app)?;
    let routes = Router::new()
        .route("/", get(|| async { Redirect::temporary("/graphql") }))
        .merge(graphql(&app.config).with_state(endpoint))
        .merge(json_documents().with_state(app.clone()))
        .merge(views().with_state(app.clone()))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready).with_state(app.clone()))
        .fallback(|| async { StatusCode::NOT_FOUND });
    Ok(layered(routes, &app.config))
}

/// GraphQL, for the pages of those who are named. No cookie is ever read, so there is
/// nothing that a page could do in somebody's name.
fn graphql(config: &Config) -> Router<Endpoint> {
    let origins = match config.cors_origins.iter().any(|origin| origin == "*") {
        true => AllowOrigin::any(),
        false => AllowOrigin::list(config.cors_origins.iter().cloned()),
    };
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::ACCEPT, header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([HeaderName::from_static(REQUEST_ID), header::RETRY_AFTER])
        .max_age(PREFLIGHT);
    let methods = get(http::get).post(http::post);
    Router::new().route("/graphql", methods).layer(CompressionLayer::new()).layer(cors)
}

/// Routes with what all of them have in common. One layer, the outermost part first: the
/// router boxes each layer for each request.
fn layered(routes: Router, config: &Config) -> Router {
    let name = HeaderName::from_static(REQUEST_ID);
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(name.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(name))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(finished))
        // Browsers take everything for what it is said to be.
        .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF))
        .map_response(|response: axum::http::Response<_>| coded(response.map(Body::new)))
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(RequestBodyTimeoutLayer::new(config.timeout()))
        .layer(DefaultBodyLimit::max(config.max_body));
    routes.layer(layers)
}

/// JSON documents, compressed for those who take that.
fn json_documents() -> Router<App> {
    let directory = get(region::http::directory);
    Router::new().route("/v1/regions.json", directory).layer(CompressionLayer::new())
}

/// Counting, from pages of any origin: nothing here is secret or needs a cookie.
fn views() -> Router<App> {
    let any = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
        .max_age(PREFLIGHT);
    let views = get(view::http::totals).post(view::http::count);
    Router::new().route("/v1/views", views).layer(any)
}

async fn ready(State(app): State<App>) -> Response {
    let views = match app.views.is_failing() {
        true => Err(Error::Unavailable("Views cannot be stored: the log tells why.".into())),
        false => Ok(()),
    };
    match app.db.ping().await.and(views) {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            let body = answer::refused(error.code(), &error.to_string());
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
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
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("PAYLOAD_TOO_LARGE", "The request body is too large: send less at once.")
        }
        StatusCode::REQUEST_TIMEOUT => {
            ("TIMEOUT", "The request body took too long to arrive: send it again.")
        }
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

fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::info_span!(
        "request",
        id = id.unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path()
    )
}

fn finished(response: &Response, took: Duration, _: &tracing::Span) {
    let (status, micros) = (response.status().as_u16(), took.as_micros() as u64);
    tracing::info!(status, micros, "answered");
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use tower::ServiceExt;

    use super::*;
    use crate::config::Cli;

    #[tokio::test]
    async fn a_panic_is_answered_like_any_other_error() {
        let config = Cli::try_parse_from(["redian", "schema"]).unwrap().config;
        let panics = || async { assert_eq!(1, 2, "inside") };
        let routes = layered(Router::new().route("/", get(panics)), &config);
        let answer = routes.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.headers().contains_key(REQUEST_ID));
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL");
        assert!(!body.to_string().contains("inside"), "{body}");
    }
}
