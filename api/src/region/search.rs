//! Finding regions as people type.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::Division;
use super::Tree;

/// Traditional characters with the simplified ones, two a line.
const TRADITIONAL: &str = include_str!("../../data/traditional.txt");
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pair = |line: &str| {
        let mut pair = line.chars();
        Some((pair.next()?, pair.next()?))
    };
    TRADITIONAL.lines().filter_map(pair).collect()
});

/// The longest text that is searched for, in characters.
pub const LONGEST: usize = 60;

/// A text for comparing: width and case are folded, traditional characters that
/// occur in region names become simplified ones.
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).map(simplified).collect()
}

/// The simplified character of a traditional one. Characters that names use as they are, such as
/// 乾, stay.
pub fn simplified(sign: char) -> char {
    SIMPLIFIED.get(&sign).copied().unwrap_or(sign)
}

/// The rows that match, the best first; within a rank the higher level, then
/// the lower code. The last of several words must match the region itself, those
/// before it regions above it.
pub fn ranked(tree: &Tree, rows: Vec<Arc<Division>>, text: &str) -> Vec<Arc<Division>> {
    let text = fold(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some((last, above)) = words.split_last() else { return rows };
    // "shi jia zhuang" may be one name as well as three.
    let joined = words.concat();
    let mut found: Vec<(u8, Arc<Division>)> = Vec::new();
    for row in rows {
        let ancestors = tree.ancestors(&row.code);
        let below =
            above.iter().all(|word| ancestors.iter().any(|row| rank(tree, row, word).is_some()));
        let as_words = if below { rank(tree, &row, last) } else { None };
        let as_one = if above.is_empty() { None } else { rank(tree, &row, &joined) };
        if let Some(rank) = as_words.into_iter().chain(as_one).min() {
            found.push((rank, row));
        }
    }
    found.sort_by(|(a, x), (b, y)| {
        let place = |row: &Division| (!row.is_administrative(), row.level);
        (a, place(x), &x.code).cmp(&(b, place(y), &y.code))
    });
    found.into_iter().map(|(_, row)| row).collect()
}

/// How well a word matches a region; 0 is best.
fn rank(tree: &Tree, row: &Division, word: &str) -> Option<u8> {
    let (name, short) = (fold(&row.name), fold(&row.short_name));
    let iso = row.iso.as_ref().is_some_and(|iso| iso.eq_ignore_ascii_case(word));
    if word == name || word == short || row.code.eq_ignore_ascii_case(word) || iso {
        return Some(0);
    }
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let code = row.code.to_ascii_lowercase().starts_with(word).then_some(4);
        return code.or_else(|| by_pinyin(row, word));
    }
    if name.starts_with(word) {
        return Some(2);
    }
    let former = row.former_names.iter();
    let closed = tree.predecessors(&row.code).iter().map(|row| &row.name);
    let before = former.chain(closed).map(|name| fold(name));
    let before = before.filter(|name| name.starts_with(word)).map(|name| name.len()).min();
    match before {
        Some(length) => Some(if length == word.len() { 3 } else { 6 }),
        None => name.contains(word).then_some(5),
    }
}

fn by_pinyin(row: &Division, word: &str) -> Option<u8> {
    let pinyin: Vec<&str> = row.pinyin.as_deref()?.split(' ').collect();
    let short = pinyin.get(..row.short_name.chars().count()).unwrap_or(&pinyin);
    let initials = |syllables: &[&str]| -> String {
        syllables.iter().filter_map(|syllable| syllable.chars().next()).collect()
    };
    if word == short.concat() || word == pinyin.concat() {
        Some(0)
    } else if word == initials(short) || word == initials(&pinyin) {
        Some(1)
    } else if pinyin.concat().starts_with(word) {
        Some(2)
    } else if starts(&pinyin, word) {
        Some(3)
    } else {
        None
    }
}

/// Whether the word is made of starts of the first syllables, in order: `shijz`.
fn starts(syllables: &[&str], word: &str) -> bool {
    // How much of the word the syllables so far can be, each by some of its letters.
    let mut reached = vec![0];
    for syllable in syllables {
        let mut next = Vec::new();
        for begin in reached {
            let rest = word.get(begin..).unwrap_or_default();
            let same = syllable.bytes().zip(rest.bytes()).take_while(|(a, b)| a == b).count();
            next.extend(begin + 1..=begin + same);
        }
        next.sort_unstable();
        next.dedup();
        if next.last() == Some(&word.len()) {
            return true;
        }
        reached = next;
    }
    false
}
