//! The tables of Redian: columns and relations, nothing else.
//!
//! Every instant is UTC with millisecond precision. Queries and rules live in
//! the feature folders of the `redian` crate.

pub mod article;
pub mod article_body;
pub mod article_create_key;
pub mod article_region;
pub mod article_region_tag;
pub mod article_slug;
pub mod article_tag;
pub mod audit_entry;
pub mod channel;
pub mod event;
pub mod event_consumer;
pub mod import_article;
pub mod import_key;
pub mod import_page;
pub mod ranking_override;
pub mod ranking_snapshot;
pub mod recommendation_override;
pub mod region;
pub mod search_document;
pub mod search_word;
pub mod setting;
pub mod token;
pub mod view_correction;
pub mod view_day;
pub mod view_event;
pub mod view_excluded;
pub mod view_hot;
pub mod view_hour;
pub mod view_log;
pub mod view_month;
pub mod view_network;
pub mod view_salt;
pub mod view_total;
pub mod view_visit;
pub mod view_visitors;
pub mod webhook;
pub mod webhook_attempt;
pub mod webhook_delivery;
