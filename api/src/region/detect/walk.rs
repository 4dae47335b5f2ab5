//! The walk through a text, from name to name.

use std::collections::HashMap;

use super::Names;
use super::Rule;
use super::Tag;
use super::text::Text;
use super::words::WORDS;
use crate::region::Level;
use crate::region::Tree;

/// Signs that may stand inside a chain: 浙江省-杭州市, 安徽/合肥.
const INSIDE_CHAIN: &str = "·-/ :,—~";
const END_OF_SENTENCE: &str = "。!?;\n";
const BETWEEN_ITEMS: &str = "、和与及";
/// So many characters of a text are looked at.
const LONGEST_TEXT: usize = 50_000;
/// So many names back may decide about one that several regions bear.
const NEARBY: usize = 20;

/// The tags of a text.
pub fn tags(tree: &Tree, names: &Names, original: &str) -> Vec<Tag> {
    let original = match original.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => original.get(..end).unwrap_or(original),
        None => original,
    };
    let text = Text::new(original);
    let places: Vec<usize> = original.char_indices().map(|(at, _)| at).collect();
    let surface = |start: usize, end: usize| {
        let byte = |place: usize| places.get(place).copied().unwrap_or(original.len());
        original.get(byte(start)..byte(end)).unwrap_or_default().to_owned()
    };
    let mut walk = Walk { tree, names, text: &text, found: Vec::new(), sentence: 0 };
    let mut place = 0;
    while place < text.len() {
        if text.at(place).is_some_and(|sign| END_OF_SENTENCE.contains(sign)) {
            walk.sentence += 1;
        }
        place = walk.step(place);
    }
    let tag = |found: &Found| {
        let (start, end) = (text.origin(found.start), text.origin(found.end - 1) + 1);
        Some(Tag {
            name: tree.get(&found.code)?.name.clone(),
            code: found.code.clone(),
            surface: surface(start, end),
            offset: start,
            rule: found.rule,
        })
    };
    walk.found.iter().filter_map(tag).collect()
}

struct Walk<'a> {
    tree: &'a Tree,
    names: &'a Names,
    text: &'a Text,
    found: Vec<Found>,
    sentence: usize,
}

struct Found {
    code: String,
    start: usize,
    end: usize,
    sentence: usize,
    rule: Rule,
}

/// What stands at a place.
enum Match {
    /// A region, up to this end.
    Region(String, usize, Rule),
    /// Something else, to be passed over up to this end.
    Other(usize),
}

