//! GraphQL over HTTP: POST with JSON, GET for queries, a page for browsers.

use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use super::answer;
use super::expanded;
use super::order;
use crate::app::App;
use crate::auth;
use crate::error::Error;
use crate::schema::Schema;
use crate::schema::with_context;
use crate::view::http_reader;

/// The name of the header that carries the request's id.
pub const REQUEST_ID: &str = "x-request-id";

/// What the endpoint needs.
#[derive(Clone)]
pub struct Endpoint {
    /// The instance.
    pub app: App,
    /// What it offers.
    pub schema: Schema,
}

/// A GraphQL request; members that are not known are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
    #[serde(default, rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

/// `POST /graphql`.
pub async fn post(
    State(endpoint): State<Endpoint>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        let message = "Send the request as JSON, with `Content-Type: application/json`.";
        let body = answer::refused("UNSUPPORTED_MEDIA_TYPE", message);
        return json(&headers, StatusCode::UNSUPPORTED_MEDIA_TYPE, &body);
    }
    match serde_json::from_slice::<Asked>(&body) {
        Ok(asked) => run(&endpoint, &headers, &extensions, asked, false).await,
        Err(error) if error.is_syntax() || error.is_eof() => {
            bad_request(&headers, "The body is not JSON.")
        }
        Err(_) => bad_request(
            &headers,
            "The body must be a JSON object with `query` as a string, and, if wanted, \
             `operationName` as a string and `variables` and `extensions` as objects.",
        ),
    }
}

/// `GET /graphql`: queries, or the explorer for browsers.
pub async fn get(
    State(endpoint): State<Endpoint>,
    headers: HeaderMap,
    extensions: Extensions,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = query.unwrap_or_default();
    let Some(asked) = from_parameters(&parameters) else {
        return bad_request(&headers, "The parameter `variables` must be a JSON object.");
    };
    if asked.query.is_empty() && accepts(&headers, "text/html") {
        return explorer();
    }
    if asked.query.is_empty() {
        return bad_request(&headers, "Pass the parameter `query`, or POST the request as JSON.");
    }
    run(&endpoint, &headers, &extensions, asked, true).await
}

fn from_parameters(parameters: &str) -> Option<Asked> {
    let mut asked = Asked::default();
    for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
        match &*name {
            "query" => asked.query = value.into_owned(),
            "operationName" => asked.operation_name = Some(value.into_owned()),
            "variables" => asked.variables = serde_json::from_str(&value).ok()?,
            _ => {}
        }
    }
    Some(asked)
}

async fn run(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    extensions: &Extensions,
    asked: Asked,
    by_get: bool,
) -> Response {
    let app = &endpoint.app;
    let document = match async_graphql::parser::parse_query(&asked.query) {
        Ok(document) => document,
        Err(error) => {
            let message = format!("The document is not GraphQL: {}", parse_error(&error));
            let body = answer::refused("GRAPHQL_PARSE_FAILED", &message);
            return json(headers, StatusCode::BAD_REQUEST, &body);
        }
    };
    if expanded::size(&document) > expanded::MOST {
        let message = format!(
            "The query has more than {} fields with its fragments put in place, or a fragment \
             contains itself: ask in several queries.",
            expanded::MOST
        );
        let body = answer::refused("QUERY_TOO_LARGE", &message);
        return json(headers, StatusCode::BAD_REQUEST, &body);
    }
    if by_get && changes_something(&document) {
        let message = "GET is for queries only: POST mutations.";
        let body = answer::refused("METHOD_NOT_ALLOWED", message);
        let mut response = json(headers, StatusCode::METHOD_NOT_ALLOWED, &body);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let caller = match auth::http::caller(app, headers).await {
        Ok(caller) => caller,
        Err(error) => {
            let status = match &error {
                Error::Unauthenticated | Error::UnknownToken => StatusCode::UNAUTHORIZED,
                Error::Internal(cause) => {
                    tracing::error!(cause, "internal error");
                    StatusCode::INTERNAL_SERVER_ERROR
                }
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            return json(headers, status, &answer::refused(error.code(), &error.to_string()));
        }
    };
    let variables = Value::Object(asked.variables.unwrap_or_default());
    let mut request = async_graphql::Request::new(asked.query)
        .variables(async_graphql::Variables::from_json(variables));
    if let Some(name) = &asked.operation_name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(document.clone());
    let reader = http_reader::reader(headers, extensions, &app.config.trusted_proxies, &caller);
    let request = with_context(request, app, caller, reader);
    let executing = endpoint.schema.execute(request);
    let Ok(mut response) = tokio::time::timeout(app.config.timeout(), executing).await else {
        let message =
            format!("The request took longer than {} s: ask for less at once.", app.config.timeout);
        let body = answer::refused("TIMEOUT", &message);
        return json(headers, StatusCode::SERVICE_UNAVAILABLE, &body);
    };
    response.data = order::as_asked(response.data, &document, asked.operation_name.as_deref());
    let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let (body, executed) = answer::to_json(response, &app.config, request_id);
    json(headers, if executed { StatusCode::OK } else { StatusCode::BAD_REQUEST }, &body)
}

fn changes_something(document: &async_graphql::parser::types::ExecutableDocument) -> bool {
    use async_graphql::parser::types::OperationType;
    document.operations.iter().any(|(_, operation)| operation.node.ty != OperationType::Query)
}

/// Place and expectation, in one line.
fn parse_error(error: &async_graphql::parser::Error) -> String {
    let text = error.to_string();
    let expected = text.lines().last().unwrap_or_default().trim_start_matches([' ', '=']);
    let place = error.positions().next();
    let place = place.map(|at| format!("line {}, column {}: ", at.line, at.column));
    format!("{}{expected}.", place.unwrap_or_default())
}

fn bad_request(headers: &HeaderMap, message: &str) -> Response {
    json(headers, StatusCode::BAD_REQUEST, &answer::refused("BAD_REQUEST", message))
}

fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains(media_type))
}

fn json(headers: &HeaderMap, status: StatusCode, body: &Value) -> Response {
    let media_type = if accepts(headers, "application/graphql-response+json") {
        "application/graphql-response+json; charset=utf-8"
    } else {
        "application/json; charset=utf-8"
    };
    let headers = [(header::CONTENT_TYPE, media_type), (header::VARY, "Accept")];
    (status, headers, body.to_string()).into_response()
}

fn explorer() -> Response {
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; connect-src 'self'; \
          style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; \
          form-action 'none'; frame-ancestors 'none'",
        ),
        (header::VARY, "Accept"),
    ];
    (headers, Html(include_str!("explorer.html"))).into_response()
}
