//! Messages of GraphQL over WebSocket, and the codes that close a socket (graphql-transport-ws;
//! RFC 6455, 7.4).

use std::borrow::Cow;

use axum::extract::ws::CloseFrame;
use axum::extract::ws::Message;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

use super::request::Asked;
use super::stream::Told;

/// A reason has at most so many bytes (RFC 6455, 5.5).
const LONGEST: usize = 123;

/// What a client sends.
pub enum Received {
    /// It wants to begin, and says who it is.
    Init(Map<String, Value>),
    /// It wants to hear a pong, with this payload.
    Ping(Option<Box<RawValue>>),
    /// It is there.
    Pong,
    /// It asks something.
    Subscribe(String, Asked),
    /// It does not listen any more.
    Complete(String),
}

/// Why a socket is closed.
#[derive(Debug, PartialEq, Eq)]
pub struct Closing {
    code: u16,
    reason: Cow<'static, str>,
}

impl Closing {
    /// The server stops.
    pub const GOING_AWAY: Self = Self::new(1001, "The server stops: connect again");
    /// More sockets than may be.
    pub const TOO_MANY: Self = Self::new(1013, "Too many sockets: try again later");
    /// Something that is needed is out of reach.
    pub const UNAVAILABLE: Self = Self::new(1013, "Something needed is out of reach: try again");
    /// Frames that are none.
    pub const PROTOCOL: Self = Self::new(1002, "The frames are not what RFC 6455 wants");
    /// A text that is none.
    pub const NOT_UTF8: Self = Self::new(1007, "A text must be UTF-8");
    /// Nothing was heard for long, not even pongs.
    pub const SILENT: Self = Self::new(1008, "Nothing was heard from you: answer pings");
    /// Bytes in place of a text.
    pub const BINARY: Self = Self::new(4400, "A message must be a text");
    /// A message that is too large.
    pub const TOO_LARGE: Self = Self::new(1009, "The message is too large");
    /// An operation before the acknowledgement.
    pub const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// The token is not known.
    pub const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    /// The token is of no use any more.
    pub const ENDED: Self = Self::new(4403, "The token has expired or was revoked");
    /// Another protocol.
    pub const SUBPROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    /// No `connection_init` came.
    pub const NO_INIT: Self = Self::new(4408, "Connection initialisation timeout");
    /// A second `connection_init`.
    pub const TWO_INITS: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// The id is that of an operation that has not ended.
    pub fn taken(id: &str) -> Self {
        let mut reason = format!("Subscriber for {id} already exists");
        reason.truncate(reason.floor_char_boundary(LONGEST));
        Self { code: 4409, reason: reason.into() }
    }

    /// As it is sent.
    pub fn into_message(self) -> Message {
        let reason = self.reason.as_ref().into();
        Message::Close(Some(CloseFrame { code: self.code, reason }))
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// Reads a message.
pub fn read(text: &str) -> Result<Received, Closing> {
    let invalid = |reason| Closing::new(4400, reason);
    let wrong = |_| invalid("A message must be a JSON object with `type`, `id` and `payload`");
    let Envelope { kind, id, payload } = serde_json::from_str(text).map_err(wrong)?;
    let id = || {
        let id = id.filter(|id| !id.is_empty());
        id.ok_or(invalid("`id` must be a text that is not empty"))
    };
    let is_object = |value: &&RawValue| value.get().starts_with('{');
    if payload.is_some_and(|payload| !is_object(&payload)) {
        return Err(invalid("`payload` must be an object"));
    }
    match &*kind {
        "connection_init" => {
            let payload = payload.map(|payload| serde_json::from_str(payload.get())).transpose();
            Ok(Received::Init(payload.map_err(wrong)?.unwrap_or_default()))
        }
        "ping" => Ok(Received::Ping(payload.map(ToOwned::to_owned))),
        "pong" => Ok(Received::Pong),
        "subscribe" => {
            let asked = payload.map(|payload| serde_json::from_str::<Asked>(payload.get()));
            let asked = asked.and_then(Result::ok).filter(Asked::is_sound);
            let wrong = "`payload` must have `query`, a text; `operationName`, `variables` and \
                         `extensions` may be there";
            Ok(Received::Subscribe(id()?, asked.ok_or(invalid(wrong))?))
        }
        "complete" => Ok(Received::Complete(id()?)),
        _ => Err(invalid("`type` is none that a client sends")),
    }
}

/// The answer to `connection_init`.
pub fn ack() -> Message {
    json!({ "type": "connection_ack" }).to_string().into()
}

/// The answer to a ping.
pub fn pong(payload: Option<&RawValue>) -> Message {
    match payload {
        Some(payload) => format!(r#"{{"type":"pong","payload":{payload}}}"#).into(),
        None => json!({ "type": "pong" }).to_string().into(),
    }
}

/// What became of an operation.
pub fn told(id: &str, told: &Told) -> Option<Message> {
    let message = match told {
        Told::Begun(_) => return None,
        Told::Next(body, _) => json!({ "id": id, "type": "next", "payload": body }),
        Told::Failed(errors) => json!({ "id": id, "type": "error", "payload": errors }),
        Told::Complete => json!({ "id": id, "type": "complete" }),
    };
    Some(message.to_string().into())
}
