//! How GraphQL is spoken: over HTTP, with which scalars, errors and limits.

pub mod answer;
pub mod connection;
pub mod document;
pub mod execute;
pub mod http;
pub mod limits;
pub mod literal;
pub mod media;
pub mod order;
pub mod persisted;
pub mod request;
pub mod response;
pub mod scalar;
pub mod user_error;
