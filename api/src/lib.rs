//! Redian (热点): a headless content API for news portals.
//!
//! The modules in the order of their dependencies. ARCHITECTURE.md is the map.

// The ground floor.
pub mod clock;
pub mod config;
pub mod error;
pub mod db;
pub mod event;
pub mod hash;
pub mod id;
pub mod page;

// What Redian does; domain files use those above only.
pub mod region;
pub mod search;
pub mod channel;
pub mod article;
pub mod view;
pub mod ranking;
pub mod recommend;
pub mod import;
pub mod auth;
pub mod audit;
pub mod live;
pub mod cache;
pub mod webhook;
pub mod feed;
pub mod site;
pub mod node;
pub mod rest;

// How it is offered.
pub mod app;
pub mod protocol;
pub mod schema;
pub mod routes;
pub mod front;
pub mod listen;
pub mod follow;
pub mod server;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
