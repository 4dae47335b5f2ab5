//! `GET /v1/articles` and its like: always as the public, whoever asks.

use std::sync::Arc;

use axum::Router;
use axum::extract::RawPathParams;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde_json::Map;
use serde_json::Value;

use super::RESOURCES;
use super::Resource;
use crate::auth::Caller;
use crate::cache::http_kept;
use crate::cache::http_kept::Made;
use crate::cache::reads::Reads;
use crate::protocol::answer::Refusal;
use crate::protocol::execute;
use crate::protocol::execute::Answered;
use crate::protocol::execute::Endpoint;
use crate::protocol::execute::Sender;
use crate::protocol::media::Media;
use crate::protocol::response;

/// Every path, and the document that describes them.
pub fn routes() -> Router<Endpoint> {
    let mut routes = Router::new().route("/v1/openapi.json", get(description));
    for resource in &RESOURCES {
        let answer = async move |State(endpoint): State<Endpoint>,
                                 path: RawPathParams,
                                 RawQuery(query): RawQuery,
                                 headers: HeaderMap| {
            let named = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            answer(&endpoint, resource, named.collect(), query.unwrap_or_default(), headers).await
        };
        routes = routes.route(resource.path, get(answer));
    }
    routes
}

async fn description() -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, super::openapi::COMMITTED).into_response()
}

async fn answer(
    endpoint: &Endpoint,
    resource: &'static Resource,
    named: Vec<(String, String)>,
    query: String,
    headers: HeaderMap,
) -> Response {
    let variables = match variables(resource, named, &query) {
        Ok(variables) => variables,
        Err(message) => {
            let status = StatusCode::BAD_REQUEST;
            return response::refused(Media::Json, status, "BAD_REQUEST", &message);
        }
    };
    let key = format!("R{}?{}", resource.path, Value::Object(variables.clone()));
    let sent = headers.clone();
    let make = async move |reads: Arc<Reads>| {
        let sender = Sender {
            caller: Caller::default(),
            headers,
            extensions: Extensions::default(),
            media: Media::Json,
            by_get: true,
        };
        let text = made(endpoint, resource, &sender, variables, reads).await?;
        Ok(Made { text, dated: false })
    };
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    let kept = http_kept::answer(&endpoint.app, key.as_bytes(), &sent, json, make).await;
    kept.unwrap_or_else(|refused| refused)
}

/// The answer's text, or what was refused.
async fn made(
    endpoint: &Endpoint,
    resource: &'static Resource,
    sender: &Sender,
    variables: Map<String, Value>,
    reads: Arc<Reads>,
) -> Result<String, Response> {
    let refused = |refusal: Refusal| {
        let answered = Answered::refused(Media::Json, &refusal);
        failed(answered.status, answered.text)
    };
    let _room = execute::room(endpoint).await.map_err(refused)?;
    let ready = execute::written_here(endpoint, resource.query, variables).map_err(refused)?;
    let answered = execute::once(endpoint, sender, ready, reads).await.map_err(refused)?;
    if !answered.sound {
        return Err(failed(StatusCode::OK, answered.text));
    }
    let begin = format!("{{\"data\":{{\"{}\":", resource.field);
    let text = answered.text.strip_prefix(&*begin).and_then(|rest| rest.strip_suffix("}}"));
    match text {
        None | Some("null") => {
            let message = "There is none of this name: it may have been taken down.";
            Err(response::refused(Media::Json, StatusCode::NOT_FOUND, "NOT_FOUND", message))
        }
        Some(text) => Ok(text.to_owned()),
    }
}

/// Errors of GraphQL with the status that their first code means.
fn failed(status: StatusCode, text: String) -> Response {
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let status = match body.pointer("/errors/0/extensions/code").and_then(Value::as_str) {
        _ if status.is_client_error() || status.is_server_error() => status,
        Some("INTERNAL") | None => StatusCode::INTERNAL_SERVER_ERROR,
        Some("UNAVAILABLE") => StatusCode::SERVICE_UNAVAILABLE,
        Some("NOT_FOUND") => StatusCode::NOT_FOUND,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let errors = serde_json::json!({ "errors": body["errors"] });
    response::unstored(response::json(Media::Json, status, &errors))
}

/// The parameters of a request as variables of the query.
fn variables(
    resource: &Resource,
    named: Vec<(String, String)>,
    query: &str,
) -> Result<Map<String, Value>, String> {
    let mut variables = Map::new();
    let asked = form_urlencoded::parse(query.as_bytes()).into_owned();
    for (nth, (name, value)) in named.into_iter().chain(asked).enumerate() {
        let in_path = resource.path.contains(&format!("{{{name}}}"));
        if !resource.parameters.contains(&&*name) || in_path && nth > 0 {
            let known: Vec<&str> = resource.parameters.to_vec();
            let known = known.join("`, `");
            return Err(format!("There is no parameter `{name}` here: there are `{known}`."));
        }
        let value = match name == "first" {
            false => Value::String(value),
            true => match value.parse::<i32>() {
                Ok(number) => number.into(),
                Err(_) => return Err("`first` must be a number from 1 to 100.".into()),
            },
        };
        if variables.insert(name.clone(), value).is_some() {
            return Err(format!("`{name}` is given twice: pass it once."));
        }
    }
    Ok(variables)
}
