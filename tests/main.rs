//! The integration tests: one file a feature, each test a sentence.
//!
//! They run on SQLite, and on PostgreSQL when `REDIAN_TEST_DATABASE_URL` names
//! a server; `script/test` runs them on both.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod helpers;

mod access;
mod access_roads;
mod article_bodies;
mod article_drafts;
mod article_lists;
mod article_pages;
mod article_reading;
mod article_rules;
mod article_schedule;
mod article_slugs;
mod article_writing;
mod audit;
mod cache;
mod cache_exact;
mod cache_http;
mod changes;
mod changes_followed;
mod channels;
mod cli;
mod connections;
mod documents;
mod events;
mod export;
mod feeds;
mod gate;
mod hostile;
mod http;
mod http_batches;
mod http_browsers;
mod import_batches;
mod import_corrections;
mod import_jsonl;
mod import_pages;
mod inline;
mod live_changes;
mod live_limits;
mod live_resume;
mod live_sockets;
mod live_streams;
mod live_totals;
mod markdown;
mod migrations;
mod moments;
mod persisted;
mod previews;
mod rankings;
mod rankings_curated;
mod rankings_editors;
mod rankings_exact;
mod recommended;
mod recommended_editors;
mod recommended_stories;
mod region_changes;
mod region_detection;
mod region_tags;
mod regions;
mod rest;
mod schema;
mod search;
mod search_index;
mod sitemaps;
mod statements;
mod tidy;
mod tokens;
mod users;
mod views;
mod views_exact;
mod views_keeping;
mod views_log;
mod views_readers;
mod views_series;
mod webhooks;
mod webhooks_failing;
mod webhooks_instances;
