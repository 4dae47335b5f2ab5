//! From a request to its answer: prepared, given room, executed.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use apollo_compiler::ast::OperationType;
use async_graphql::Request;
use async_graphql::Response;
use async_graphql::Variables;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::StatusCode;
use futures_util::stream::BoxStream;
use serde_json::Map;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::answer;
use super::answer::Refusal;
use super::answer::Written;
use super::document::Documents;
use super::document::Prepared;
use super::media::Media;
use super::persisted::Persisted;
use super::public;
use super::request::Asked;
use crate::app::App;
use crate::auth::Caller;
use crate::cache::http_answer::Answer;
use crate::cache::reads::Reads;
use crate::error::Error;
use crate::follow;
use crate::live::place::Place;
use crate::schema;
use crate::schema::Schema;
use crate::schema::with_context;
use crate::view::http_reader;

/// The name of the header that carries the request's id.
pub const REQUEST_ID: &str = "x-request-id";
/// Asks for the cost of a query with `report`, as other servers have it.
pub const COST: HeaderName = HeaderName::from_static("graphql-cost");
/// Asks how an answer to the public came about with `report`, and a token.
pub const CACHE: HeaderName = HeaderName::from_static("graphql-cache");
/// So long a request waits while others are executed.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the endpoint needs, shared: each request has it.
#[derive(Clone)]
pub struct Endpoint(Arc<Parts>);

/// What it is made of.
pub struct Parts {
    /// The instance.
    pub app: App,
    /// What it offers.
    schema: Schema,
    /// The same, telling what a query costs: that slows every field.
    telling: Schema,
    documents: Documents,
    persisted: Persisted,
    /// For those who are executed at once.
    room: Semaphore,
}

