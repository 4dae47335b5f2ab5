//! What the index knows of a text: its characters and their pairs, its words of letters and its
//! numbers.
//! Texts and queries are cut in the same way.

use super::fold::Class;
use super::fold::class;

/// So much of a word of letters counts, in characters.
const LONGEST: usize = 40;

/// A run of characters of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// The class; never that of gaps.
    pub class: Class,
    /// The characters.
    pub text: &'a str,
    /// Where it begins, in bytes of the folded text.
    pub at: usize,
}

/// The runs of a folded text.
pub fn runs(folded: &str) -> impl Iterator<Item = Run<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = folded.get(at..)?;
        let gap = rest.find(|sign| class(sign) != Class::Gap)?;
        let (begin, rest) = (at + gap, rest.get(gap..)?);
        let kind = class(rest.chars().next()?);
        let end = rest.find(|sign| class(sign) != kind).unwrap_or(rest.len());
        at = begin + end;
        Some(Run { class: kind, text: rest.get(..end)?, at: begin })
    })
}

/// The tokens of a folded text, each once.
pub fn tokens(folded: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for run in runs(folded) {
        if run.class == Class::Dense {
            tokens.extend(singles(run.text).chain(pairs(run.text)));
        } else {
            tokens.push(short(run.text));
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The tokens that a text has if it has these characters, and whether to have them is to have
/// those.
pub fn wanted(folded: &str) -> (Vec<&str>, bool) {
    let mut wanted = Vec::new();
    let mut certain = true;
    for (nth, run) in runs(folded).enumerate() {
        let length = run.text.chars().count();
        certain &= nth == 0;
        if run.class != Class::Dense {
            certain &= length < LONGEST;
            wanted.push(short(run.text));
        } else if length == 1 {
            wanted.push(run.text);
        } else {
            certain &= length == 2;
            wanted.extend(pairs(run.text));
        }
    }
    (wanted, certain)
}

fn pairs(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.char_indices().skip(2).map(|(at, _)| at).chain([text.len()]);
    let begins = text.char_indices().map(|(at, _)| at);
    let pairs = begins.zip(ends).filter_map(|(begin, end)| text.get(begin..end));
    pairs.filter(|pair| pair.chars().nth(1).is_some())
}

fn singles(text: &str) -> impl Iterator<Item = &str> {
    let end = |(at, sign): (usize, char)| text.get(at..at + sign.len_utf8());
    text.char_indices().filter_map(end)
}

fn short(word: &str) -> &str {
    let end = word.char_indices().nth(LONGEST).map_or(word.len(), |(at, _)| at);
    word.get(..end).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_pairs_words_and_numbers() {
        assert_eq!(tokens("openai芯片"), ["openai", "片", "芯", "芯片"]);
        assert_eq!(tokens("iphone15看新车"), ["15", "iphone", "新", "新车", "看", "看新", "车"]);
        assert_eq!(tokens("ab cd ab"), ["ab", "cd"]);
        assert_eq!(tokens(""), [""; 0]);
        assert_eq!(tokens(&"x".repeat(50)), ["x".repeat(40)]);
    }

    #[test]
    fn what_is_asked_for_is_cut_in_the_same_way() {
        assert_eq!(wanted("芯片"), (vec!["芯片"], true));
        assert_eq!(wanted("openai"), (vec!["openai"], true));
        assert_eq!(wanted("英伟达"), (vec!["英伟", "伟达"], false));
        assert_eq!(wanted("车"), (vec!["车"], true));
        assert_eq!(wanted("2026年"), (vec!["2026", "年"], false));
    }
}
