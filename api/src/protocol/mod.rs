//! How GraphQL is spoken: over HTTP, with which scalars, errors and limits.

pub mod answer;
pub mod connection;
pub mod expanded;
pub mod http;
pub mod order;
pub mod scalar;
pub mod user_error;
