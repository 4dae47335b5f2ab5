//! What is kept how long: keys until no event that they could meet is accepted,
//! hours 35 days, days 25 months, months for ever. Runs inside `serve`, on one
//! instance at a time, in small transactions that can be cut off anywhere.

use chrono::DateTime;
use chrono::Months;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;
use entity::view_day;
use entity::view_month;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::Statement;

use super::Views;
use super::fold_counters;
use super::zone;
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;

/// Hours are kept so long.
pub const HOURS: TimeDelta = TimeDelta::days(35);
/// Days are kept so long.
pub const DAYS: Months = Months::new(25);
/// So many rows go in one transaction.
const CHUNK: u64 = 2_000;

/// Removes and folds what is too old, until nothing is left.
pub async fn run(db: &Db, views: &Views, config: &Config, now: DateTime<Utc>) -> Result<(), Error> {
    let age = Ord::max(config.view_max_age, config.view_max_age_known);
    let age = TimeDelta::seconds(i64::try_from(age).unwrap_or(i64::MAX / 2000));
    // Keys are filed under the hour at which their time ends.
    let keys = zone::hour((now - age).timestamp_millis()) - 1;
    let hours = zone::hour((now - HOURS).timestamp_millis());
    for (table, key, before) in [
        ("view_event", "id", keys),
        ("view_visit", "key", keys),
        ("view_network", "key", keys),
        ("view_hour", "article_id", hours),
    ] {
        while remove(db, table, "hour", key, before).await? {}
    }
    let zone = views.rules.zone;
    let days = zone::day(zone, (now - DAYS).timestamp_millis());
    while fold_days(db, days).await? {}
    while remove(db, "view_visitors", "day", "article_id", days).await? {}
    let txn = db.begin().await?;
    let salts = now - age - TimeDelta::seconds(config.view_window.into()) - TimeDelta::hours(1);
    views.salts.prune(&txn, zone::day(zone, salts.timestamp_millis())).await?;
    txn.commit().await
}

/// Removes a chunk of the rows before a bucket; true if there may be more.
async fn remove(db: &Db, table: &str, bucket: &str, key: &str, before: i32) -> Result<bool, Error> {
    let txn = db.begin().await?;
    if !txn.alone().await? {
        return Ok(false);
    }
    let sql = format!(
        "DELETE FROM {table} WHERE ({bucket}, {key}) IN (SELECT {bucket}, {key} FROM {table} \
         WHERE {bucket} < {before} ORDER BY {bucket}, {key} LIMIT {CHUNK})"
    );
    let statement = Statement::from_string(txn.db.get_database_backend(), sql);
    let removed = txn.db.execute_raw(statement).await?.rows_affected();
    txn.commit().await?;
    Ok(removed == CHUNK)
}

/// Moves a chunk of the days before a day into their months; true if there may be
/// more.
async fn fold_days(db: &Db, before: i32) -> Result<bool, Error> {
    let old = view_day::Entity::find().filter(view_day::Column::Day.lt(before));
    if old.clone().one(&db.read).await?.is_none() {
        return Ok(false);
    }
    let txn = db.begin().await?;
    if !txn.alone().await? {
        return Ok(false);
    }
    let rows = old
        .order_by_asc(view_day::Column::Day)
        .order_by_asc(view_day::Column::ArticleId)
        .limit(CHUNK)
        .all(&txn.db)
        .await?;
    // By days, for no article may be twice in one statement.
    for of_day in rows.chunk_by(|a, b| a.day == b.day) {
        let month = zone::month(of_day[0].day);
        let months = of_day.iter().map(|row| {
            let (article_id, counted) = (row.article_id, row.counted);
            view_month::Model { month, article_id, counted }.into_active_model()
        });
        fold_counters::raise(&txn, months.collect(), view_month::Column::Counted).await?;
        let ids = of_day.iter().map(|row| row.article_id);
        view_day::Entity::delete_many()
            .filter(view_day::Column::Day.eq(of_day[0].day))
            .filter(view_day::Column::ArticleId.is_in(ids))
            .exec(&txn.db)
            .await?;
    }
    txn.commit().await?;
    Ok(rows.len() as u64 == CHUNK)
}

/// The first day, in days since 1970, of which the hours are all kept.
pub fn first_day_of_hours(zone: Tz, now: DateTime<Utc>) -> i32 {
    zone::day(zone, (now - HOURS).timestamp_millis()) + 1
}
