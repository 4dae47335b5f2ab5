//! Views of an article over time. Exact or refused: a bucket is made of days of
//! the site where it begins and ends with such, else of the hours that are kept.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Datelike;
use chrono::Months;
use chrono::NaiveDate;
use chrono::Offset;
use chrono::TimeDelta;
use chrono::TimeZone;
use chrono::Utc;
use chrono_tz::Tz;
use entity::view_day;
use entity::view_hour;
use entity::view_month;
use entity::view_visitors;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use uuid::Uuid;

use super::class::Class;
use super::keep;
use super::latest::Latest;
use super::visitors::Estimate;
use super::visitors::Visitors;
use super::zone;
use crate::error::Error;
use crate::error::Reason;

/// So many points are given at most.
pub const MOST: usize = 1000;

/// The length of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// An hour.
    Hour,
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
}

/// Views of a bucket of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its start.
    pub start: DateTime<Utc>,
    /// Its end, exclusive.
    pub end: DateTime<Utc>,
    /// The views of the whole bucket.
    pub views: i64,
    /// The visitors, of days of the site.
    pub visitors: Option<Estimate>,
    /// It is not over yet, or only a part of it was asked for.
    pub partial: bool,
}

/// What is asked for: the points that overlap `[from, to)`.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The start.
    pub from: DateTime<Utc>,
    /// The end, exclusive.
    pub to: DateTime<Utc>,
    /// The length of a point.
    pub granularity: Granularity,
    /// Whose hours, days or months.
    pub zone: Tz,
}

/// Start and end, exclusive.
type Bucket = (DateTime<Utc>, DateTime<Utc>);

/// The views of an article, a point for each bucket, also where there were none.
pub async fn series(
    latest: &Latest,
    site: Tz,
    article: Uuid,
    span: Span,
    now: DateTime<Utc>,
) -> Result<Vec<Point>, Error> {
    let buckets = buckets(span)?;
    let day = |at: DateTime<Utc>| {
        let day = zone::day(site, at.timestamp_millis());
        (midnight(site, zone::date(day)) == Some(at)).then_some(day)
    };
    let by_day = span.granularity != Granularity::Hour
        && buckets.iter().all(|(start, end)| day(*start).is_some() && day(*end).is_some());
    let folded = zone::day(site, (now - keep::DAYS).timestamp_millis());
    let of = |at: DateTime<Utc>| zone::day(site, at.timestamp_millis());
    if by_day
        && span.granularity == Granularity::Day
        && buckets.first().is_some_and(|(start, _)| of(*start) < folded)
    {
        let message = "Days of more than 25 months ago are kept as months: ask for MONTH.";
        return Err(Error::invalid("granularity", Reason::NotKept, message));
    }
    let mut points = Vec::with_capacity(buckets.len());
    let mut counts = match by_day {
        true => days(latest, site, article, &buckets).await?,
        false => hours(latest, article, &buckets, now).await?,
    };
    let mut visitors = match by_day && span.granularity == Granularity::Day {
        true => visitors(latest, site, article, &buckets).await?,
        false => BTreeMap::new(),
    };
    for view in latest.displays.iter().filter(|display| display.class == Class::Counted) {
        let is_in = |(start, end): &Bucket| {
            (start.timestamp_millis()..end.timestamp_millis()).contains(&view.at)
        };
        if let Some(count) = buckets.iter().position(is_in).and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    for ((start, end), views) in buckets.into_iter().zip(counts) {
        let day = zone::day(site, start.timestamp_millis());
        points.push(Point {
            start,
            end,
            views,
            visitors: visitors.remove(&day),
            partial: now < end || start < span.from || span.to < end,
        });
    }
    Ok(points)
}

/// The buckets that overlap the span.
fn buckets(span: Span) -> Result<Vec<Bucket>, Error> {
    if span.to <= span.from {
        let message = "`to` must be later than `from`.";
        return Err(Error::invalid("to", Reason::Invalid, message));
    }
    if span.granularity == Granularity::Hour {
        return hourly(span);
    }
    let date = span.from.with_timezone(&span.zone).date_naive();
    let mut date = match span.granularity {
        Granularity::Month => date.with_day(1),
        _ => Some(date),
    };
    let step = |date: NaiveDate| match span.granularity {
        Granularity::Month => date.checked_add_months(Months::new(1)),
        _ => date.succ_opt(),
    };
    let mut buckets = Vec::new();
    while let Some(start) = date.and_then(|date| midnight(span.zone, date)) {
        if span.to <= start {
            break;
        }
        date = date.and_then(step);
        let Some(end) = date.and_then(|date| midnight(span.zone, date)) else { break };
        buckets.push((start, end));
        few(&buckets)?;
    }
    Ok(buckets)
}

fn hourly(span: Span) -> Result<Vec<Bucket>, Error> {
    // Where the zone's hours begin, in seconds after those of UTC.
    let offset = i64::from(span.from.with_timezone(&span.zone).offset().fix().local_minus_utc());
    let into = (span.from.timestamp() + offset).rem_euclid(3600);
    let mut start = DateTime::from_timestamp(span.from.timestamp() - into, 0).unwrap_or_default();
    let mut buckets = Vec::new();
    while start < span.to {
        let end = start + TimeDelta::hours(1);
        buckets.push((start, end));
        few(&buckets)?;
        start = end;
    }
    Ok(buckets)
}

fn few(buckets: &[Bucket]) -> Result<(), Error> {
    if buckets.len() <= MOST {
        return Ok(());
    }
    let message = format!("That is more than {MOST} points: ask for a shorter time.");
    Err(Error::invalid("to", Reason::TooLong, message))
}

fn midnight(zone: Tz, date: NaiveDate) -> Option<DateTime<Utc>> {
    // Where clocks are set forward at midnight, the day begins a little later.
    (0..4).find_map(|hour| {
        let local = date.and_hms_opt(hour, 0, 0)?;
        zone.from_local_datetime(&local).earliest().map(|at| at.to_utc())
    })
}

/// The sums of each bucket's days and folded months.
async fn days(
    latest: &Latest,
    site: Tz,
    article: Uuid,
    buckets: &[Bucket],
) -> Result<Vec<i64>, Error> {
    let of = |at: &DateTime<Utc>| zone::day(site, at.timestamp_millis());
    let ranges: Vec<(i32, i32)> = buckets.iter().map(|(start, end)| (of(start), of(end))).collect();
    let all = ranges.iter().flat_map(|(start, end)| *start..*end);
    let rows = view_day::Entity::find()
        .filter(view_day::Column::ArticleId.eq(article))
        .filter(view_day::Column::Day.is_in(all))
        .all(&latest.tables)
        .await?;
    let months = ranges.iter().map(|(start, _)| zone::month(*start));
    let folded = view_month::Entity::find()
        .filter(view_month::Column::ArticleId.eq(article))
        .filter(view_month::Column::Month.is_in(months))
        .all(&latest.tables)
        .await?;
    let mut sums = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        let days = rows.iter().filter(|row| (start..end).contains(&row.day));
        let mut sum: i64 = days.map(|row| row.counted).sum();
        let is_month = end - start >= 28;
        if let Some(row) = folded.iter().find(|row| is_month && row.month == zone::month(start)) {
            sum += row.counted;
        }
        sums.push(sum);
    }
    Ok(sums)
}

