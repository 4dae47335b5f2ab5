//! GraphQL over HTTP: POST with JSON, GET for queries, a page for browsers.

use std::sync::Arc;

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
use super::answer::Refusal;
use super::document::Documents;
use super::media;
use super::media::Media;
use super::order;
use super::persisted::Persisted;
use crate::app::App;
use crate::auth;
use crate::error::Error;
use crate::schema;
use crate::schema::Schema;
use crate::schema::with_context;
use crate::view::http_reader;

/// The name of the header that carries the request's id.
pub const REQUEST_ID: &str = "x-request-id";

/// What the answer to a query can be.
const ANSWERS: [Media; 2] = [Media::Json, Media::Graphql];

/// What the endpoint needs.
#[derive(Clone)]
pub struct Endpoint {
    /// The instance.
    pub app: App,
    /// What it offers.
    pub schema: Schema,
    /// What is asked.
    pub documents: Arc<Documents>,
    /// What is asked by hash.
    pub persisted: Arc<Persisted>,
}

impl Endpoint {
    /// Of an instance.
    pub fn new(app: &App) -> Result<Self, Error> {
        Ok(Self {
            app: app.clone(),
            schema: schema::build(&app.config),
            documents: Arc::new(Documents::new(&schema::sdl())?),
            persisted: Arc::new(Persisted::new(app.config.safelist.as_deref())?),
        })
    }
}

/// A GraphQL request; members that are not known are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
    #[serde(default)]
    extensions: Option<Map<String, Value>>,
}

impl Asked {
    /// Whether it names no document.
    fn is_nothing(&self) -> bool {
        self.query.as_ref().is_none_or(String::is_empty) && self.extensions.is_none()
    }
}

/// `POST /graphql`.
pub async fn post(
    State(endpoint): State<Endpoint>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response {
    let Some(media) = media::wanted(&headers, &ANSWERS) else { return not_acceptable() };
    if !media::is_json(&headers) {
        let message = "Send the request as JSON in UTF-8, with `Content-Type: application/json`.";
        let body = answer::refused("UNSUPPORTED_MEDIA_TYPE", message);
        return json(media, StatusCode::UNSUPPORTED_MEDIA_TYPE, &body);
    }
    match serde_json::from_slice::<Asked>(&body) {
        Ok(asked) => run(&endpoint, &headers, &extensions, asked, media, false).await,
        Err(error) if error.is_syntax() || error.is_eof() => {
            bad_request(media, "The body is not JSON.")
        }
        Err(_) => bad_request(
            media,
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
    let asked = from_parameters(&parameters);
    if asked.as_ref().is_some_and(Asked::is_nothing)
        && media::wanted(&headers, &[Media::Json, Media::Graphql, Media::Html]) == Some(Media::Html)
    {
        return explorer();
    }
    let Some(media) = media::wanted(&headers, &ANSWERS) else { return not_acceptable() };
    match asked {
        None => bad_request(media, "The parameters `variables` and `extensions` are JSON objects."),
        Some(asked) if asked.is_nothing() => {
            bad_request(media, "Pass the parameter `query`, or POST the request as JSON.")
        }
        Some(asked) => run(&endpoint, &headers, &extensions, asked, media, true).await,
    }
}

fn from_parameters(parameters: &str) -> Option<Asked> {
    let mut asked = Asked::default();
    for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
        match &*name {
            "query" => asked.query = Some(value.into_owned()),
            "operationName" => asked.operation_name = Some(value.into_owned()),
            "variables" => asked.variables = serde_json::from_str(&value).ok()?,
            "extensions" => asked.extensions = serde_json::from_str(&value).ok()?,
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
    media: Media,
    by_get: bool,
) -> Response {
    let app = &endpoint.app;
    let (name, variables) = (asked.operation_name, asked.variables.unwrap_or_default());
    let given = endpoint.persisted.text(asked.query, &asked.extensions.unwrap_or_default());
    let prepared = given.and_then(|(text, hash)| {
        let prepared =
            endpoint.documents.prepare(&text, name.as_deref(), variables, &app.config)?;
        if let Some(hash) = hash {
            endpoint.persisted.remember(hash, text.clone());
        }
        Ok((text, prepared))
    });
    let (text, prepared) = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => return refused(media, &refusal),
    };
    if by_get && !prepared.reads {
        let message = "GET is for queries only: POST mutations.";
        let body = answer::refused("METHOD_NOT_ALLOWED", message);
        let mut response = json(media, StatusCode::METHOD_NOT_ALLOWED, &body);
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
            return json(media, status, &answer::refused(error.code(), &error.to_string()));
        }
    };
    let mut request = async_graphql::Request::new(&*text)
        .variables(async_graphql::Variables::from_json(prepared.variables));
    if let Some(name) = &name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(prepared.document.executed.clone());
    let reader = http_reader::reader(headers, extensions, &app.config.trusted_proxies, &caller);
    let request = with_context(request, app, caller, reader);
    let executing = endpoint.schema.execute(request);
    let Ok(mut response) = tokio::time::timeout(app.config.timeout(), executing).await else {
        let message =
            format!("The request took longer than {} s: ask for less at once.", app.config.timeout);
        let body = answer::refused("TIMEOUT", &message);
        return json(media, StatusCode::SERVICE_UNAVAILABLE, &body);
    };
    response.data = order::as_asked(response.data, &prepared.document.executed, name.as_deref());
    let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let (body, executed) = answer::to_json(response, &app.config, request_id);
    json(media, if executed { StatusCode::OK } else { media.refused() }, &body)
}

/// Never stored: what a hash means may be known a moment later.
fn refused(media: Media, refusal: &Refusal) -> Response {
    let status = match refusal.code {
        "BAD_REQUEST" => StatusCode::BAD_REQUEST,
        _ => media.refused(),
    };
    let mut response = json(media, status, &refusal.to_json());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn bad_request(media: Media, message: &str) -> Response {
    json(media, StatusCode::BAD_REQUEST, &answer::refused("BAD_REQUEST", message))
}

fn not_acceptable() -> Response {
    let message = "Answers are `application/graphql-response+json` or `application/json`: accept \
                   one of them.";
    json(Media::Json, StatusCode::NOT_ACCEPTABLE, &answer::refused("NOT_ACCEPTABLE", message))
}

fn json(media: Media, status: StatusCode, body: &Value) -> Response {
    let vary = HeaderValue::from_static("Accept");
    let headers = [(header::CONTENT_TYPE, media.content_type()), (header::VARY, vary)];
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
