//! What tests stand on: the app under test, its databases, builders.

pub mod app;
pub mod cache;
pub mod changes;
pub mod cli;
pub mod curation;
pub mod database;
pub mod dice;
pub mod hostile;
pub mod import;
pub mod make;
pub mod questions;
pub mod rankings;
pub mod receiver;
pub mod recommended;
pub mod schema;
pub mod server;
pub mod socket;
pub mod stories;
pub mod stream;
pub mod views;
pub mod webhooks;
