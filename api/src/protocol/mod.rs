//! How GraphQL is spoken: over HTTP, WebSocket and as event streams, with which scalars,
//! errors and limits.

pub mod answer;
pub mod connection;
pub mod document;
pub mod event_stream;
pub mod execute;
pub mod explorer;
pub mod http;
pub mod limits;
pub mod literal;
pub mod media;
pub mod message;
pub mod nulls;
pub mod order;
pub mod origin;
pub mod persisted;
pub mod public;
pub mod request;
pub mod response;
pub mod root;
pub mod scalar;
pub mod socket;
pub mod stream;
pub mod user_error;