impl Deref for Endpoint {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Endpoint {
    /// Of an instance.
    pub fn new(app: &App) -> Result<Self, Error> {
        let config = &app.config;
        Ok(Self(Arc::new(Parts {
            app: app.clone(),
            schema: schema::build(config).finish(),
            telling: schema::build(config).extension(async_graphql::extensions::Analyzer).finish(),
            documents: Documents::new(&schema::sdl())?,
            persisted: Persisted::new(config.safelist.as_deref())?,
            room: Semaphore::new(config.max_requests as usize),
        })))
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
    /// The response, as JSON.
    pub text: String,
    /// Whether something was executed.
    pub executed: bool,
    /// Whether there are no errors.
    pub sound: bool,
}

impl Answered {
    /// Nothing was executed.
    pub fn refused(media: Media, refusal: &Refusal) -> Self {
        let status = match refusal.code {
            "BAD_REQUEST" | "BATCH_TOO_LARGE" => StatusCode::BAD_REQUEST,
            "METHOD_NOT_ALLOWED" => StatusCode::METHOD_NOT_ALLOWED,
            "NOT_ACCEPTABLE" => StatusCode::NOT_ACCEPTABLE,
            "TIMEOUT" | "OVERLOADED" => StatusCode::SERVICE_UNAVAILABLE,
            _ => media.refused(),
        };
        let text = refusal.to_json().to_string();
        Self { status, text, executed: false, sound: false }
    }
}

/// What came of a request.
pub enum Executed {
    /// The answer to it alone.
    Once(Answered),
    /// One that is kept for others.
    Kept(Arc<Answer>),
}

/// An operation that may be executed.
pub struct Ready {
    text: Arc<str>,
    name: Option<String>,
    prepared: Prepared,
}

impl Ready {
    /// What kind of operation it is.
    pub fn kind(&self) -> OperationType {
        self.prepared.kind
    }
}

/// Answers a request that has one answer; `key` is by what the public is known to ask it.
pub async fn execute(
    endpoint: &Endpoint,
    sender: &Sender,
    asked: Asked,
    key: Option<&[u8]>,
) -> Executed {
    let answered = async {
        let _room = room(endpoint).await?;
        let ready = prepare(endpoint, sender, asked)?;
        if ready.kind() == OperationType::Subscription {
            let message = "Subscriptions have many answers: ask with `Accept: text/event-stream`, \
                           or over a WebSocket with the protocol graphql-transport-ws.";
            return Err(Refusal::new("NOT_ACCEPTABLE", message));
        }
        match key.filter(|_| ready.kind() == OperationType::Query) {
            Some(key) => public::answer(endpoint, sender, ready, key).await,
            None => once(endpoint, sender, ready, Arc::default()).await.map(Executed::Once),
        }
    };
    let refused = |refusal: Refusal| Executed::Once(Answered::refused(sender.media, &refusal));
    answered.await.unwrap_or_else(refused)
}

/// Room for a request that is executed at once with others.
pub async fn room(endpoint: &Endpoint) -> Result<SemaphorePermit<'_>, Refusal> {
    let Ok(Ok(room)) = timeout(PATIENCE, endpoint.room.acquire()).await else {
        let most = endpoint.app.config.max_requests;
        let message = format!(
            "More than {most} requests at once: try again in a second, or raise --max-requests."
        );
        return Err(Refusal::new("OVERLOADED", &message));
    };
    Ok(room)
}

/// Finds out what is asked, and whether it may be executed.
pub fn prepare(endpoint: &Endpoint, sender: &Sender, asked: Asked) -> Result<Ready, Refusal> {
    let config = &endpoint.app.config;
    let (text, hash) =
        endpoint.persisted.text(asked.query.as_deref(), &asked.extensions(config)?)?;
    let (variables, name) = (asked.variables(config)?, asked.operation_name);
    let prepared = endpoint.documents.prepare(&text, name.as_deref(), variables, config)?;
    if let Some(hash) = hash {
        endpoint.persisted.remember(hash, text.clone());
    }
    if sender.by_get && prepared.kind == OperationType::Mutation {
        let message = "GET is for queries only: POST mutations.";
        return Err(Refusal::new("METHOD_NOT_ALLOWED", message));
    }
    Ok(Ready { text, name, prepared })
}

/// The same of a query that the program itself has: no list decides whether it may be asked.
pub fn written_here(
    endpoint: &Endpoint,
    query: &'static str,
    variables: Map<String, Value>,
) -> Result<Ready, Refusal> {
    let prepared = endpoint.documents.prepare(query, None, variables, &endpoint.app.config)?;
    Ok(Ready { text: query.into(), name: None, prepared })
}

/// Executes a query or a mutation. What a mutation changed, this instance knows when it is
/// answered.
pub async fn once(
    endpoint: &Endpoint,
    sender: &Sender,
    ready: Ready,
    reads: Arc<Reads>,
) -> Result<Answered, Refusal> {
    let (app, config) = (&endpoint.app, &endpoint.app.config);
    let recorded = app.db.recorded();
    let tells = sender.headers.get(COST).is_some_and(|wanted| wanted == "report");
    let schema = if tells { &endpoint.telling } else { &endpoint.schema };
    let executing = schema.execute(request(endpoint, sender, &ready, Place::default(), reads));
    let Ok(response) = timeout(config.timeout(), executing).await else {
        let most = config.timeout;
        let message = format!(
            "The request took longer than {most} s: ask for less at once, or raise --timeout."
        );
        return Err(Refusal::new("TIMEOUT", &message));
    };
    if app.db.recorded() != recorded
        && let Err(error) = follow::run(app.clone()).await
    {
        tracing::warn!(?error, "the change log cannot be followed now");
        app.cache.close();
    }
    let Written { text, executed, sound } = written(endpoint, sender, &ready, &response);
    let status = if executed { StatusCode::OK } else { sender.media.refused() };
    Ok(Answered { status, text, executed, sound })
}

/// The answers of a subscription, as the executor makes them.
pub fn subscribe(
    endpoint: &Endpoint,
    sender: &Sender,
    ready: &Ready,
    place: Place,
) -> BoxStream<'static, Response> {
    endpoint.schema.execute_stream(request(endpoint, sender, ready, place, Arc::default()))
}

/// A response to an operation, as it is sent.
pub fn written(
    endpoint: &Endpoint,
    sender: &Sender,
    ready: &Ready,
    response: &Response,
) -> Written {
    let id = sender.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let order = ready.prepared.document.order(ready.name.as_deref());
    let config = &endpoint.app.config;
    if response.errors.is_empty() {
        return answer::write(response, &response.data, &order, config, id);
    }
    let data = ready.prepared.document.settled(ready.name.as_deref(), response);
    answer::write(response, &data, &order, config, id)
}

fn request(
    endpoint: &Endpoint,
    sender: &Sender,
    ready: &Ready,
    place: Place,
    reads: Arc<Reads>,
) -> Request {
    let (app, prepared) = (&endpoint.app, &ready.prepared);
    let variables = Variables::from_json(prepared.variables.clone());
    let mut request = Request::new(&*ready.text).variables(variables);
    if let Some(name) = &ready.name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(prepared.document.executed.clone());
    let Sender { headers, extensions, caller, .. } = sender;
    let reader = http_reader::reader(headers, extensions, &app.config.trusted_proxies, caller);
    with_context(request, app, caller.clone(), reader, place, reads)
}
