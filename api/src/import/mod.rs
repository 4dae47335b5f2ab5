//! Import of JSON Lines and of scraped portal pages; export of JSON Lines.
//!
//! Every format becomes [`record`]s; `read` tells the formats apart. A further
//! format is a file that turns bytes into records and a line in `read`.

pub mod command;
pub mod demo;
pub mod export;
pub mod graphql;
pub mod origin;
pub mod portal;
pub mod record;

mod batch;
mod identity;
mod insert;
mod match_known;
mod others;
pub mod portal_records;
mod prepare;
mod read;
mod regions;
mod report;
mod store;
