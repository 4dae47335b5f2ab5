//! From a request to its answer: prepared, given room, executed.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Request;
use async_graphql::Response;
use async_graphql::Variables;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::StatusCode;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::answer;
use super::answer::Refusal;
use super::document::Documents;
use super::document::Prepared;
use super::media::Media;
use super::order;
use super::persisted::Persisted;
use super::request::Asked;
use crate::app::App;
use crate::auth::Caller;
use crate::error::Error;
use crate::schema;
use crate::schema::Schema;
use crate::schema::with_context;
use crate::view::http_reader;

/// The name of the header that carries the request's id.
pub const REQUEST_ID: &str = "x-request-id";
/// Asks for the cost of a query with `report`, as other servers have it.
pub const COST: HeaderName = HeaderName::from_static("graphql-cost");
/// So long a request waits while others are executed.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the endpoint needs.
#[derive(Clone)]
pub struct Endpoint {
    /// The instance.
    pub app: App,
    /// What it offers.
    schema: Schema,
    /// The same, telling what a query costs: that slows every field.
    telling: Schema,
    documents: Arc<Documents>,
    persisted: Arc<Persisted>,
    /// For those who are executed at once.
    room: Arc<Semaphore>,
}

impl Endpoint {
    /// Of an instance.
    pub fn new(app: &App) -> Result<Self, Error> {
        let config = &app.config;
        Ok(Self {
            app: app.clone(),
            schema: schema::build(config).finish(),
            telling: schema::build(config).extension(async_graphql::extensions::Analyzer).finish(),
            documents: Arc::new(Documents::new(&schema::sdl())?),
            persisted: Arc::new(Persisted::new(config.safelist.as_deref())?),
            room: Arc::new(Semaphore::new(config.max_requests as usize)),
        })
    }
}

/// Who sent a request, and how.
pub struct Sender {
    /// The one who asks.
    pub caller: Caller,
    /// The headers of the request.
    pub headers: HeaderMap,
    /// Where it comes from.
    pub extensions: Extensions,
    /// What is answered.
    pub media: Media,
    /// By GET, which must change nothing.
    pub by_get: bool,
}

/// The answer to one request.
pub struct Answered {
    /// The status, if it is the only one.
    pub status: StatusCode,
    /// The response.
    pub body: Value,
}

impl Answered {
    /// Nothing was executed.
    pub fn refused(media: Media, refusal: &Refusal) -> Self {
        let status = match refusal.code {
            "BAD_REQUEST" | "BATCH_TOO_LARGE" => StatusCode::BAD_REQUEST,
            "METHOD_NOT_ALLOWED" => StatusCode::METHOD_NOT_ALLOWED,
            "TIMEOUT" | "OVERLOADED" => StatusCode::SERVICE_UNAVAILABLE,
            _ => media.refused(),
        };
        Self { status, body: refusal.to_json() }
    }
}

/// Answers a request.
pub async fn execute(endpoint: &Endpoint, sender: &Sender, asked: Asked) -> Answered {
    let config = &endpoint.app.config;
    let answered = async {
        let Ok(Ok(_room)) = timeout(PATIENCE, endpoint.room.acquire()).await else {
            let most = config.max_requests;
            let message = format!(
                "More than {most} requests at once: try again in a second, or raise --max-requests."
            );
            return Err(Refusal::new("OVERLOADED", &message));
        };
        let (text, prepared) = prepare(endpoint, &asked)?;
        if sender.by_get && !prepared.reads {
            let message = "GET is for queries only: POST mutations.";
            return Err(Refusal::new("METHOD_NOT_ALLOWED", message));
        }
        let name = asked.operation_name.as_deref();
        let executing = run(endpoint, sender, &text, name, prepared);
        timeout(config.timeout(), executing).await.map_err(|_| {
            let most = config.timeout;
            let message = format!(
                "The request took longer than {most} s: ask for less at once, or raise --timeout."
            );
            Refusal::new("TIMEOUT", &message)
        })
    };
    let response = match answered.await {
        Ok(response) => response,
        Err(refusal) => return Answered::refused(sender.media, &refusal),
    };
    let id = sender.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let (body, executed) = answer::to_json(response, config, id);
    Answered { status: if executed { StatusCode::OK } else { sender.media.refused() }, body }
}

fn prepare(endpoint: &Endpoint, asked: &Asked) -> Result<(Arc<str>, Prepared), Refusal> {
    let (config, name) = (&endpoint.app.config, asked.operation_name.as_deref());
    let (text, hash) =
        endpoint.persisted.text(asked.query.as_deref(), &asked.extensions(config)?)?;
    let variables = asked.variables(config)?;
    let prepared = endpoint.documents.prepare(&text, name, variables, config)?;
    if let Some(hash) = hash {
        endpoint.persisted.remember(hash, text.clone());
    }
    Ok((text, prepared))
}

async fn run(
    endpoint: &Endpoint,
    sender: &Sender,
    text: &str,
    name: Option<&str>,
    prepared: Prepared,
) -> Response {
    let (app, executed) = (&endpoint.app, &prepared.document.executed);
    let mut request = Request::new(text).variables(Variables::from_json(prepared.variables));
    if let Some(name) = name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(executed.clone());
    let Sender { headers, extensions, caller, .. } = sender;
    let reader = http_reader::reader(headers, extensions, &app.config.trusted_proxies, caller);
    let request = with_context(request, app, caller.clone(), reader);
    let tells = headers.get(COST).is_some_and(|wanted| wanted == "report");
    let schema = if tells { &endpoint.telling } else { &endpoint.schema };
    let mut response = schema.execute(request).await;
    response.data = order::as_asked(response.data, executed, name);
    response
}
