//! Buckets of time: hours of UTC, days and months of the site's time zone.

use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveDate;
use chrono_tz::Tz;

/// Milliseconds of an hour.
pub const HOUR: i64 = 3_600_000;

/// The hour of an instant, in hours since 1970.
pub fn hour(at: i64) -> i32 {
    i32::try_from(at.div_euclid(HOUR)).unwrap_or(i32::MAX)
}

/// The calendar day of an instant, in days since 1970.
pub fn day(zone: Tz, at: i64) -> i32 {
    let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
    number(at.with_timezone(&zone).date_naive())
}

/// The number of a calendar day, in days since 1970.
pub fn number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - NaiveDate::default().num_days_from_ce()
}

/// The calendar day of a number.
pub fn date(day: i32) -> NaiveDate {
    let days = day.saturating_add(NaiveDate::default().num_days_from_ce());
    NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default()
}

/// The month of a day, in months since January 1970.
pub fn month(day: i32) -> i32 {
    let date = date(day);
    (date.year() - 1970) * 12 + i32::try_from(date.month0()).unwrap_or(0)
}
