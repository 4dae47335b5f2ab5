//! What tests stand on: the app under test, its databases, builders.

pub mod app;
pub mod cli;
pub mod database;
pub mod import;
pub mod make;
pub mod server;
pub mod views;
