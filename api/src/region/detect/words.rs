//! Lists of words that decide what a name in a text means.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The lists, each explained where it opens.
const FILE: &str = include_str!("../../../data/region_words.txt");

/// The lists by their heads.
pub static WORDS: LazyLock<Words> = LazyLock::new(|| Words::read(FILE));

/// Word lists.
#[derive(Debug, Default)]
pub struct Words {
    lists: HashMap<&'static str, HashSet<&'static str>>,
}

impl Words {
    fn read(file: &'static str) -> Self {
        let mut words = Self::default();
        let mut list = "";
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(head) => list = head,
                None => words.lists.entry(list).or_default().extend(line.split_whitespace()),
            }
        }
        words
    }

    /// Whether a list has the word.
    pub fn has(&self, list: &str, word: &str) -> bool {
        self.lists.get(list).is_some_and(|words| words.contains(word))
    }

    /// The words of a list, in no order.
    pub fn list(&self, list: &str) -> impl Iterator<Item = &'static str> {
        self.lists.get(list).into_iter().flatten().copied()
    }
}
