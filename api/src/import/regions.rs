//! Regions of an import: those of the newsroom, outside the built-in directory.

use std::sync::Arc;

use super::batch::Place;
use super::record::RegionRecord;
use crate::error::Error;
use crate::error::Reason;
use crate::region::Division;
use crate::region::Kind;
use crate::region::Level;
use crate::region::Origin;
use crate::region::Tree;
use crate::region::check::is_date;
use crate::region::plan::Change;

/// The longest name, in characters.
const MOST: usize = 100;

/// What the records change, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Regions {
    /// For the next edition of the directory.
    pub changes: Vec<Change>,
    /// Records that break a rule.
    pub failures: Vec<(Place, Error)>,
    /// The directory with the changes.
    pub tree: Arc<Tree>,
}

/// Reads records one after the other: each may stand below those before it.
pub fn read(records: &[(Place, RegionRecord)], today: &Arc<Tree>) -> Regions {
    if records.is_empty() {
        return Regions { tree: today.clone(), ..Regions::default() };
    }
    let mut rows: Vec<Arc<Division>> = today.rows().cloned().collect();
    let mut found = Regions { tree: today.clone(), ..Regions::default() };
    for (place, record) in records {
        let row = match division(record, &found.tree) {
            Ok(row) => row,
            Err(error) => {
                found.failures.push((place.clone(), error));
                continue;
            }
        };
        let before = today.get(&row.code).map(|row| (**row).clone());
        found.changes.retain(|change| change.after.code != row.code);
        if !before.as_ref().is_some_and(|before| before.same(&row)) {
            found.changes.push(Change { before, after: row.clone() });
        }
        if found.tree.get(&row.code).is_some_and(|known| known.same(&row)) {
            continue;
        }
        rows.retain(|other| other.code != row.code);
        rows.push(Arc::new(row));
        found.tree = Arc::new(today.with(rows.clone()));
    }
    found
}

fn division(record: &RegionRecord, tree: &Tree) -> Result<Division, Error> {
    let invalid = |field: &str, message: &str| Err(Error::invalid(field, Reason::Invalid, message));
    let RegionRecord { code, name, parent, path, until, successor, .. } = record.clone();
    let known = tree.get(&code);
    if known.is_some_and(|row| row.origin == Origin::Builtin) {
        return invalid("code", "The region's code belongs to the built-in directory.");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if code.is_empty() || code.len() > 32 || !code.chars().all(plain) {
        return invalid("code", "`code` must be 1 to 32 ASCII letters, digits or -.");
    }
    let texts = [&record.short_name, &record.pinyin, &record.since, &until, &successor];
    let texts = texts.into_iter().flatten().chain(&record.former_names);
    let wrong = |text: &String| {
        let length = text.chars().count();
        length == 0 || length > MOST || text.chars().any(char::is_control)
    };
    if texts.chain([&name]).any(wrong) {
        return invalid("name", "`name` and the like must be one line of 1 to 100 characters.");
    }
    if ![&record.since, &until].into_iter().flatten().all(|text| is_date(text)) {
        return invalid("until", "`since` and `until` must be dates such as 2026-01-31, or years.");
    }
    let letters = |text: &String| text.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
    if !record.pinyin.iter().all(letters) {
        return invalid("pinyin", "`pinyin` must be syllables of a-z, parted by blanks.");
    }
    if record.former_names.iter().any(|name| name.contains('|')) {
        return invalid("formerNames", "`formerNames` must not hold the sign |.");
    }
    let Some(level) = Level::from_name(&record.level) else {
        return invalid("level", "`level` must be province, prefecture or county.");
    };
    let kind = Kind::from_name(&record.region_type).filter(|kind| *kind != Kind::Group);
    let Some(kind) = kind else {
        return invalid("regionType", "`regionType` is not a type of the directory.");
    };
    let segment = |part: &str| !part.is_empty() && part.chars().all(plain);
    let sound = path.as_deref().map(|path| path.split('/').all(segment));
    if !sound.unwrap_or(until.is_some()) {
        return invalid("path", "`path` must be segments of ASCII letters, digits or - with /.");
    }
    if let Some(parent) = &parent {
        if !tree.get(parent).is_some_and(|above| above.is_open() || until.is_some()) {
            return invalid("parent", "There is no open region with the code of `parent`.");
        }
        let ring = tree.above(parent).iter().any(|above| above.code == code);
        if ring || *parent == code {
            return invalid("parent", "A region cannot lie below itself.");
        }
    }
    if until.is_some() && tree.children(Some(&code)).next().is_some() {
        return invalid("until", "Regions lie below it: move or close them first.");
    }
    let follows = |heir: &String| tree.resolve(heir).is_some_and(|heir| heir.code != code);
    if !successor.iter().all(follows) {
        return invalid("successor", "There is no other region with the code of `successor`.");
    }
    let taken = |path: &str| tree.owner_of_path(path).is_some_and(|owner| owner != code);
    if path.as_deref().is_some_and(taken) {
        return invalid("path", "`path` belongs to another region.");
    }
    Ok(Division {
        short_name: record.short_name.clone().unwrap_or_else(|| name.clone()),
        former_names: record.former_names.clone(),
        level,
        kind,
        pinyin: record.pinyin.clone(),
        iso: None,
        since: record.since.clone(),
        source: known.map(|row| row.source.clone()).unwrap_or_default(),
        origin: Origin::Import,
        code,
        name,
        parent,
        path,
        until,
        successor,
    })
}
