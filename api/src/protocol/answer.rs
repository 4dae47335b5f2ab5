//! From an executed request to the JSON that is sent: every error with a code,
//! none with what is inside.

use async_graphql::Response;
use async_graphql::ServerError;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::order::Order;
use super::order::Ordered;
use crate::config::Config;
use crate::error::Error;

/// A message has so many characters at most.
const LONGEST: usize = 500;
/// So many errors are told at most.
const MOST: usize = 50;

/// Why nothing of a request was executed.
#[derive(Debug)]
pub struct Refusal {
    /// The code of all faults.
    pub code: &'static str,
    /// Sentences, with lines and columns from 1.
    pub faults: Vec<(String, Vec<(usize, usize)>)>,
}

impl Refusal {
    /// With one fault, of the whole request.
    pub fn new(code: &'static str, message: &str) -> Self {
        Self { code, faults: vec![(message.into(), Vec::new())] }
    }

    /// The JSON that is sent. Without `data` (GraphQL, 7.1).
    pub fn to_json(&self) -> Value {
        let error = |(message, places): &(String, Vec<(usize, usize)>)| {
            let line = one_line(message);
            let mut error = json!({ "message": line, "extensions": { "code": self.code } });
            if !places.is_empty() {
                let at = |(line, column)| json!({ "line": line, "column": column });
                error["locations"] = places.iter().copied().map(at).collect();
            }
            error
        };
        json!({ "errors": self.faults.iter().take(MOST).map(error).collect::<Vec<_>>() })
    }
}

/// Texts of a request may be in a message, however long.
fn one_line(message: &str) -> String {
    let start: String = message.chars().take(LONGEST).collect();
    let cut = if start.len() < message.len() { "…" } else { "" };
    start.split_whitespace().collect::<Vec<_>>().join(" ") + cut
}

/// An error of the request itself: nothing was executed.
pub fn refused(code: &'static str, message: &str) -> Value {
    Refusal::new(code, message).to_json()
}

/// A response as it is sent.
pub struct Written {
    /// The JSON.
    pub text: String,
    /// Whether anything was executed. Request errors have no `data` (GraphQL, 7.1).
    pub executed: bool,
    /// Whether there are no errors.
    pub sound: bool,
}

/// Writes a response in the order of its query, with this data.
pub fn write(
    response: &Response,
    data: &async_graphql::Value,
    order: &Order,
    config: &Config,
    request_id: &str,
) -> Written {
    let executed = response.errors.is_empty()
        || *data != async_graphql::Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty());
    let errors: Vec<Value> = response
        .errors
        .iter()
        .take(MOST)
        .map(|error| to_error(error, executed, config, request_id))
        .collect();
    let analysed = response.extensions.get("analyzer").cloned();
    let cost = analysed.and_then(|analysed| Some(analysed.into_json().ok()?["complexity"].clone()));
    let sound = errors.is_empty();
    let cost = cost.map(|cost| json!({ "requested": cost, "limit": config.max_complexity }));
    let body = Body {
        data: executed.then_some(Ordered(data, order)),
        errors,
        extensions: cost.map(|cost| json!({ "cost": cost })),
    };
    // Nothing of it has keys that are no texts, which alone would fail.
    let text = serde_json::to_string(&body).unwrap_or_default();
    Written { text, executed, sound }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Ordered<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Value>,
}

fn to_error(error: &ServerError, executed: bool, config: &Config, request_id: &str) -> Value {
    let (code, message) = match error.source::<Error>() {
        Some(source) => {
            if let Error::Internal(cause) = source {
                tracing::error!(request_id, cause, path = ?error.path, "internal error");
            }
            (source.code(), source.to_string())
        }
        None => own(error, executed, config),
    };
    let mut extensions = json!({ "code": code });
    if code == "INTERNAL" {
        extensions["requestId"] = request_id.into();
    }
    let mut json = json!({ "message": one_line(&message), "extensions": extensions });
    if !error.locations.is_empty() {
        let at = |place: &async_graphql::Pos| json!({ "line": place.line, "column": place.column });
        json["locations"] = error.locations.iter().map(at).collect();
    }
    if !error.path.is_empty() {
        json["path"] = serde_json::to_value(&error.path).unwrap_or(Value::Null);
    }
    json
}

/// Errors of the GraphQL library.
fn own(error: &ServerError, executed: bool, config: &Config) -> (&'static str, String) {
    match error.message.as_str() {
        "Query is too complex." => (
            "QUERY_TOO_COMPLEX",
            format!(
                "The query costs more than {}: ask for fewer fields or shorter lists, or raise \
                 --max-complexity.",
                config.max_complexity
            ),
        ),
        message if executed => ("BAD_USER_INPUT", message.into()),
        message => ("GRAPHQL_VALIDATION_FAILED", message.into()),
    }
}
