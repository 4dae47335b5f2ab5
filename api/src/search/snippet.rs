//! Where words are in a text, and what a list of results shows of it.

use super::fold::Class;
use super::fold::Folded;
use super::fold::class;
use super::index::FOUND;
use super::index::beginning;
use super::parse::Term;

/// A snippet has about so many characters.
const LENGTH: usize = 120;
/// So many of them before the first word.
const BEFORE: usize = 20;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Plain text.
    pub text: String,
    /// Whether it is one of the words.
    pub matched: bool,
}

/// Whether a title or a text has each word, and none that is not wanted.
pub fn has(title: &Folded, text: &Folded, terms: &[Term]) -> bool {
    let found = |term: &Term| {
        [title, text].iter().any(|folded| places(&folded.text, &term.text).next().is_some())
    };
    terms.iter().all(|term| found(term) != term.excluded)
}

/// A text with its words marked; as much of it as can be found.
pub fn folded(text: &str) -> Folded {
    Folded::of(beginning(text, FOUND))
}

/// The whole text, in pieces.
pub fn whole(text: &str, folded: &Folded, terms: &[Term]) -> Vec<Piece> {
    pieces(text, &matches(folded, terms), 0, text.len())
}

/// The part of the text around the first word, in pieces; its beginning if there is none.
pub fn snippet(text: &str, folded: &Folded, terms: &[Term]) -> Vec<Piece> {
    let matches = matches(folded, terms);
    let first = matches.first().map_or(0, |(from, _)| *from);
    let ahead = text.get(..first).unwrap_or_default();
    let from = ahead.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let rest = text.get(from..).unwrap_or_default();
    let to = rest.char_indices().nth(LENGTH).map_or(text.len(), |(at, _)| from + at);
    let mut pieces = pieces(text, &matches, from, to);
    for piece in &mut pieces {
        piece.text = piece.text.replace(['\n', '\r', '\t'], " ");
    }
    let more = |text: &str| Piece { text: text.into(), matched: false };
    if from > 0 {
        pieces.insert(0, more("…"));
    }
    if to < text.len() {
        pieces.push(more("…"));
    }
    pieces
}

/// Where the words are in the original, in order, each place once.
fn matches(folded: &Folded, terms: &[Term]) -> Vec<(usize, usize)> {
    let wanted = terms.iter().filter(|term| !term.excluded);
    let found = wanted.flat_map(|term| places(&folded.text, &term.text));
    let mut found: Vec<_> = found.map(|(from, to)| folded.origin(from, to)).collect();
    found.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::new();
    for (from, to) in found {
        match apart.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// Where a folded text has a folded word. What begins or ends with a letter or a digit begins or
/// ends a word or a number there.
fn places<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    let whole = move |from: usize, to: usize| {
        let begins = splits(text.get(..from).unwrap_or_default(), word);
        begins && splits(word, text.get(to..).unwrap_or_default())
    };
    let mut next = 0;
    std::iter::from_fn(move || {
        while !word.is_empty() {
            let from = next + text.get(next..)?.find(word)?;
            let to = from + word.len();
            if whole(from, to) {
                next = to;
                return Some((from, to));
            }
            // The next one may overlap one that is none.
            next = from + text.get(from..)?.chars().next()?.len_utf8();
        }
        None
    })
}

/// Whether what follows may be another word.
fn splits(before: &str, after: &str) -> bool {
    let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next()) else {
        return true;
    };
    let kind = class(last);
    kind != class(first) || !matches!(kind, Class::Letter | Class::Digit)
}

fn pieces(text: &str, matches: &[(usize, usize)], from: usize, to: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut add = |from: usize, to: usize, matched: bool| {
        let text = text.get(from..to).unwrap_or_default();
        if !text.is_empty() {
            pieces.push(Piece { text: text.into(), matched });
        }
    };
    let mut done = from;
    for (begin, end) in matches {
        let (begin, end) = ((*begin).clamp(done, to), (*end).clamp(done, to));
        add(done, begin, false);
        add(begin, end, true);
        done = end;
    }
    add(done, to, false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::parse::Words;
    use crate::search::parse::parse;

    fn marked(pieces: Vec<Piece>) -> String {
        let told = |piece: Piece| match piece.matched {
            true => format!("[{}]", piece.text),
            false => piece.text,
        };
        pieces.into_iter().map(told).collect()
    }

    fn in_whole(text: &str, query: &str) -> String {
        let terms = parse(query, &Words::default()).unwrap();
        marked(whole(text, &folded(text), &terms))
    }

    #[test]
    fn words_are_marked_as_they_are_written() {
        assert_eq!(in_whole("国产ＡＩ芯片量产", "芯片 ai"), "国产[ＡＩ芯片]量产");
        assert_eq!(in_whole("臺灣的晶片", "台湾"), "[臺灣]的晶片");
        assert_eq!(in_whole("start art, Art", "art"), "start [art], [Art]");
        assert_eq!(in_whole("12 2026 2026年", "2026"), "12 [2026] [2026]年");
        assert_eq!(in_whole("Open AI，OpenAI", "openai"), "Open AI，[OpenAI]");
        assert_eq!(in_whole("xa a a", "\"a a\""), "xa [a a]");
        assert_eq!(in_whole("一二一二一", "\"一二一\""), "[一二一]二一");
    }

    #[test]
    fn a_snippet_begins_shortly_before_the_first_word() {
        let text = format!("{}芯片\n好{}", "前".repeat(50), "后".repeat(200));
        let terms = parse("芯片", &Words::default()).unwrap();
        let shown = marked(snippet(&text, &folded(&text), &terms));
        let expected = format!("…{}[芯片] 好{}…", "前".repeat(20), "后".repeat(96));
        assert_eq!(shown, expected);
        let short = "没有这个词";
        assert_eq!(marked(snippet(short, &folded(short), &terms)), short);
    }

    #[test]
    fn an_article_has_each_word_and_none_that_is_not_wanted() {
        let (title, text) = (folded("英伟达涨价"), folded("新的芯片，比 B200 快。英 伟达"));
        for (query, expected) in [
            ("英伟达 芯片", true),
            ("英伟达 手机", false),
            ("芯片 -英伟达", false),
            ("芯片 -手机", true),
            ("b20", false),
            ("b200", true),
            ("\"芯片 比\"", true),
            ("\"芯片比\"", false),
        ] {
            let terms = parse(query, &Words::default()).unwrap();
            assert_eq!(has(&title, &text, &terms), expected, "{query}");
        }
    }
}
