//! The integration tests: one file a feature, each test a sentence.
//!
//! They run on SQLite, and on PostgreSQL when `REDIAN_TEST_DATABASE_URL` names
//! a server; `script/test` runs them on both.

mod helpers;

mod cli;
mod export;
mod import_jsonl;
mod import_pages;
mod markdown;
mod schema;
mod smoke;
