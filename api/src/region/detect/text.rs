//! A text with its words, folded for comparing.

use std::collections::HashMap;
use std::sync::LazyLock;

use jieba_rs::Jieba;
use unicode_normalization::UnicodeNormalization;

use crate::region::search::simplified;

/// The dictionary of words; read when a text is first looked at.
static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// The words of a text, as a dictionary alone cuts it: the same text always has the same words.
pub fn words(text: &str) -> Vec<&str> {
    JIEBA.cut(text, false).into_iter().map(|word| word.word).collect()
}

/// A folded text. Places are counted in its characters.
pub struct Text {
    folded: String,
    /// Where each character begins in `folded`, and where the last one ends.
    bytes: Vec<usize>,
    /// From which character of the original each one comes, and their number.
    origins: Vec<usize>,
    /// The end of the word that begins at a place.
    words: HashMap<usize, usize>,
    /// Where titles of works begin and end, in order.
    titles: Vec<(usize, usize)>,
}

impl Text {
    /// Folds a text and finds its words.
    pub fn new(original: &str) -> Self {
        let (mut folded, mut bytes, mut origins) = (String::new(), Vec::new(), Vec::new());
        for (at, sign) in original.chars().enumerate() {
            for sign in std::iter::once(sign).nfkc().flat_map(char::to_lowercase) {
                bytes.push(folded.len());
                origins.push(at);
                folded.push(simplified(sign));
            }
        }
        bytes.push(folded.len());
        origins.push(original.chars().count());
        let words = JIEBA.cut(&folded, false).iter().map(|word| (word.start, word.end)).collect();
        let (mut titles, mut open) = (Vec::new(), None);
        for (place, sign) in folded.chars().enumerate() {
            match sign {
                '《' => open = open.or(Some(place)),
                '》' => titles.extend(open.take().map(|start| (start, place))),
                _ => {}
            }
        }
        Self { folded, bytes, origins, words, titles }
    }

    /// How many characters it has.
    pub fn len(&self) -> usize {
        self.bytes.len() - 1
    }

    /// The characters from a place to before another; empty beyond the end.
    pub fn slice(&self, from: usize, to: usize) -> &str {
        let end = self.bytes.get(to.min(self.len())).copied().unwrap_or_default();
        let start = self.bytes.get(from).copied().unwrap_or(end);
        self.folded.get(start..end).unwrap_or_default()
    }

    /// The character at a place.
    pub fn at(&self, place: usize) -> Option<char> {
        self.slice(place, place + 1).chars().next()
    }

    /// The place in the original.
    pub fn origin(&self, place: usize) -> usize {
        self.origins.get(place).or(self.origins.last()).copied().unwrap_or_default()
    }

    /// Whether a place stands in the title of a work: 《重庆森林》.
    pub fn in_title(&self, place: usize) -> bool {
        let next = self.titles.partition_point(|(_, end)| *end < place);
        self.titles.get(next).is_some_and(|(start, _)| *start < place)
    }

    /// The word that begins at a place.
    pub fn word(&self, from: usize) -> Option<&str> {
        self.words.get(&from).map(|end| self.slice(from, *end))
    }

    /// Whether a word runs over a place: begins before it and ends behind it.
    pub fn runs_over(&self, place: usize) -> bool {
        let nearest = (1..=8).filter_map(|back| place.checked_sub(back));
        nearest.into_iter().any(|from| self.words.get(&from).is_some_and(|end| *end > place))
    }

    /// The longest word of the dictionary that begins at a place and has at most
    /// `most` characters.
    pub fn longest_word(&self, from: usize, most: usize) -> Option<&str> {
        let ends = (1..=most).rev().map(|length| from + length).filter(|end| *end <= self.len());
        ends.map(|end| self.slice(from, end)).find(|word| JIEBA.has_word(word))
    }

    /// Whether a word ends inside `from..to`, begun before it, and another begins
    /// there and runs on behind: 晚上|海底捞.
    pub fn is_crossed(&self, from: usize, to: usize, is_country: impl Fn(&str) -> bool) -> bool {
        let starts = from.saturating_sub(3)..from;
        starts.into_iter().any(|start| {
            (from + 1..to).any(|middle| {
                let word = self.slice(start, middle);
                let ends = to + 1..=(to + 3).min(self.len());
                JIEBA.has_word(word)
                    && (is_country(word)
                        || ends.into_iter().any(|end| JIEBA.has_word(self.slice(middle, end))))
            })
        })
    }
}
