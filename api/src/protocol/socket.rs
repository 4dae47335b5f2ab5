//! GraphQL over WebSocket: the sub-protocol graphql-transport-ws, as graphql-ws defines it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Error;
use axum::extract::ws::Message;
use axum::extract::ws::WebSocket;
use serde_json::Map;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;
use tokio::time::sleep_until;
use tokio_tungstenite::tungstenite;

use super::answer::Refusal;
use super::execute::Endpoint;
use super::execute::Sender;
use super::message;
use super::message::Closing;
use super::message::Received;
use super::request::Asked;
use super::stream;
use super::stream::Out;
use super::stream::Told;
use crate::app::App;
use crate::auth::http;
use crate::auth::http::Refused;
use crate::live::place::Place;

/// The sub-protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";
/// Room to read messages into, in bytes; it grows with them.
pub const BUFFER: usize = 1 << 10;
/// So many answers wait while others are sent.
const WAITING: usize = 8;

/// An open socket.
struct Socket {
    endpoint: Endpoint,
    /// Who sends, known from the acknowledgement on.
    sender: Option<Arc<Sender>>,
    /// Of the handshake.
    handshake: Option<Sender>,
    /// What runs, by id.
    operations: HashMap<Arc<str>, AbortHandle>,
    out: Out,
}

/// Serves a socket to its end.
pub async fn serve(endpoint: Endpoint, sender: Sender, mut socket: WebSocket) {
    let live = endpoint.app.live.clone();
    let closing = match live.sockets.clone().try_acquire_owned() {
        _ if socket.protocol().is_none() => Some(Closing::SUBPROTOCOL),
        Err(_) => Some(Closing::TOO_MANY),
        Ok(_place) => {
            let (out, told) = mpsc::channel(WAITING);
            let (sender, handshake, operations) = (None, Some(sender), HashMap::new());
            let mut state = Socket { endpoint, sender, handshake, operations, out };
            let served = tokio::select! {
                served = converse(&mut state, &mut socket, told) => served,
                () = live.stopped() => Ok(Some(Closing::GOING_AWAY)),
            };
            served.unwrap_or_else(|error| {
                tracing::debug!(%error, "a socket broke");
                None
            })
        }
    };
    if let Some(closing) = closing {
        tracing::debug!(?closing, "closing a socket");
        // The client may be gone already.
        drop(socket.send(closing.into_message()).await);
    }
}

/// Reads and answers until the client closes, or has to be closed.
async fn converse(
    state: &mut Socket,
    socket: &mut WebSocket,
    mut told: mpsc::Receiver<(Arc<str>, Told)>,
) -> Result<Option<Closing>, Error> {
    let (begun, alive) = (Instant::now(), state.endpoint.app.config.keep_alive());
    let (mut heard, mut beat) = (begun, interval(alive));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.tick().await;
    let app = state.endpoint.app.clone();
    loop {
        let sender = state.sender.clone();
        tokio::select! {
            received = socket.recv() => {
                heard = Instant::now();
                let text = match received {
                    None | Some(Ok(Message::Close(_))) => return Ok(None),
                    Some(Err(error)) => return fault(error).map(Some),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Binary(_))) => return Ok(Some(Closing::BINARY)),
                };
                let answer = match message::read(&text) {
                    Ok(received) => state.take(received).await,
                    Err(closing) => Err(closing),
                };
                match answer {
                    Ok(Some(answer)) => socket.send(answer).await?,
                    Ok(None) => {}
                    Err(closing) => return Ok(Some(closing)),
                }
            }
            Some((id, told)) = told.recv() => {
                // It may have been completed while this was on its way, and its id given anew.
                let known = state.operations.get_key_value(&id);
                if known.is_some_and(|(known, _)| Arc::ptr_eq(known, &id)) {
                    if matches!(told, Told::Failed(_) | Told::Complete) {
                        state.operations.remove(&id);
                    }
                    if let Some(message) = message::told(&id, &told) {
                        socket.send(message).await?;
                    }
                }
            }
            _ = beat.tick() => {
                if heard.elapsed() > 2 * alive {
                    return Ok(Some(Closing::SILENT));
                }
                socket.send(Message::Ping(Default::default())).await?;
            }
            () = token_ends(&app, sender.as_deref()) => return Ok(Some(Closing::ENDED)),
            () = sleep_until(begun + alive), if state.sender.is_none() => {
                return Ok(Some(Closing::NO_INIT));
            }
        }
    }
}

