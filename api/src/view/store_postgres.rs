//! Keys and the log on PostgreSQL.

use chrono::DateTime;
use chrono::Utc;
use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use sea_orm::Statement;
use sea_orm::Value;
use uuid::Uuid;

use super::batch::Display;
use super::batch::Stored;
use super::batch::Visit;
use super::class::Class;
use super::log;
use super::zone::hour;
use crate::db::LOCK_VIEWS;
use crate::db::Txn;
use crate::error::Error;

/// All three tables in one statement, so as of one moment: each row is a key and what is
/// known of it; first comes up to where the log is folded. Each key is looked up by itself
/// (`LATERAL … LIMIT`): a join would read the whole table when its statistics are old.
const STORED: &str = "SELECT 0::smallint, NULL::uuid, value::bigint FROM setting WHERE name = $6
    UNION ALL SELECT 1::smallint, k.id, e.class::bigint
    FROM unnest($1::int[], $2::uuid[]) k (hour, id), LATERAL (
        SELECT class FROM view_event WHERE hour = k.hour AND id = k.id LIMIT 1) e
    UNION ALL SELECT 2::smallint, k.key, 0
    FROM unnest($3::int[], $4::uuid[]) k (hour, key), LATERAL (
        SELECT 1 FROM view_visit WHERE hour = k.hour AND key = k.key LIMIT 1) v
    UNION ALL SELECT 3::smallint, k.key, n.visits
    FROM unnest($3::int[], $5::uuid[]) k (hour, key), LATERAL (
        SELECT visits FROM view_network WHERE hour = k.hour AND key = k.key LIMIT 1) n";

/// What the tables remember of the keys of displays.
pub async fn stored<'a>(
    db: &impl ConnectionTrait,
    displays: impl Iterator<Item = &'a Display> + Clone,
) -> Result<Stored, Error> {
    let visits = displays.clone().filter_map(Display::first_visit);
    let values = [
        displays.clone().map(|display| hour(display.at)).collect::<Vec<i32>>().into(),
        displays.map(|display| display.id).collect::<Vec<Uuid>>().into(),
        visits.clone().map(|visit| visit.hour).collect::<Vec<i32>>().into(),
        visits.clone().map(|visit| visit.key).collect::<Vec<Uuid>>().into(),
        visits.map(|visit: Visit| visit.network.unwrap_or_default()).collect::<Vec<Uuid>>().into(),
        log::FOLDED.into(),
    ];
    let mut stored = Stored::default();
    for row in db.query_all_raw(statement(STORED, values)).await? {
        let value: i64 = row.try_get_by_index(2)?;
        let kind: i16 = row.try_get_by_index(0)?;
        if kind == 0 {
            stored.folded = value;
            continue;
        }
        let key: Uuid = row.try_get_by_index(1)?;
        match kind {
            1 => {
                let class = i16::try_from(value).ok().and_then(Class::from_code);
                stored.events.extend(class.map(|class| (key, class)));
            }
            2 => drop(stored.visits.insert(key)),
            _ => drop(stored.networks.insert(key, value)),
        }
    }
    Ok(stored)
}

/// Appends a batch; false if its number is taken, or was. Whoever holds the lock is alone,
/// and those that wait for it come in their order.
pub async fn append(
    db: &impl ConnectionTrait,
    seq: i64,
    at: DateTime<Utc>,
    displays: Vec<u8>,
) -> Result<bool, Error> {
    let sql = format!(
        "WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock({LOCK_VIEWS}))
         INSERT INTO view_log (seq, at, displays) SELECT $1, $2, $3 FROM alone
         WHERE (SELECT COALESCE(MAX(seq), 0) FROM view_log) < $1 ON CONFLICT DO NOTHING"
    );
    let values = [seq.into(), at.into(), displays.into()];
    Ok(db.execute_raw(statement(&sql, values)).await?.rows_affected() == 1)
}

/// Appends a batch in a transaction that holds the lock already, and commits.
pub async fn append_alone(
    txn: Txn,
    seq: i64,
    at: DateTime<Utc>,
    displays: Vec<u8>,
) -> Result<bool, Error> {
    let appended = append(&txn.db, seq, at, displays).await?;
    txn.commit().await?;
    Ok(appended)
}

/// Adds rows of `(hour, id, class)`, in the order of their keys.
pub async fn add_events(txn: &Txn, rows: &[(i32, Uuid, i64)]) -> Result<(), Error> {
    add(txn, "view_event (hour, id, class)", rows, "").await
}

/// Adds rows of `(hour, key, _)`, in the order of their keys.
pub async fn add_visits(txn: &Txn, rows: &[(i32, Uuid, i64)]) -> Result<(), Error> {
    add(txn, "view_visit (hour, key)", rows, "").await
}

/// Adds rows of `(hour, key, visits)`, or their visits to those that are there.
pub async fn add_networks(txn: &Txn, rows: &[(i32, Uuid, i64)]) -> Result<(), Error> {
    let sum =
        "ON CONFLICT (hour, key) DO UPDATE SET visits = view_network.visits + excluded.visits";
    add(txn, "view_network (hour, key, visits)", rows, sum).await
}

async fn add(txn: &Txn, into: &str, rows: &[(i32, Uuid, i64)], or: &str) -> Result<(), Error> {
    let value = if into.ends_with("key)") { "" } else { ", value" };
    let sql = format!(
        "INSERT INTO {into} SELECT hour, key{value} \
         FROM unnest($1::int[], $2::uuid[], $3::bigint[]) AS rows (hour, key, value) {or}"
    );
    let values = [
        rows.iter().map(|(hour, ..)| *hour).collect::<Vec<i32>>().into(),
        rows.iter().map(|(_, key, _)| *key).collect::<Vec<Uuid>>().into(),
        rows.iter().map(|(.., value)| *value).collect::<Vec<i64>>().into(),
    ];
    txn.db.execute_raw(statement(&sql, values)).await?;
    Ok(())
}

fn statement(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}
