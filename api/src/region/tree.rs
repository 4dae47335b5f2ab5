//! The directory in memory. A few thousand rows, read by every request.

use std::collections::HashMap;
use std::sync::Arc;

use super::Division;
use super::Kind;
use super::directory;
use crate::error::Error;

/// All regions, by code, path and parent.
#[derive(Debug, Default)]
pub struct Tree {
    by_code: HashMap<String, Arc<Division>>,
    by_path: HashMap<String, Arc<Division>>,
    /// Rows straight below a code, groups included, in the order of codes.
    below: HashMap<Option<String>, Vec<Arc<Division>>>,
}

impl Tree {
    /// Builds the tree of rows that are sorted by code.
    pub fn new(rows: Vec<Division>) -> Self {
        let mut tree = Self::default();
        for row in rows.into_iter().map(Arc::new) {
            tree.below.entry(row.parent.clone()).or_default().push(row.clone());
            if let Some(path) = &row.path {
                tree.by_path.insert(path.clone(), row.clone());
            }
            tree.by_code.insert(row.code.clone(), row);
        }
        tree
    }

    /// The directory as this binary brings it, for work without a database.
    pub fn compiled_in() -> Result<Self, Error> {
        directory::compiled_in()
    }

    /// How many regions there are, groups not counted.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether the directory is empty.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }

    /// The region of that code.
    pub fn get(&self, code: &str) -> Option<&Arc<Division>> {
        self.by_code.get(code)
    }

    /// The region of a path such as `hebei/shijiazhuang`.
    pub fn at_path(&self, path: &str) -> Option<&Arc<Division>> {
        self.by_path.get(path)
    }

    /// The row of that name straight below `parent` (`None`: the provinces);
    /// groups are rows like any other.
    pub fn child(&self, parent: Option<&str>, name: &str) -> Option<&Division> {
        self.children(parent).find(|row| row.name == name)
    }

    /// The rows straight below `parent`, groups included.
    pub fn children(&self, parent: Option<&str>) -> impl Iterator<Item = &Division> {
        let rows = self.below.get(&parent.map(str::to_owned));
        rows.into_iter().flatten().map(|row| &**row)
    }

    /// What a reader finds below `parent`: in place of a summary group stand
    /// its members.
    pub fn members(&self, parent: Option<&str>) -> Vec<Arc<Division>> {
        let mut members = Vec::new();
        for row in self.below.get(&parent.map(str::to_owned)).into_iter().flatten() {
            match row.kind {
                Kind::Group => members.extend(self.members(Some(&row.code))),
                _ => members.push(row.clone()),
            }
        }
        members
    }

    /// The regions above `code`, the nearest first, summary groups left out.
    pub fn ancestors(&self, code: &str) -> Vec<Arc<Division>> {
        self.above(code).into_iter().filter(|row| row.kind != Kind::Group).collect()
    }

    /// The rows above `code`, the nearest first, groups included.
    pub fn above(&self, code: &str) -> Vec<Arc<Division>> {
        let mut ancestors = Vec::new();
        let above = |code: &str| self.get(code).and_then(|row| self.get(row.parent.as_deref()?));
        let mut next = above(code);
        // The bound ends a ring that a damaged table might hold.
        while let Some(row) = next.filter(|_| ancestors.len() < 8) {
            ancestors.push(row.clone());
            next = above(&row.code);
        }
        ancestors
    }
}
