//! The directory as a file: CSV, read and verified.

use std::sync::Arc;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Division;
use super::Kind;
use super::Level;
use super::Origin;
use super::Tree;
use crate::error::Error;

/// The base of the directory; its origin is described beside it.
const BUILTIN: &str = include_str!("../../data/regions.csv");
/// Rises when the file changes. A database of a higher one is left alone.
pub const VERSION: u32 = 1;

/// One line. Only the first columns are needed in a file of one's own.
#[derive(Deserialize)]
struct Line {
    code: String,
    name: String,
    level: String,
    #[serde(rename = "type")]
    kind: String,
    parent: Option<String>,
    path: Option<String>,
    short_name: Option<String>,
    former_names: Option<String>,
    pinyin: Option<String>,
    iso: Option<String>,
    since: Option<String>,
    until: Option<String>,
    successor: Option<String>,
    source: Option<String>,
}

/// The compiled-in directory.
pub fn builtin() -> Result<Vec<Division>, Error> {
    parse(BUILTIN, Origin::Builtin)
        .map_err(|faults| Error::Internal(format!("regions.csv: {}", faults.join(" "))))
}

/// The compiled-in directory as a tree, for work without a database.
pub fn builtin_tree() -> Result<Tree, Error> {
    Ok(Tree::new(0, builtin()?.into_iter().map(Arc::new).collect()))
}

/// The divisions that were closed before anybody could file an article under
/// them: every instance knows them, no table needs them.
pub fn history() -> &'static [Arc<Division>] {
    static HISTORY: LazyLock<Vec<Arc<Division>>> = LazyLock::new(|| {
        let rows = builtin().unwrap_or_default();
        let closed = rows.into_iter().filter(|row| !row.is_open() && row.path.is_none());
        closed.map(Arc::new).collect()
    });
    &HISTORY
}

/// Reads CSV with a header line; all that is wrong with it, by line.
pub fn parse(text: &str, origin: Origin) -> Result<Vec<Division>, Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (at, line) in (2..).zip(reader.deserialize::<Line>()) {
        let row = line.map_err(|error| reason(&error)).and_then(|line| division(line, origin));
        match row {
            Ok(row) => rows.push(row),
            Err(fault) => faults.push(format!("Line {at}: {fault}")),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => format!("{}.", err.kind()),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} columns instead of {expected_len}.")
        }
        _ => "it is not CSV in UTF-8.".into(),
    }
}

fn division(line: Line, origin: Origin) -> Result<Division, String> {
    let level =
        Level::from_name(&line.level).ok_or("`level` must be province, prefecture or county.")?;
    let kind =
        Kind::from_name(&line.kind).ok_or(format!("`{}` is not a type of region.", line.kind))?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let former = given(line.former_names).unwrap_or_default();
    let former_names = former.split('|').filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Division {
        short_name: given(line.short_name).unwrap_or_else(|| line.name.clone()),
        former_names: former_names.collect(),
        level,
        kind,
        parent: given(line.parent),
        path: given(line.path),
        pinyin: given(line.pinyin),
        iso: given(line.iso),
        since: given(line.since),
        until: given(line.until),
        successor: given(line.successor),
        source: given(line.source).unwrap_or_default(),
        origin,
        code: line.code,
        name: line.name,
    })
}
