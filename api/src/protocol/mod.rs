//! How GraphQL is spoken: over HTTP, with which scalars, errors and limits.

pub mod answer;
pub mod connection;
pub mod document;
pub mod http;
pub mod limits;
pub mod media;
pub mod order;
pub mod persisted;
pub mod scalar;
pub mod user_error;
