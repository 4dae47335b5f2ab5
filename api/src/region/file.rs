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
        .map(|file| file.rows)
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

/// The columns that a file must have.
const NEEDED: [&str; 4] = ["code", "name", "level", "type"];
/// The columns that it may have besides.
const KNOWN: [&str; 10] = [
    "short_name",
    "former_names",
    "parent",
    "path",
    "pinyin",
    "iso",
    "since",
    "until",
    "successor",
    "source",
];

/// A directory file, or a part of one.
#[derive(Debug)]
pub struct File {
    /// Its rows.
    pub rows: Vec<Division>,
    columns: Vec<String>,
}

impl File {
    /// The rows as a change of a tree: of a known region, what a column that the
    /// file lacks would tell stays. An empty cell clears.
    pub fn over(mut self, tree: &Tree) -> Vec<Division> {
        let lacks = |column: &str| !self.columns.iter().any(|own| own == column);
        for row in &mut self.rows {
            let Some(known) = tree.get(&row.code) else { continue };
            if lacks("short_name") && row.name == known.name {
                row.short_name.clone_from(&known.short_name);
            }
            if lacks("pinyin") && row.name == known.name {
                row.pinyin.clone_from(&known.pinyin);
            }
            if lacks("former_names") {
                row.former_names.clone_from(&known.former_names);
            }
            for (column, own, known) in [
                ("parent", &mut row.parent, &known.parent),
                ("path", &mut row.path, &known.path),
                ("iso", &mut row.iso, &known.iso),
                ("since", &mut row.since, &known.since),
                ("until", &mut row.until, &known.until),
                ("successor", &mut row.successor, &known.successor),
            ] {
                if lacks(column) {
                    own.clone_from(known);
                }
            }
            if lacks("source") {
                row.source.clone_from(&known.source);
            }
        }
        self.rows
    }
}

/// Reads CSV with a header line; all that is wrong with it, by line.
pub fn parse(text: &str, origin: Origin) -> Result<File, Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| vec![format!("Line 1: {}", reason(&error))])?;
    let columns: Vec<String> = head.iter().map(str::to_owned).collect();
    let mut faults = head_faults(&columns);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut rows = Vec::new();
    for (at, line) in (2..).zip(reader.deserialize::<Line>()) {
        let row = line.map_err(|error| reason(&error)).and_then(|line| division(line, origin));
        match row {
            Ok(row) => rows.push(row),
            Err(fault) => faults.push(format!("Line {at}: {fault}")),
        }
    }
    if faults.is_empty() && rows.is_empty() {
        faults.push("The file has no rows.".into());
    }
    if faults.is_empty() { Ok(File { rows, columns }) } else { Err(faults) }
}

fn head_faults(columns: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let lacks = |name: &&&str| !columns.iter().any(|column| column == **name);
    let missing: Vec<&str> = NEEDED.iter().filter(lacks).copied().collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        faults.push(format!("Line 1: the columns {missing} are missing; commas part columns."));
    }
    for column in columns {
        let known = NEEDED.iter().chain(&KNOWN).any(|name| name == column);
        if !known {
            let all = KNOWN.join(", ");
            faults.push(format!("Line 1: `{column}` is no column; besides the needed: {all}."));
        }
    }
    faults
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