impl Walk<'_> {
    /// Looks at a place; the next one to look at.
    fn step(&mut self, start: usize) -> usize {
        let (mut code, mut end, mut rule) = match self.at(start) {
            Some(Match::Region(code, end, rule)) => (code, end, rule),
            Some(Match::Other(end)) => return end.max(start + 1),
            None => return start + 1,
        };
        while let Some((lower, lower_end)) = self.chained(&code, end) {
            (code, end, rule) = (lower, lower_end, Rule::Chain);
        }
        self.found.push(Found { code, start, end, sentence: self.sentence, rule });
        end
    }

    fn at(&self, start: usize) -> Option<Match> {
        let text = self.text;
        for end in (start + 2..=start + 8).rev() {
            let other = WORDS.has("words", text.slice(start, end));
            if other && end <= text.len() && !text.runs_over(end) {
                return Some(Match::Other(end));
            }
        }
        if text.in_title(start) {
            return None;
        }
        let abroad = (2..=5).filter_map(|length| start.checked_sub(length));
        let abroad = abroad.into_iter().any(|from| WORDS.has("countries", text.slice(from, start)));
        let full = longest(&self.names.full, self.names.longest, text, start);
        let torn = |end: usize| WORDS.has("torn", text.slice(end - 1, end + 1));
        if let Some((codes, end)) = full.filter(|(_, end)| !torn(*end)) {
            return match codes.as_slice() {
                _ if abroad => Some(Match::Other(end)),
                [code] if !WORDS.has("generic", text.slice(start, end)) => {
                    let whole = end - start > 3 || !text.runs_over(start);
                    whole.then(|| Match::Region(code.clone(), end, Rule::FullName))
                }
                _ => Some(match self.nearby(codes) {
                    Some(code) => Match::Region(code, end, Rule::Context),
                    None => Match::Other(end),
                }),
            };
        }
        let (code, end) = longest(&self.names.known, self.names.longest, text, start)?;
        if abroad { Some(Match::Other(end)) } else { self.short(code, start, end) }
    }

    /// A short name, if nothing speaks against it.
    fn short(&self, code: &str, start: usize, end: usize) -> Option<Match> {
        let text = self.text;
        let crossed = || text.is_crossed(start, end, |word| WORDS.has("countries", word));
        if self.chained(code, end).is_some() && !crossed() {
            return Some(Match::Region(code.to_owned(), end, Rule::ShortName));
        }
        let between = start.checked_sub(1).and_then(|before| text.at(before));
        let listed = between.is_some_and(|sign| BETWEEN_ITEMS.contains(sign))
            && self.found.last().is_some_and(|found| found.end + 1 == start);
        if listed {
            return Some(Match::Region(code.to_owned(), end, Rule::List));
        }
        if WORDS.has("everyday", text.slice(start, end)) {
            return Some(Match::Other(end));
        }
        if text.runs_over(start) || text.runs_over(end) {
            let longer = text.word(start).map(|word| start + word.chars().count());
            return longer.filter(|longer| *longer > end).map(Match::Other);
        }
        if crossed() {
            return None;
        }
        if self.is_given_name(start) || self.belongs_to_next(end) {
            return Some(Match::Other(end));
        }
        Some(Match::Region(code.to_owned(), end, Rule::ShortName))
    }

    /// The region below `code` that is named right behind it, and where that ends.
    fn chained(&self, code: &str, end: usize) -> Option<(String, usize)> {
        let text = self.text;
        let sign = text.at(end)?;
        let start = if INSIDE_CHAIN.contains(sign) { end + 1 } else { end };
        let below = |code: &str, codes: &[String]| -> Vec<String> {
            let lies = |lower: &&String| self.tree.above(lower).iter().any(|row| row.code == code);
            codes.iter().filter(lies).cloned().collect()
        };
        for end in self.ends(start) {
            let codes = self.names.full.get(text.slice(start, end));
            if let Some(lower) = codes.and_then(|codes| self.highest(below(code, codes))) {
                return Some((lower, end));
            }
        }
        for end in self.ends(start) {
            let codes = self.names.short.get(text.slice(start, end));
            let Some(lower) = codes.and_then(|codes| self.highest(below(code, codes))) else {
                continue;
            };
            let whole = !text.runs_over(end) && !self.belongs_to_next(end);
            return whole.then_some((lower, end));
        }
        None
    }

    /// Ends of names that begin at a place, the longest first.
    fn ends(&self, start: usize) -> impl Iterator<Item = usize> {
        let most = (start + self.names.longest).min(self.text.len());
        (start + 2..=most).rev()
    }

    /// The one of these regions, or the only one of the highest level.
    fn highest(&self, codes: Vec<String>) -> Option<String> {
        let prefecture =
            |code: &&String| self.tree.get(code).is_some_and(|row| row.level == Level::Prefecture);
        let higher: Vec<&String> = codes.iter().filter(prefecture).collect();
        match (higher.as_slice(), codes.as_slice()) {
            ([code], _) => Some((*code).clone()),
            ([], [code]) => Some(code.clone()),
            _ => None,
        }
    }

    /// Which of several regions of one name is meant: the one below the last
    /// region of this sentence or the one before.
    fn nearby(&self, codes: &[String]) -> Option<String> {
        for found in self.found.iter().rev().take(NEARBY) {
            if self.sentence > found.sentence + 1 {
                break;
            }
            let above = self.tree.above(&found.code);
            let ancestors = above.iter().map(|row| row.code.as_str());
            for ancestor in std::iter::once(found.code.as_str()).chain(ancestors) {
                let lies =
                    |code: &&String| self.tree.above(code).iter().any(|row| row.code == ancestor);
                let below: Vec<&String> = codes.iter().filter(lies).collect();
                match below.as_slice() {
                    [] => {}
                    [code] => return Some((*code).clone()),
                    _ => return None,
                }
            }
        }
        None
    }

    /// Whether a surname stands alone before the name: 何云南.
    fn is_given_name(&self, start: usize) -> bool {
        let Some(before) = start.checked_sub(1) else { return false };
        let alone = self.text.word(before).is_some_and(|word| word.chars().count() == 1);
        alone && WORDS.has("surnames", self.text.slice(before, start))
    }

    /// Whether the words behind make the name part of another: 兰州拉面.
    fn belongs_to_next(&self, end: usize) -> bool {
        let text = self.text;
        let Some(word) = text.word(end).or_else(|| text.longest_word(end, 5)) else {
            return false;
        };
        if WORDS.has("free", word) {
            return false;
        }
        let ends = |word: &str| WORDS.list("after-end").any(|end| word.ends_with(end));
        let whole = |word: &str| {
            let club = word.strip_suffix("队").or_else(|| word.strip_suffix("俱乐部"));
            WORDS.has("after", club.unwrap_or(word)) || WORDS.has("after", word) || ends(word)
        };
        let long = word.chars().count() > 1;
        if WORDS.has("after", word) || (long && whole(word)) {
            return true;
        }
        let next = text.word(end + word.chars().count()).unwrap_or_default();
        let qualified = WORDS.has("kinds", word) && whole(next);
        let both = format!("{word}{next}");
        word != "的" && !next.is_empty() && (whole(&both) || qualified)
    }
}

/// The longest name of a map that begins at a place, and where it ends.
fn longest<'a, T>(
    names: &'a HashMap<String, T>,
    most: usize,
    text: &Text,
    start: usize,
) -> Option<(&'a T, usize)> {
    let ends = (start + 2..=(start + most).min(text.len())).rev();
    ends.into_iter().find_map(|end| Some((names.get(text.slice(start, end))?, end)))
}
