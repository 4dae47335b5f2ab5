//! Whether the sums agree: what was counted once must be found everywhere.

use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::TimeZone;
use chrono::Utc;
use chrono_tz::Tz;
use sea_orm::ConnectionTrait;
use sea_orm::DatabaseTransaction;
use sea_orm::DbBackend;
use sea_orm::Statement;
use uuid::Uuid;

use super::base;
use super::belong;
use super::class::Class;
use super::keep;
use super::log;
use super::zone;
use crate::db::Db;
use crate::error::Error;

/// What was compared, and what does not agree.
#[derive(Debug, Default)]
pub struct Report {
    /// Articles with a total.
    pub articles: i64,
    /// All counted views.
    pub counted: i64,
    /// What does not agree, at most 20 of a kind.
    pub faults: Vec<String>,
}

/// So many faults of a kind are told.
const MOST: usize = 20;

/// Days and folded months against totals.
const TOTALS: &str = "SELECT article_id, CAST(SUM(counted) AS BIGINT) FROM (
        SELECT article_id, counted FROM view_day
        UNION ALL SELECT article_id, counted FROM view_month
        UNION ALL SELECT article_id, -counted FROM view_total) AS parts
    GROUP BY article_id HAVING SUM(counted) <> 0 LIMIT 20";

/// The hours of a day against the day.
const DAY: &str = "SELECT article_id, CAST(SUM(counted) AS BIGINT) FROM (
        SELECT article_id, counted FROM view_hour WHERE hour >= $1 AND hour < $2
        UNION ALL SELECT article_id, -counted FROM view_day WHERE day = $3) AS parts
    GROUP BY article_id HAVING SUM(counted) <> 0 LIMIT 20";

/// Remembered events against their hours.
const EVENTS: &str = "SELECT hour, CAST(SUM(counted) AS BIGINT) FROM (
        SELECT hour, 1 AS counted FROM view_event WHERE class = 1 AND hour > $1
        UNION ALL SELECT hour, -counted FROM view_hour WHERE hour > $1) AS parts
    GROUP BY hour HAVING SUM(counted) <> 0 ORDER BY hour LIMIT 20";

/// Compares all sums, as of one moment.
pub async fn run(db: &Db, zone: Tz, now: DateTime<Utc>) -> Result<Report, Error> {
    belong::check(db).await?;
    loop {
        if let Some(report) = run_once(db, zone, now).await? {
            return Ok(report);
        }
    }
}

async fn run_once(db: &Db, zone: Tz, now: DateTime<Utc>) -> Result<Option<Report>, Error> {
    let snapshot = db.snapshot().await?;
    let folded = log::folded(&snapshot).await?;
    let Some(batches) = log::unfolded(db, folded).await? else { return Ok(None) };
    let mut report = Report::default();
    let all = "SELECT COUNT(*), CAST(COALESCE(SUM(counted), 0) AS BIGINT) FROM view_total";
    if let Some(row) = snapshot.query_one_raw(sql(&snapshot, all, &[])).await? {
        report.articles = row.try_get_by_index(0)?;
        report.counted = row.try_get_by_index(1)?;
    }
    for (article, more) in sums::<Uuid>(&snapshot, TOTALS, &[]).await? {
        report
            .faults
            .push(format!("{article}: days and months have {more} views more than the total."));
    }
    unfolded(&snapshot, &batches, &mut report).await?;
    let today = zone::day(zone, now.timestamp_millis()) + 1;
    for day in keep::first_day_of_hours(zone, now)..=today {
        let (Some(start), Some(end)) = (start(zone, day), start(zone, day + 1)) else { continue };
        for (article, more) in sums::<Uuid>(&snapshot, DAY, &[start, end, day]).await? {
            let date = zone::date(day);
            report.faults.push(format!(
                "{article}: the hours of {date} have {more} views more than the day."
            ));
        }
    }
    let oldest = sql(&snapshot, "SELECT MIN(hour) FROM view_event", &[]);
    let oldest = snapshot.query_one_raw(oldest).await?;
    let oldest: Option<i32> = oldest.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
    // Of the oldest hour, some may be removed already.
    let Some(oldest) = oldest else { return Ok(Some(report)) };
    for (hour, more) in sums::<i32>(&snapshot, EVENTS, &[oldest]).await? {
        report.faults.push(format!(
            "Hour {hour}: {more} more events are remembered as counted than the hour has views."
        ));
    }
    Ok(Some(report))
}

/// Adds what is counted but not folded yet.
async fn unfolded(
    snapshot: &DatabaseTransaction,
    batches: &[log::Batch],
    report: &mut Report,
) -> Result<(), Error> {
    let mut articles = BTreeSet::new();
    let displays = batches.iter().flat_map(|batch| &*batch.displays);
    for view in displays.filter(|display| display.class == Class::Counted) {
        articles.insert(view.article);
        report.counted += 1;
    }
    let articles: Vec<Uuid> = articles.into_iter().collect();
    for part in articles.chunks(1000) {
        let new = part.len() - base::totals(snapshot, part).await?.len();
        report.articles += i64::try_from(new).unwrap_or(i64::MAX);
    }
    Ok(())
}

/// The hour with which a day begins; `None` where days begin within an hour.
fn start(zone: Tz, day: i32) -> Option<i32> {
    let midnight = zone::date(day).and_hms_opt(0, 0, 0)?;
    let at = zone.from_local_datetime(&midnight).earliest()?.timestamp_millis();
    (at % zone::HOUR == 0).then(|| zone::hour(at))
}

async fn sums<K: sea_orm::TryGetable>(
    db: &DatabaseTransaction,
    text: &str,
    values: &[i32],
) -> Result<Vec<(K, i64)>, Error> {
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    let sums = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    sums.take(MOST).collect()
}

fn sql(db: &DatabaseTransaction, text: &str, values: &[i32]) -> Statement {
    let backend = db.get_database_backend();
    let text = if backend == DbBackend::Sqlite { text.replace('$', "?") } else { text.into() };
    Statement::from_sql_and_values(backend, text, values.iter().map(|value| (*value).into()))
}
