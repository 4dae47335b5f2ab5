//! Printed times (rule 9).

use chrono::DateTime;
use chrono::Datelike;
use chrono::FixedOffset;
use chrono::NaiveDate;
use chrono::NaiveDateTime;
use chrono::NaiveTime;
use chrono::Offset;
use chrono::TimeZone;
use chrono::Utc;

use super::Options;
use super::fold::narrow;
use super::page::Precision;
use super::page::Updated;

/// Reads `Y-M-D`, `Y/M/D` or `Y年M月D日` with an optional `H:MM[:SS]`.
///
/// Without a year the latest such day not after the fetch is meant, if the time of the fetch is
/// known. Anything else is unknown: the printed text is kept and nothing is guessed.
pub fn read(raw: &str, options: &Options) -> Updated {
    let (at, precision) = match parse(raw, options) {
        Some((at, precision)) => (Some(at), Some(precision)),
        None => (None, None),
    };
    Updated { at, precision, raw: Some(raw.trim().to_owned()) }
}

/// The offset in which a page gives its times; one that no clock has counts as UTC.
pub fn offset(minutes: i32) -> FixedOffset {
    let seconds = minutes.checked_mul(60).and_then(FixedOffset::east_opt);
    seconds.unwrap_or_else(|| Utc.fix())
}

fn parse(raw: &str, options: &Options) -> Option<(DateTime<Utc>, Precision)> {
    if raw.chars().nth(60).is_some() {
        return None;
    }
    let text = narrow(raw);
    let (date, rest) = split_date(&text)?;
    let (time, precision) = match rest.trim() {
        "" => (NaiveTime::MIN, Precision::Day),
        clock => parse_clock(clock)?,
    };
    let zone = offset(options.utc_offset_minutes);
    let local = match date {
        Date { year: Some(year), month, day } => {
            NaiveDate::from_ymd_opt(year, month, day)?.and_time(time)
        }
        Date { year: None, month, day } => {
            let fetched = options.fetched_at?.with_timezone(&zone).naive_local();
            latest(month, day, time, fetched)?
        }
    };
    let at = zone.from_local_datetime(&local).single()?;
    Some((at.with_timezone(&Utc), precision))
}

struct Date {
    year: Option<i32>,
    month: u32,
    day: u32,
}

/// The date at the start, and what follows it.
fn split_date(text: &str) -> Option<(Date, &str)> {
    let (first, rest) = number(text)?;
    let mark = rest.chars().next()?;
    let rest = rest.get(mark.len_utf8()..)?.trim_start();
    let (second, rest) = number(rest)?;
    let year_first = first.len() == 4;
    match (mark, year_first) {
        ('-' | '/', true) => {
            let (day, rest) = number(rest.strip_prefix(mark)?)?;
            Some((date(Some(first), second, day)?, after_date(rest)?))
        }
        ('年', true) => {
            let (day, rest) = number(rest.trim_start().strip_prefix('月')?.trim_start())?;
            Some((date(Some(first), second, day)?, rest.trim_start().strip_prefix('日')?))
        }
        ('-' | '/', false) => Some((date(None, first, second)?, after_date(rest)?)),
        ('月', false) => Some((date(None, first, second)?, rest.trim_start().strip_prefix('日')?)),
        _ => None,
    }
}

/// Between a date of digits and a time of digits a blank must stand, or the end.
fn after_date(rest: &str) -> Option<&str> {
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

fn date(year: Option<&str>, month: &str, day: &str) -> Option<Date> {
    let year = match year {
        Some(year) => Some(year.parse().ok()?),
        None => None,
    };
    Some(Date { year, month: short(month)?, day: short(day)? })
}

fn parse_clock(text: &str) -> Option<(NaiveTime, Precision)> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [hour, minute] => {
            let time = NaiveTime::from_hms_opt(short(hour)?, exact(minute)?, 0)?;
            Some((time, Precision::Minute))
        }
        [hour, minute, second] => {
            let time = NaiveTime::from_hms_opt(short(hour)?, exact(minute)?, exact(second)?)?;
            Some((time, Precision::Second))
        }
        _ => None,
    }
}

/// The last moment with this month, day and time that is not after the fetch.
fn latest(month: u32, day: u32, time: NaiveTime, fetched: NaiveDateTime) -> Option<NaiveDateTime> {
    // Eight years hold at least one 29 February, even around 2100.
    (0..=8)
        .filter_map(|back| NaiveDate::from_ymd_opt(fetched.year() - back, month, day))
        .map(|date| date.and_time(time))
        .find(|&moment| moment <= fetched)
}

/// The ASCII digits at the start, at least one, and what follows them.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    (!digits.is_empty()).then_some((digits, rest))
}

fn short(digits: &str) -> Option<u32> {
    let fits = matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { digits.parse().ok() } else { None }
}

fn exact(digits: &str) -> Option<u32> {
    if digits.len() == 2 { short(digits) } else { None }
}