/// The sums of each bucket's hours.
async fn hours(
    latest: &Latest,
    article: Uuid,
    buckets: &[Bucket],
    now: DateTime<Utc>,
) -> Result<Vec<i64>, Error> {
    let whole = |at: &DateTime<Utc>| at.timestamp() % 3600 == 0;
    if !buckets.iter().all(|(start, end)| whole(start) && whole(end)) {
        let message = "Views are kept by hours of UTC and days of the site's time zone: this time \
                       zone begins within an hour. Leave `timeZone` out.";
        return Err(Error::invalid("timeZone", Reason::NotRepresentable, message));
    }
    let of = |at: &DateTime<Utc>| zone::hour(at.timestamp_millis());
    let ranges: Vec<(i32, i32)> = buckets.iter().map(|(start, end)| (of(start), of(end))).collect();
    let oldest = of(&(now - keep::HOURS));
    if ranges.first().is_some_and(|(start, _)| *start <= oldest) {
        let message = "Hours are kept for 35 days, and days of another time zone are made of \
                       them: ask for a later time, or for DAY or MONTH in the site's time zone.";
        return Err(Error::invalid("from", Reason::NotKept, message));
    }
    let all = ranges.iter().flat_map(|(start, end)| *start..*end);
    let rows = view_hour::Entity::find()
        .filter(view_hour::Column::ArticleId.eq(article))
        .filter(view_hour::Column::Hour.is_in(all))
        .all(&latest.tables)
        .await?;
    let sum = |(start, end): (i32, i32)| {
        rows.iter().filter(|row| (start..end).contains(&row.hour)).map(|row| row.counted).sum()
    };
    Ok(ranges.into_iter().map(sum).collect())
}

/// The visitors of each day of the site, also where there were none.
async fn visitors(
    latest: &Latest,
    site: Tz,
    article: Uuid,
    buckets: &[Bucket],
) -> Result<BTreeMap<i32, Estimate>, Error> {
    let days: Vec<i32> =
        buckets.iter().map(|(start, _)| zone::day(site, start.timestamp_millis())).collect();
    let rows = view_visitors::Entity::find()
        .filter(view_visitors::Column::ArticleId.eq(article))
        .filter(view_visitors::Column::Day.is_in(days.iter().copied()))
        .all(&latest.tables)
        .await?;
    let mut found: BTreeMap<i32, Visitors> =
        days.into_iter().map(|day| (day, Visitors::default())).collect();
    for row in rows {
        found.insert(row.day, Visitors::decode(&row.sketch)?);
    }
    for view in latest.displays.iter().filter(|display| display.class == Class::Counted) {
        let day = found.get_mut(&zone::day(site, view.at));
        if let (Some(day), Some(visitor)) = (day, view.visitor) {
            day.add(visitor)?;
        }
    }
    Ok(found.into_iter().map(|(day, visitors)| (day, visitors.count())).collect())
}
