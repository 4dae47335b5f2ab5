//! The directory of a page against the tree of regions (rules 10 and 11).
//!
//! A page never creates a division: a name that the tree lacks at its place is kept without a code.

use std::collections::HashMap;
use std::collections::HashSet;

use super::directory::Entry;
use super::page::Lines;
use super::page::Missing;
use super::page::Node;
use super::page::Regions;

use crate::region::Division;
use crate::region::Level;
use crate::region::Tree;

/// Looks up every name of the directory; `None` where the page has no entries.
pub fn read(entries: &[Entry], lines: Lines, tree: &Tree) -> Option<Regions> {
    if entries.is_empty() {
        return None;
    }
    let mut found = Found { tree, nodes: Vec::new(), places: HashMap::new() };
    let mut province = None;
    for entry in entries {
        province = found.entry(entry, province);
    }
    let missing = missing(&found.nodes, tree);
    Some(Regions { lines, nodes: found.nodes, missing })
}

struct Found<'a> {
    tree: &'a Tree,
    nodes: Vec<Node>,
    /// Path of names to the place in `nodes`: each division once, wherever the page repeats it.
    places: HashMap<String, usize>,
}

impl Found<'_> {
    /// Adds the names of an entry; gives the province that the next entry continues.
    fn entry(&mut self, entry: &Entry, last: Option<usize>) -> Option<usize> {
        let line = entry.line;
        let province = match &entry.opens {
            Some(name) => Some(self.add(None, name, Level::Province, line)),
            None if self.opens_alone(&entry.name, last) => {
                let province = self.add(None, &entry.name, Level::Province, line);
                self.add_all(province, entry);
                return Some(province);
            }
            None => last,
        };
        let prefecture = self.add(province, &entry.name, Level::Prefecture, line);
        self.add_all(prefecture, entry);
        province
    }

    /// A province with its counties straight below it, unless it is a name below the last province.
    fn opens_alone(&self, name: &str, last: Option<usize>) -> bool {
        let code = last.and_then(|last| self.nodes.get(last)).and_then(|node| node.code.as_deref());
        let below = code.and_then(|code| self.tree.child(Some(code), name));
        below.is_none() && self.tree.child(None, name).is_some()
    }

    fn add_all(&mut self, parent: usize, entry: &Entry) {
        for item in &entry.items {
            self.add(Some(parent), item, Level::County, entry.line);
        }
    }

    /// The place of a name below a parent in `nodes`, added if it is new.
    fn add(&mut self, parent: Option<usize>, name: &str, level: Level, line: usize) -> usize {
        let above = parent.and_then(|parent| self.nodes.get(parent));
        let parent_path = above.map(path);
        let whole = parent_path.as_ref().map_or(name.to_owned(), |above| format!("{above}/{name}"));
        let division = self.division(above, parent.is_none() && level == Level::Province, name);
        let node = Node {
            code: division.map(|division| division.code.clone()),
            name: name.to_owned(),
            level: division.map_or(level, |division| division.level),
            kind: division.map(|division| division.kind),
            parent: parent_path,
            line,
        };
        *self.places.entry(whole).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    fn division(&self, above: Option<&Node>, is_top: bool, name: &str) -> Option<&Division> {
        match above {
            Some(above) => self.tree.child(Some(above.code.as_deref()?), name),
            None if is_top => self.tree.child(None, name),
            None => None,
        }
    }
}

/// The names from the province down, joined by `/`.
pub fn path(node: &Node) -> String {
    match &node.parent {
        Some(parent) => format!("{parent}/{}", node.name),
        None => node.name.clone(),
    }
}

/// For each province of the page the prefectures of the tree that the page lacks.
fn missing(nodes: &[Node], tree: &Tree) -> Vec<(String, Vec<Missing>)> {
    let listed: HashSet<&str> = nodes.iter().filter_map(|node| node.code.as_deref()).collect();
    let mut missing = Vec::new();
    for province in nodes.iter().filter(|node| node.level == Level::Province) {
        let Some(code) = province.code.as_deref() else {
            continue;
        };
        let below =
            tree.children(Some(code)).filter(|division| division.level == Level::Prefecture);
        let lacks = below.filter(|division| !listed.contains(division.code.as_str()));
        let lacks: Vec<Missing> =
            lacks.map(|d| Missing { code: d.code.clone(), name: d.name.clone() }).collect();
        if !lacks.is_empty() {
            missing.push((province.name.clone(), lacks));
        }
    }
    missing
}
