//! Folds displays into the keys by which others are judged.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use uuid::Uuid;

use super::batch::Display;
use super::store_postgres;
use super::store_sqlite;
use super::zone::hour;
use crate::db::Txn;
use crate::error::Error;

/// Adds the events, their visits and the visits of networks. In the order of the
/// keys: rows that are neighbours are on the same pages.
pub async fn add(txn: &Txn, displays: &[Display]) -> Result<(), Error> {
    let class = |display: &Display| i64::from(display.class.code());
    let mut events: Vec<(i32, Uuid, i64)> =
        displays.iter().map(|display| (hour(display.at), display.id, class(display))).collect();
    events.sort_unstable();
    let first = displays.iter().filter_map(Display::first_visit);
    let mut visits: Vec<(i32, Uuid, i64)> =
        first.clone().map(|visit| (visit.hour, visit.key, 1)).collect();
    visits.sort_unstable();
    let mut networks: BTreeMap<(i32, Uuid), i64> = BTreeMap::new();
    for visit in first {
        if let Some(network) = visit.network {
            *networks.entry((visit.hour, network)).or_insert(0) += 1;
        }
    }
    let networks: Vec<(i32, Uuid, i64)> =
        networks.into_iter().map(|((hour, key), visits)| (hour, key, visits)).collect();
    if txn.db.get_database_backend() == DbBackend::Postgres {
        store_postgres::add_events(txn, &events).await?;
        store_postgres::add_visits(txn, &visits).await?;
        store_postgres::add_networks(txn, &networks).await
    } else {
        store_sqlite::add_events(txn, &events).await?;
        store_sqlite::add_visits(txn, &visits).await?;
        store_sqlite::add_networks(txn, &networks).await
    }
}
