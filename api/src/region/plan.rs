//! From one edition of the directory to the next.

use super::Division;
use super::Origin;
use super::Tree;

/// What the next edition says otherwise about a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What this edition says; `None` for a new region.
    pub before: Option<Division>,
    /// What the next says.
    pub after: Division,
}

/// The differences between a tree and the rows of a file. What the file does not
/// name stays as it is: a region is closed by a row with `until`.
pub fn plan(tree: &Tree, rows: Vec<Division>) -> Vec<Change> {
    let change = |after: Division| {
        let before = tree.get(&after.code).map(|row| (**row).clone());
        let same = before.as_ref().is_some_and(|before| before.same(&after));
        (!same).then_some(Change { before, after })
    };
    rows.into_iter().filter_map(change).collect()
}

/// Leaves out what an operator's file or an editor said otherwise: a newer
/// binary does not know better.
pub fn spare_own(changes: Vec<Change>) -> Vec<Change> {
    let own = |change: &Change| {
        change.before.as_ref().is_some_and(|before| before.origin != Origin::Builtin)
    };
    changes.into_iter().filter(|change| !own(change)).collect()
}

impl Change {
    /// A line of a diff: `+` new, `-` closed, `~` changed.
    pub fn line(&self) -> String {
        let after = &self.after;
        let Some(before) = &self.before else {
            let place = after.path.as_deref().or(after.successor.as_deref()).unwrap_or_default();
            return format!("+ {} {} {place}", after.code, after.name).trim_end().to_owned();
        };
        if let Some(until) = after.until.as_ref().filter(|_| before.is_open()) {
            let successor = after.successor.as_ref();
            let heir = successor.map_or(String::new(), |code| format!(", successor {code}"));
            return format!("- {} {} closed {until}{heir}", after.code, after.name);
        }
        let mut changed = Vec::new();
        for ((name, old), (_, new)) in columns(before).into_iter().zip(columns(after)) {
            if old != new {
                changed.push(format!("{name} {} → {}", shown(&old), shown(&new)));
            }
        }
        format!("~ {} {}: {}", after.code, after.name, changed.join(", "))
    }
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "(none)" } else { value }
}

fn columns(row: &Division) -> [(&'static str, String); 12] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        ("name", row.name.clone()),
        ("short_name", row.short_name.clone()),
        ("former_names", row.former_names.join("|")),
        ("level", row.level.as_str().into()),
        ("type", row.kind.as_str().into()),
        ("parent", text(&row.parent)),
        ("path", text(&row.path)),
        ("pinyin", text(&row.pinyin)),
        ("iso", text(&row.iso)),
        ("since", text(&row.since)),
        ("until", text(&row.until)),
        ("successor", text(&row.successor)),
    ]
}
