//! A batch on PostgreSQL. Other instances write at the same moment: an insert
//! waits for others that insert the same key, and tells whose was the first.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use sea_orm::DatabaseTransaction;
use sea_orm::DbBackend;
use sea_orm::QueryResult;
use sea_orm::Statement;
use uuid::Uuid;

use super::batch::Display;
use super::batch::Rules;
use super::batch::Visit;
use super::class::Class;
use super::log;
use super::log::Stamp;
use super::reader::Key;
use super::seen::Seen;
use super::sums;
use super::sums::Sums;
use super::zone::hour;
use crate::db::Txn;
use crate::error::Error;

const EVENTS: &str = "INSERT INTO view_event (hour, id, class)
    SELECT (r ->> 0)::int, (r ->> 1)::uuid, (r ->> 2)::smallint
    FROM jsonb_array_elements($1::text::jsonb) r ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING id";

const CLASSES: &str = "SELECT e.id, e.class FROM jsonb_array_elements($1::text::jsonb) r
    JOIN view_event e ON e.hour = (r ->> 0)::int AND e.id = (r ->> 1)::uuid";

const RECLASS: &str = "UPDATE view_event e SET class = (r ->> 2)::smallint
    FROM jsonb_array_elements($1::text::jsonb) r
    WHERE e.hour = (r ->> 0)::int AND e.id = (r ->> 1)::uuid";

const VISITS: &str = "INSERT INTO view_visit (hour, key)
    SELECT (r ->> 0)::int, decode(r ->> 1, 'hex')
    FROM jsonb_array_elements($1::text::jsonb) r ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING key";

const NETWORKS: &str = "INSERT INTO view_network AS n (hour, key, visits)
    SELECT (r ->> 0)::int, decode(r ->> 1, 'hex'), (r ->> 2)::bigint
    FROM jsonb_array_elements($1::text::jsonb) r ORDER BY 1, 2
    ON CONFLICT (hour, key) DO UPDATE SET visits = n.visits + excluded.visits
    RETURNING key, visits";

const HOURS: &str = "INSERT INTO view_hour AS c (hour, article_id, counted)
    SELECT (r ->> 0)::int, (r ->> 1)::uuid, (r ->> 2)::bigint
    FROM jsonb_array_elements($1::text::jsonb) r ORDER BY 1, 2
    ON CONFLICT (hour, article_id) DO UPDATE SET counted = c.counted + excluded.counted";

const DAYS: &str = "INSERT INTO view_day AS c (day, article_id, counted)
    SELECT (r ->> 0)::int, (r ->> 1)::uuid, (r ->> 2)::bigint
    FROM jsonb_array_elements($1::text::jsonb) r ORDER BY 1, 2
    ON CONFLICT (day, article_id) DO UPDATE SET counted = c.counted + excluded.counted";

const TOTALS: &str = "INSERT INTO view_total AS c (article_id, counted, imported)
    SELECT (r ->> 0)::uuid, (r ->> 1)::bigint, 0
    FROM jsonb_array_elements($1::text::jsonb) r ORDER BY 1
    ON CONFLICT (article_id) DO UPDATE SET counted = c.counted + excluded.counted";

const EXCLUDED: &str = "INSERT INTO view_excluded AS c (article_id, day, class, excluded)
    SELECT (r ->> 0)::uuid, (r ->> 1)::int, (r ->> 2)::smallint, (r ->> 3)::bigint
    FROM jsonb_array_elements($1::text::jsonb) r ORDER BY 1, 2, 3
    ON CONFLICT (article_id, day, class) DO UPDATE SET excluded = c.excluded + excluded.excluded";

/// Counts displays, each id once and in the order of hours and ids, in a
/// transaction that the caller commits.
pub async fn count(
    txn: &Txn,
    heads: &[&Display],
    rules: Rules,
    stamp: Stamp,
) -> Result<(Seen, Sums), Error> {
    let seen = remember(&txn.db, heads, rules.network_cap).await?;
    let sums = sums::add_up(heads, &seen.new, rules.zone);
    store(&txn.db, &sums).await?;
    if !sums.counted.is_empty() {
        log::append(txn, stamp, &sums.counted).await?;
    }
    Ok((seen, sums))
}

/// Inserts keys: what was seen before, and what the new events are.
async fn remember(db: &DatabaseTransaction, heads: &[&Display], cap: usize) -> Result<Seen, Error> {
    let row = |head: &&Display| (hour(head.at), head.id.simple(), head.class.code());
    let rows = json(heads.iter().map(row))?;
    let inserted = db.query_all_raw(statement(EVENTS, rows)).await?;
    let fresh: HashSet<Uuid> =
        inserted.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    let mut before = HashMap::new();
    if fresh.len() < heads.len() {
        let seen = heads.iter().filter(|head| !fresh.contains(&head.id));
        let rows = json(seen.map(|head| (hour(head.at), head.id.simple())))?;
        for row in db.query_all_raw(statement(CLASSES, rows)).await? {
            let code: i16 = row.try_get_by_index(1)?;
            before.extend(Class::from_code(code).zip(row.try_get_by_index(0).ok()).map(flip));
        }
    }

    let new_heads: Vec<&Display> =
        heads.iter().filter(|head| fresh.contains(&head.id)).copied().collect();
    let mut new: HashMap<Uuid, Class> =
        new_heads.iter().map(|head| (head.id, head.class)).collect();
    let visits = visits_of(&new_heads);
    let repeated = insert_visits(db, &visits).await?;
    let networks = by_network(&visits, &repeated, cap, &mut new);
    if !networks.is_empty() {
        let rows = json(networks.iter().map(|((hour, key), ids)| (*hour, hex(key), ids.len())))?;
        let mut counts = HashMap::new();
        for row in db.query_all_raw(statement(NETWORKS, rows)).await? {
            let visits: i64 = row.try_get_by_index(1)?;
            counts.insert(key(&row)?, usize::try_from(visits).unwrap_or(0));
        }
        // As the networks were before this batch.
        for ((_, key), ids) in &networks {
            counts.entry(*key).and_modify(|visits| *visits = visits.saturating_sub(ids.len()));
        }
        apply_cap(&networks, &counts, cap, &mut new);
    }
    let changed = new_heads.iter().filter(|head| new.get(&head.id) != Some(&head.class));
    let changed: Vec<_> = changed
        .filter_map(|head| Some((hour(head.at), head.id.simple(), new.get(&head.id)?.code())))
        .collect();
    if !changed.is_empty() {
        db.execute_raw(statement(RECLASS, json(changed)?)).await?;
    }
    Ok(Seen { before, new })
}

