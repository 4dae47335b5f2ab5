//! The names that a directory gives to regions.

use std::collections::HashMap;
use std::sync::Arc;

use super::words::WORDS;
use crate::region::Division;
use crate::region::Kind;
use crate::region::Level;
use crate::region::Tree;
use crate::region::search::fold;

/// Longer names, which only an import can bring, are not looked for.
const LONGEST: usize = 30;

/// Names by their folded form, with the codes of all who bear them.
#[derive(Debug, Default)]
pub struct Names {
    /// Full names, and what stands for them: 恩施州, 内蒙古自治区.
    pub full: HashMap<String, Vec<String>>,
    /// Short names.
    pub short: HashMap<String, Vec<String>>,
    /// Short names that stand for one region wherever they are.
    pub known: HashMap<String, String>,
    /// The longest name has so many characters.
    pub longest: usize,
}

impl Names {
    /// The names of a directory.
    pub fn new(tree: &Tree) -> Self {
        let mut names = Self::default();
        let mut rows = tree.descendants(None);
        rows.retain(|row| row.is_administrative());
        // Of equal short names the highest level is meant: 吉林 is the province.
        rows.sort_by(|a, b| (a.level, &a.code).cmp(&(b.level, &b.code)));
        for row in &rows {
            names.add(row);
        }
        // People go on using the names of what was closed lately.
        for row in tree.rows().filter(|row| row.is_closed_lately()) {
            if let Some(heir) = tree.resolve(&row.code).filter(|heir| heir.is_open()) {
                push(&mut names.full, fold(&row.name), &heir.code);
                push(&mut names.short, fold(&row.short_name), &heir.code);
            }
        }
        let lengths = names.full.keys().map(|name| name.chars().count());
        names.longest = lengths.max().unwrap_or_default().min(LONGEST);
        names
    }

    fn add(&mut self, row: &Arc<Division>) {
        let short = fold(&row.short_name);
        push(&mut self.full, fold(&row.name), &row.code);
        push(&mut self.short, short.clone(), &row.code);
        let usual = match row.kind {
            Kind::AutonomousPrefecture => Some("州"),
            Kind::AutonomousCounty => Some("县"),
            Kind::AutonomousRegion => Some("自治区"),
            Kind::Sar => Some("特区"),
            _ => None,
        };
        if let Some(ending) = usual {
            push(&mut self.full, format!("{short}{ending}"), &row.code);
        }
        let city = row.kind == Kind::CountyCity && WORDS.has("cities", &row.short_name);
        if short.chars().count() > 1 && (row.level < Level::County || city) {
            self.known.entry(short).or_insert_with(|| row.code.clone());
        }
    }
}

fn push(names: &mut HashMap<String, Vec<String>>, name: String, code: &str) {
    let codes = names.entry(name).or_default();
    if !codes.iter().any(|known| known == code) {
        codes.push(code.to_owned());
    }
}
