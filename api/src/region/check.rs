//! What must hold in a directory.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use chrono::NaiveDate;

use super::Division;
use super::Kind;
use super::Level;

/// Regions of the built-in directory, by level and type.
const COUNTS: [(Level, Kind, usize); 19] = [
    (Level::Province, Kind::Municipality, 4),
    (Level::Province, Kind::Province, 23),
    (Level::Province, Kind::AutonomousRegion, 5),
    (Level::Province, Kind::Sar, 2),
    (Level::Prefecture, Kind::PrefectureCity, 293),
    (Level::Prefecture, Kind::AutonomousPrefecture, 30),
    (Level::Prefecture, Kind::Area, 7),
    (Level::Prefecture, Kind::League, 3),
    (Level::Prefecture, Kind::Group, 9),
    (Level::County, Kind::District, 976),
    (Level::County, Kind::County, 1302),
    (Level::County, Kind::CountyCity, 398),
    (Level::County, Kind::AutonomousCounty, 117),
    (Level::County, Kind::Banner, 49),
    (Level::County, Kind::AutonomousBanner, 3),
    (Level::County, Kind::ForestryDistrict, 1),
    (Level::County, Kind::SpecialDistrict, 1),
    (Level::County, Kind::FunctionalArea, 124),
    (Level::County, Kind::Other, 9),
];

/// Everything that is wrong with a whole directory, a sentence each.
pub fn faults(rows: &[Division]) -> Vec<String> {
    let by_code: HashMap<&str, &Division> =
        rows.iter().map(|row| (row.code.as_str(), row)).collect();
    let mut faults = Vec::new();
    let (mut codes, mut paths, mut names) = (HashSet::new(), HashSet::new(), HashSet::new());
    for row in rows {
        let mut fault = |text: String| faults.push(format!("{} {}: {text}", row.code, row.name));
        if let Some(text) = code(&row.code, row.level) {
            fault(text);
        }
        if !codes.insert(&row.code) {
            fault("the code stands here twice.".into());
        }
        if row.name.trim() != row.name || row.name.is_empty() || row.short_name.is_empty() {
            fault("`name` and `short_name` must not be empty or have blanks around them.".into());
        }
        if let Some(pinyin) = &row.pinyin {
            let letters = pinyin.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
            if !letters || pinyin.split(' ').count() != row.name.chars().count() {
                fault("`pinyin` must have a syllable for each character.".into());
            }
        }
        for (column, date) in [("since", &row.since), ("until", &row.until)] {
            if date.as_deref().is_some_and(|date| !is_date(date)) {
                fault(format!("`{column}` must be a date such as 2026-01-31, or a year."));
            }
        }
        if !row.is_open() {
            if let Some(text) = successor(row, &by_code) {
                fault(text);
            }
            continue;
        }
        if let Some(text) = parent(row, &by_code) {
            fault(text);
        }
        if let Some(text) = path(row, &by_code) {
            fault(text);
        }
        if row.path.as_ref().is_some_and(|path| !paths.insert(path)) {
            fault("the path belongs to another region as well.".into());
        }
        if !names.insert((&row.parent, &row.name)) {
            fault("a sibling has the same name.".into());
        }
    }
    faults
}

/// How many open regions there are of each level and type.
pub fn counts(rows: &[Division]) -> BTreeMap<(Level, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_open()) {
        *counts.entry((row.level, row.kind.as_str())).or_default() += 1;
    }
    counts
}

/// The counts that the built-in directory states beside its file.
pub fn stated() -> BTreeMap<(Level, &'static str), usize> {
    COUNTS.into_iter().map(|(level, kind, count)| ((level, kind.as_str()), count)).collect()
}

/// GB/T 2260: two digits for the province, two for the prefecture, two for the
/// county.
fn code(code: &str, level: Level) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if code.is_empty() || code.len() > 32 || !code.chars().all(plain) {
        return Some("the code must be 1 to 32 ASCII letters, digits or -.".into());
    }
    if !is_gb(code) {
        return None;
    }
    let of_code = match (code.ends_with("0000"), code.ends_with("00")) {
        (true, _) => Level::Province,
        (false, true) => Level::Prefecture,
        (false, false) => Level::County,
    };
    (of_code != level).then(|| format!("the code is one of a {}.", of_code.as_str()))
}

/// `YYYY-MM-DD` (ISO 8601), or the year alone.
pub fn is_date(text: &str) -> bool {
    let day = if text.len() == 4 { format!("{text}-01-01") } else { text.to_owned() };
    day.len() == 10 && NaiveDate::parse_from_str(&day, "%Y-%m-%d").is_ok()
}

fn is_gb(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn parent(row: &Division, by_code: &HashMap<&str, &Division>) -> Option<String> {
    let Some(code) = &row.parent else {
        let fits = row.level == Level::Province || !is_gb(&row.code);
        return (!fits).then(|| "it needs a parent.".into());
    };
    let Some(above) = by_code.get(code.as_str()) else {
        return Some(format!("there is no region {code}, its parent."));
    };
    let digits = if above.level == Level::Province { 2 } else { 4 };
    let both_gb = is_gb(&row.code) && is_gb(code);
    if !above.is_open() {
        Some(format!("its parent {code} is closed."))
    } else if above.level >= row.level {
        Some(format!("its parent {code} must be of a higher level."))
    } else if both_gb && row.code.get(..digits) != code.get(..digits) {
        Some(format!("the code must begin like that of its parent {code}."))
    } else {
        None
    }
}

/// The path of the nearest ancestor with one, and a segment.
fn path(row: &Division, by_code: &HashMap<&str, &Division>) -> Option<String> {
    if row.kind == Kind::Group {
        return row.path.is_some().then(|| "a group has no path.".into());
    }
    let mut above = row;
    let mut expected = None;
    for _ in 0..8 {
        let Some(next) = above.parent.as_deref().and_then(|code| by_code.get(code)) else { break };
        above = next;
        if let Some(path) = &above.path {
            expected = Some(path);
            break;
        }
    }
    let path = row.path.as_deref().unwrap_or_default();
    let (front, segment) = match path.rsplit_once('/') {
        Some((front, segment)) => (Some(front), segment),
        None => (None, path),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let sound = !segment.is_empty() && segment.chars().all(plain);
    (!sound || front != expected.map(String::as_str)).then(|| {
        let front = expected.map_or(String::new(), |path| format!("{path}/"));
        format!("`path` must be {front} and a segment of a-z, 0-9 and -.")
    })
}

/// The chain of successors must end, with a region that exists.
fn successor(row: &Division, by_code: &HashMap<&str, &Division>) -> Option<String> {
    let mut code = row.successor.as_deref()?;
    for _ in 0..8 {
        match by_code.get(code) {
            None => return Some(format!("there is no region {code}, its successor.")),
            Some(next) if next.is_open() => return None,
            Some(next) => match next.successor.as_deref() {
                Some(heir) => code = heir,
                // Closed in turn, and nothing followed.
                None => return None,
            },
        }
    }
    Some("its successors do not end with a region that exists.".into())
}
