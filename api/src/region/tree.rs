//! An edition of the directory in memory. A few thousand rows, read by every
//! request.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;

use super::Division;
use super::Kind;
use super::detect::Names;
use super::json;
use super::json::Document;
use crate::error::Error;

/// All regions, by code, path and parent.
#[derive(Debug, Default)]
pub struct Tree {
    edition: i64,
    by_code: HashMap<String, Arc<Division>>,
    by_path: HashMap<String, Arc<Division>>,
    /// Open rows straight below a code, groups included, in the order of codes.
    below: HashMap<Option<String>, Vec<Arc<Division>>>,
    /// Paths of earlier editions.
    former_paths: HashMap<String, String>,
    /// Closed rows by the region that they became part of.
    predecessors: HashMap<String, Vec<Arc<Division>>>,
    document: OnceLock<Document>,
    names: OnceLock<Names>,
}

impl Tree {
    /// Builds the tree of rows that are sorted by code.
    pub fn new(edition: i64, rows: Vec<Arc<Division>>) -> Self {
        let mut tree = Self { edition, ..Self::default() };
        for row in rows {
            if row.is_open() {
                tree.below.entry(row.parent.clone()).or_default().push(row.clone());
                if let Some(path) = &row.path {
                    tree.by_path.insert(path.clone(), row.clone());
                }
            } else if let Some(path) = &row.path {
                tree.former_paths.insert(path.clone(), row.code.clone());
            }
            if let Some(successor) = row.successor.clone().filter(|_| !row.is_open()) {
                tree.predecessors.entry(successor).or_default().push(row.clone());
            }
            tree.by_code.insert(row.code.clone(), row);
        }
        tree
    }

    /// This edition with other rows, in any order.
    pub fn with(&self, mut rows: Vec<Arc<Division>>) -> Self {
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        let former_paths = self.former_paths.clone();
        Self { former_paths, ..Self::new(self.edition, rows) }
    }

    /// Takes note of what an earlier edition said about a region.
    pub fn remember(&mut self, row: &Division) {
        if let Some(path) = &row.path {
            self.former_paths.insert(path.clone(), row.code.clone());
        }
    }

    /// The number of the edition.
    pub fn edition(&self) -> i64 {
        self.edition
    }

    /// How many regions exist, groups not counted.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether the directory is empty.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }

    /// The row of that code, be it closed.
    pub fn get(&self, code: &str) -> Option<&Arc<Division>> {
        self.by_code.get(code)
    }

    /// The region that has that code, or that followed the one that had it; a
    /// closed one where none followed.
    pub fn resolve(&self, code: &str) -> Option<&Arc<Division>> {
        let mut found = self.get(code)?;
        // The bound ends a ring that a damaged table might hold.
        for _ in 0..8 {
            let heir = found.successor.as_deref().filter(|_| !found.is_open());
            match heir.and_then(|code| self.get(code)) {
                Some(heir) => found = heir,
                None => break,
            }
        }
        Some(found)
    }

    /// The region of a path such as `hebei/shijiazhuang`, or the one that is
    /// today what stood there in an earlier edition.
    pub fn at_path(&self, path: &str) -> Option<&Arc<Division>> {
        let former = || self.resolve(self.former_paths.get(path)?);
        self.by_path.get(path).or_else(former)
    }

    /// The region of a code or a path of today or of earlier, with or without slashes around it.
    pub fn named(&self, text: &str) -> Option<&Arc<Division>> {
        self.resolve(text).or_else(|| self.at_path(text.trim_matches('/')))
    }

    /// The code of the region that has a path, or had it last.
    pub fn owner_of_path(&self, path: &str) -> Option<&str> {
        let open = self.by_path.get(path).map(|row| row.code.as_str());
        open.or_else(|| self.former_paths.get(path).map(String::as_str))
    }

    /// The closed regions that became part of this one.
    pub fn predecessors(&self, code: &str) -> &[Arc<Division>] {
        self.predecessors.get(code).map_or(&[], Vec::as_slice)
    }

    /// The names of the regions, made when they are first asked for.
    pub fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::new(self))
    }

    /// The directory as JSON, made when it is first asked for.
    pub fn document(&self) -> Result<&Document, Error> {
        if let Some(document) = self.document.get() {
            return Ok(document);
        }
        let document = json::document(self)?;
        Ok(self.document.get_or_init(|| document))
    }

    /// All rows, in no order, closed ones and groups included.
    pub fn rows(&self) -> impl Iterator<Item = &Arc<Division>> {
        self.by_code.values()
    }

    /// The row of that name straight below `parent` (`None`: the provinces);
    /// groups are rows like any other.
    ///
    /// A row that was closed lately, and so has a path still, will do if what it
    /// became part of stands there.
    pub fn child(&self, parent: Option<&str>, name: &str) -> Option<&Division> {
        let named = |row: &&Division| row.name == name;
        let today = self.children(parent).find(named);
        today.or_else(|| {
            let heirs = self.children(parent).map(|row| self.predecessors(&row.code));
            heirs.flatten().map(|row| &**row).filter(|row| row.is_closed_lately()).find(named)
        })
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

    /// All regions below `parent`, each before those below it, groups left out.
    pub fn descendants(&self, parent: Option<&str>) -> Vec<Arc<Division>> {
        let mut found = Vec::new();
        let mut next: Vec<Arc<Division>> = self.members(parent);
        next.reverse();
        while let Some(row) = next.pop() {
            let mut below = self.members(Some(&row.code));
            below.reverse();
            next.extend(below);
            found.push(row);
        }
        found
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
        while let Some(row) = next.filter(|_| ancestors.len() < 8) {
            ancestors.push(row.clone());
            next = above(&row.code);
        }
        ancestors
    }
}
