//! An operation with its answers one after the other: what WebSockets and event streams send.

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::sync::mpsc;

use super::answer::Refusal;
use super::execute;
use super::execute::Endpoint;
use super::execute::Ready;
use super::execute::Sender;
use super::request::Asked;
use crate::live::cursor::Cursor;
use crate::live::place::Place;

/// What becomes of an operation.
#[derive(Debug)]
pub enum Told {
    /// A subscription listens to what comes behind this place in the change log.
    Begun(Cursor),
    /// An answer, and the place in the change log behind which the next ones are.
    Next(Value, Option<Cursor>),
    /// The errors that end it; nothing follows.
    Failed(Value),
    /// It has ended.
    Complete,
}

/// Where answers go, each with the id of its operation. Who does not take them in time holds
/// up nobody else.
pub type Out = mpsc::Sender<(Arc<str>, Told)>;

enum Begun {
    Answered(Value),
    Subscription(Ready),
}

/// Executes an operation to its end, or until nobody listens.
pub async fn run(
    endpoint: Endpoint,
    sender: Arc<Sender>,
    asked: Asked,
    place: Place,
    id: Arc<str>,
    out: Out,
) {
    let end = match begin(&endpoint, &sender, asked).await {
        Ok(Begun::Subscription(ready)) => {
            subscription(&endpoint, &sender, &ready, place, &id, &out).await
        }
        Ok(Begun::Answered(body)) if body.get("data").is_some() => {
            let sent = out.send((id.clone(), Told::Next(body, None))).await;
            sent.ok().map(|()| Told::Complete)
        }
        Ok(Begun::Answered(body)) => Some(failed(body)),
        Err(refusal) => Some(failed(refusal.to_json())),
    };
    if let Some(end) = end {
        // Nobody may listen any more.
        drop(out.send((id, end)).await);
    }
}

async fn begin(endpoint: &Endpoint, sender: &Sender, asked: Asked) -> Result<Begun, Refusal> {
    let _room = execute::room(endpoint).await?;
    let ready = execute::prepare(endpoint, sender, asked)?;
    match ready.kind() {
        OperationType::Subscription => Ok(Begun::Subscription(ready)),
        _ => {
            let answered = execute::once(endpoint, sender, ready, Arc::default()).await?;
            Ok(Begun::Answered(read(&answered.text)))
        }
    }
}

/// Sends the answers of a subscription; how it ends, if somebody still listens.
async fn subscription(
    endpoint: &Endpoint,
    sender: &Sender,
    ready: &Ready,
    place: Place,
    id: &Arc<str>,
    out: &Out,
) -> Option<Told> {
    let app = &endpoint.app;
    let Ok(_place) = app.live.subscriptions.try_acquire() else {
        let message = "Too many subscriptions: try again later, or raise --max-subscriptions.";
        return Some(failed(Refusal::new("OVERLOADED", message).to_json()));
    };
    loop {
        let edition = app.tree().edition();
        let mut answers = execute::subscribe(endpoint, sender, ready, place.clone());
        let mut begun = false;
        loop {
            let response = tokio::select! {
                cursor = place.begun(), if !begun => {
                    begun = true;
                    out.send((id.clone(), Told::Begun(cursor))).await.ok()?;
                    continue;
                }
                response = answers.next() => response,
            };
            // What it began with is no news any more.
            begun = true;
            let Some(response) = response else { break };
            let written = execute::written(endpoint, sender, ready, &response);
            let body = read(&written.text);
            // What could not be told would be missed if it went on.
            if body.get("data").is_none_or(Value::is_null) {
                return Some(failed(body));
            }
            out.send((id.clone(), Told::Next(body, place.reached()))).await.ok()?;
        }
        // A new region directory: it goes on with that, from where it was.
        if app.tree().edition() == edition {
            return Some(Told::Complete);
        }
    }
}

/// An answer as a part of a message.
fn read(text: &str) -> Value {
    // It was written as JSON here.
    serde_json::from_str(text).unwrap_or_default()
}

fn failed(mut body: Value) -> Told {
    Told::Failed(body["errors"].take())
}