/// Inserts visits; those that were there before.
async fn insert_visits(
    db: &DatabaseTransaction,
    visits: &[(Visit, Uuid)],
) -> Result<HashSet<Key>, Error> {
    let mut rows: Vec<(i32, Key)> =
        visits.iter().map(|(visit, _)| (visit.hour, visit.key)).collect();
    rows.dedup();
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let json = json(rows.iter().map(|(hour, key)| (hour, hex(key))))?;
    let mut repeated: HashSet<Key> = rows.into_iter().map(|(_, key)| key).collect();
    for row in db.query_all_raw(statement(VISITS, json)).await? {
        repeated.remove(&key(&row)?);
    }
    Ok(repeated)
}

fn key(row: &QueryResult) -> Result<Key, Error> {
    let bytes: Vec<u8> = row.try_get_by_index(0)?;
    bytes.try_into().map_err(|_| Error::Internal("a key that is not 16 bytes".into()))
}

fn flip((class, id): (Class, Uuid)) -> (Uuid, Class) {
    (id, class)
}

/// Raises the counters.
async fn store(db: &DatabaseTransaction, sums: &Sums) -> Result<(), Error> {
    let of = |((bucket, id), views): (&(i32, Uuid), &i64)| (*bucket, id.simple(), *views);
    if !sums.counted.is_empty() {
        let (hours, days) = (sums.hours.iter().map(of), sums.days.iter().map(of));
        let totals = sums.totals.iter().map(|(id, views)| (id.simple(), *views));
        db.execute_raw(statement(HOURS, json(hours)?)).await?;
        db.execute_raw(statement(DAYS, json(days)?)).await?;
        db.execute_raw(statement(TOTALS, json(totals)?)).await?;
    }
    if !sums.excluded.is_empty() {
        let excluded = sums.excluded.iter();
        let excluded = excluded.map(|((id, day, class), n)| (id.simple(), *day, *class, *n));
        db.execute_raw(statement(EXCLUDED, json(excluded)?)).await?;
    }
    Ok(())
}

fn statement(text: &str, rows: String) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, [rows.into()])
}

/// Rows as a JSON array, one parameter for any number of them: the text of a
/// statement is always the same, and prepared once.
fn json(rows: impl IntoIterator<Item = impl serde::Serialize>) -> Result<String, Error> {
    use serde::Serializer;
    let mut json = Vec::new();
    serde_json::Serializer::new(&mut json).collect_seq(rows)?;
    String::from_utf8(json).map_err(|error| Error::Internal(error.to_string()))
}

/// The visits of events that may count, in the order of their keys.
fn visits_of(heads: &[&Display]) -> Vec<(Visit, Uuid)> {
    let countable = heads.iter().filter(|head| head.class == Class::Counted);
    let mut visits: Vec<(Visit, Uuid)> =
        countable.filter_map(|head| Some((head.visit?, head.id))).collect();
    visits.sort_by_key(|(visit, _)| (visit.hour, visit.key));
    visits
}

/// The first of each visit that was not there before, by its network, if that
/// is known and there is a cap; the others are repeats.
fn by_network(
    visits: &[(Visit, Uuid)],
    before: &HashSet<Key>,
    cap: usize,
    classes: &mut HashMap<Uuid, Class>,
) -> BTreeMap<(i32, Key), Vec<Uuid>> {
    let mut networks: BTreeMap<(i32, Key), Vec<Uuid>> = BTreeMap::new();
    let mut last = None;
    for (visit, id) in visits {
        if before.contains(&visit.key) || last == Some(visit.key) {
            classes.insert(*id, Class::Repeat);
        } else if let Some(network) = visit.network.filter(|_| cap > 0) {
            networks.entry((visit.hour, network)).or_default().push(*id);
        }
        last = Some(visit.key);
    }
    networks
}

/// Excludes what goes beyond the cap of its network. `before` are the visits that
/// each network had.
fn apply_cap(
    networks: &BTreeMap<(i32, Key), Vec<Uuid>>,
    before: &HashMap<Key, usize>,
    cap: usize,
    classes: &mut HashMap<Uuid, Class>,
) {
    for ((_, key), ids) in networks {
        let free = cap.saturating_sub(before.get(key).copied().unwrap_or(0));
        classes.extend(ids.iter().skip(free).map(|id| (*id, Class::NetworkCap)));
    }
}

/// A key as hexadecimal digits.
fn hex(key: &Key) -> String {
    Uuid::from_bytes(*key).simple().to_string()
}