/// Waits until the token of who sends is revoked or has expired.
async fn token_ends(app: &App, sender: Option<&Sender>) {
    match sender {
        Some(sender) => app.ended.of(&sender.caller, &app.clock).await,
        None => std::future::pending().await,
    }
}

impl Socket {
    /// The answer to a message, if there is one at once.
    async fn take(&mut self, received: Received) -> Result<Option<Message>, Closing> {
        match received {
            Received::Init(payload) => self.begin(&payload).await.map(Some),
            Received::Ping(payload) => Ok(Some(message::pong(payload.as_deref()))),
            Received::Pong => Ok(None),
            Received::Subscribe(id, asked) => self.subscribe(id.into(), asked),
            Received::Complete(id) => {
                if let Some(operation) = self.operations.remove(&*id) {
                    operation.abort();
                }
                Ok(None)
            }
        }
    }

    /// Finds out who it is: by the payload, as browsers cannot send headers, or by those.
    async fn begin(&mut self, payload: &Map<String, Value>) -> Result<Message, Closing> {
        let Some(mut sender) = self.handshake.take() else { return Err(Closing::TWO_INITS) };
        if let Some(authorization) = authorization(payload) {
            let Sender { headers, extensions, .. } = &sender;
            let app = &self.endpoint.app;
            let admitted = http::admitted(app, Some(authorization), headers, extensions).await;
            sender.caller = admitted.map_err(|refused| match refused {
                Refused::Failed(error) if error.code() == "UNAUTHENTICATED" => Closing::FORBIDDEN,
                _ => Closing::UNAVAILABLE,
            })?;
        }
        self.sender = Some(Arc::new(sender));
        Ok(message::ack())
    }

    fn subscribe(&mut self, id: Arc<str>, asked: Asked) -> Result<Option<Message>, Closing> {
        let Some(sender) = &self.sender else { return Err(Closing::UNAUTHORIZED) };
        if self.operations.contains_key(&id) {
            return Err(Closing::taken(&id));
        }
        if let Err(refusal) = self.room(sender) {
            let errors = refusal.to_json()["errors"].take();
            return Ok(message::told(&id, &Told::Failed(errors)));
        }
        let (endpoint, out) = (self.endpoint.clone(), self.out.clone());
        let running =
            stream::run(endpoint, sender.clone(), asked, Place::default(), id.clone(), out);
        self.operations.insert(id, tokio::spawn(running).abort_handle());
        Ok(None)
    }

    /// Whether one more operation may run.
    fn room(&self, sender: &Sender) -> Result<(), Refusal> {
        let app = &self.endpoint.app;
        let most = app.config.max_socket_operations;
        if self.operations.len() >= most {
            let message = format!(
                "More than {most} operations on a socket: complete some, or raise \
                 --max-socket-operations."
            );
            return Err(Refusal::new("TOO_MANY_OPERATIONS", &message));
        }
        let counted = http::counted(app, &sender.caller, &sender.headers, &sender.extensions);
        counted.map_err(|wait| Refusal::new("RATE_LIMITED", &http::too_many(wait)))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.operations.values().for_each(AbortHandle::abort);
    }
}

/// What a client says in place of the header `Authorization`.
fn authorization(payload: &Map<String, Value>) -> Option<&str> {
    let named = |wanted| payload.iter().find(move |(name, _)| name.eq_ignore_ascii_case(wanted));
    let headers = named("headers").and_then(|(_, headers)| headers.as_object());
    let said = named("authorization").map(|(_, value)| value);
    let said = said.or_else(|| {
        let mut headers = headers?.iter();
        headers.find(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value)
    });
    // What is no text is no token either.
    said.map(|value| value.as_str().unwrap_or_default())
}

/// What the other side did wrong, if it did.
fn fault(error: Error) -> Result<Closing, Error> {
    match error.into_inner().downcast::<tungstenite::Error>().map(|error| *error) {
        Ok(tungstenite::Error::Capacity(_)) => Ok(Closing::TOO_LARGE),
        Ok(tungstenite::Error::Utf8(_)) => Ok(Closing::NOT_UTF8),
        Ok(tungstenite::Error::Protocol(_)) => Ok(Closing::PROTOCOL),
        Ok(error) => Err(Error::new(error)),
        Err(error) => Err(Error::new(error)),
    }
}
