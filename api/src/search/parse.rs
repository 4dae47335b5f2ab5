//! Queries: what a reader types, taken apart.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use aho_corasick::AhoCorasick;
use aho_corasick::MatchKind;

use super::cut::runs;
use super::fold::Class;
use super::fold::fold;
use crate::error::Error;
use crate::error::Reason;
use crate::region::detect;

/// The longest query, in characters.
pub const LONGEST: usize = 200;
/// The most words of a query.
pub const MOST: usize = 20;

/// Words that say nothing by themselves, when they stand between others.
const PARTICLES: &str =
    "的了着过吗呢吧啊呀么地得与和跟及或在是为被把对从向于以之也都又就还而但则所";

/// A word or a phrase of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Folded.
    pub text: String,
    /// Whether what has it is not wanted.
    pub excluded: bool,
    /// Whether it was in quotes.
    pub quoted: bool,
}

/// Words that the newsroom added. They are never cut.
#[derive(Default)]
pub struct Words(RwLock<Option<Arc<AhoCorasick>>>);

impl Words {
    /// Replaces all of them.
    pub fn set(&self, words: &[String]) -> Result<(), Error> {
        let folded = words.iter().map(|word| fold(word)).filter(|word| !word.is_empty());
        let folded: Vec<String> = folded.collect();
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&folded)
            .map_err(|error| Error::Internal(format!("words: {error}")))?;
        let built = (!folded.is_empty()).then(|| Arc::new(built));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = built;
        Ok(())
    }

    /// Cuts a run of characters into words.
    fn cut<'a>(&self, run: &'a str) -> Vec<&'a str> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (mut words, mut done) = (Vec::new(), 0);
        let found = known.iter().flat_map(|known| known.find_iter(run));
        for (start, end) in found.map(|found| (found.start(), found.end())) {
            words.extend(run.get(done..start).map(detect::words).into_iter().flatten());
            words.extend(run.get(start..end));
            done = end;
        }
        words.extend(run.get(done..).map(detect::words).into_iter().flatten());
        words
    }
}

/// Takes a query apart: words, phrases in quotes of any kind, and those that are not wanted,
/// with a minus before them.
pub fn parse(query: &str, words: &Words) -> Result<Vec<Term>, Error> {
    if query.chars().count() > LONGEST {
        let message = format!("`query` may have at most {LONGEST} characters: ask for less.");
        return Err(Error::invalid("query", Reason::TooLong, message));
    }
    let mut terms: Vec<Term> = Vec::new();
    for part in parts(query) {
        let text = fold(part.text);
        let found = match part.quoted || part.excluded {
            true => vec![text],
            false => cut(&text, words),
        };
        for text in found {
            let term = Term { text, excluded: part.excluded, quoted: part.quoted };
            let same = |known: &Term| known.text == term.text && known.excluded == term.excluded;
            if !term.text.is_empty() && !terms.iter().any(same) {
                terms.push(term);
            }
        }
    }
    if terms.iter().any(|term| !term.excluded && !is_particle(&term.text)) {
        terms.retain(|term| term.quoted || !is_particle(&term.text));
    }
    if terms.len() > MOST {
        let message = format!("`query` has {} words: ask for at most {MOST}.", terms.len());
        return Err(Error::invalid("query", Reason::TooLong, message));
    }
    Ok(terms)
}

struct Part<'a> {
    text: &'a str,
    excluded: bool,
    quoted: bool,
}

/// What stands between spaces or in quotes.
fn parts(query: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let minus = matches!(first, '-' | '－' | '−');
        let excluded = minus && behind.starts_with(|next: char| !next.is_whitespace());
        let body = if excluded { behind } else { rest };
        let open = body.chars().next().unwrap_or(' ');
        let inner = body.get(open.len_utf8()..).unwrap_or_default();
        let closed = closing(open).and_then(|close| inner.split_once(close));
        if let Some((text, after)) = closed {
            parts.push(Part { text, excluded, quoted: true });
            rest = after.trim_start();
            continue;
        }
        let quote = |(at, sign): (usize, char)| at > 0 && closing(sign).is_some();
        let ends = |(at, sign): &(usize, char)| sign.is_whitespace() || quote((*at, *sign));
        let end = body.char_indices().find(ends).map_or(body.len(), |(at, _)| at);
        parts.push(Part { text: body.get(..end).unwrap_or(body), excluded, quoted: false });
        rest = body.get(end..).unwrap_or_default().trim_start();
    }
    parts
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '"' => '"',
        '“' => '”',
        '「' => '」',
        '『' => '』',
        '＂' => '＂',
        _ => return None,
    })
}

/// Cuts what stands between spaces into words. What is beside each other and of letters and
/// numbers is one (GPT-4, 5G).
fn cut(folded: &str, words: &Words) -> Vec<String> {
    let mut cut: Vec<String> = Vec::new();
    // Whether the last one may take what has one character behind it: 2026年, A股.
    let mut open = false;
    let mut ended = 0;
    for run in runs(folded) {
        let touches = ended == run.at;
        ended = run.at + run.text.len();
        if run.class != Class::Dense {
            match cut.last_mut().filter(|_| open) {
                Some(last) => last.extend([if touches { "" } else { " " }, run.text]),
                None => cut.push(run.text.to_owned()),
            }
            open = true;
            continue;
        }
        let mut pieces = words.cut(run.text).into_iter().peekable();
        if open && touches {
            let unit = pieces.next_if(|piece| is_single(piece) && !is_particle(piece));
            if let (Some(unit), Some(last)) = (unit, cut.last_mut()) {
                last.push_str(unit);
            }
        }
        open = false;
        cut.extend(joined(pieces.collect()));
    }
    cut
}

/// Joins what the dictionary does not know: characters by themselves with each other (黄 仁 勋),
/// one alone with what comes behind it (英 伟达).
fn joined(pieces: Vec<&str>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begun = String::new();
    for piece in pieces {
        if is_particle(piece) && begun.is_empty() {
            words.push(piece.to_owned());
        } else if is_single(piece) {
            begun.push_str(piece);
        } else {
            if !is_single(&begun) && !begun.is_empty() {
                words.push(std::mem::take(&mut begun));
            }
            words.push(std::mem::take(&mut begun) + piece);
        }
    }
    match words.last_mut() {
        // 一带一路 is a word; 银行 业 is one, too.
        Some(last) if is_single(&begun) && !is_particle(last) => last.push_str(&begun),
        _ if begun.is_empty() => {}
        _ => words.push(begun),
    }
    words
}

fn is_single(text: &str) -> bool {
    text.chars().count() == 1
}

fn is_particle(text: &str) -> bool {
    is_single(text) && PARTICLES.contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(query: &str) -> Vec<String> {
        let told = |term: Term| match (term.excluded, term.quoted) {
            (false, false) => term.text,
            (true, false) => format!("-{}", term.text),
            (false, true) => format!("[{}]", term.text),
            (true, true) => format!("-[{}]", term.text),
        };
        parse(query, &Words::default()).unwrap().into_iter().map(told).collect()
    }

    #[test]
    fn a_query_is_cut_into_words() {
        assert_eq!(texts("芯片"), ["芯片"]);
        assert_eq!(texts("OpenAI芯片"), ["openai", "芯片"]);
        assert_eq!(texts("北京的天气"), ["北京", "天气"]);
        assert_eq!(texts("ＧＰＴ-4 發布"), ["gpt4", "发布"]);
        assert_eq!(texts("5G手机"), ["5g", "手机"]);
        assert_eq!(texts("2026年经济"), ["2026年", "经济"]);
        assert_eq!(texts("车"), ["车"]);
        assert_eq!(texts("的"), ["的"]);
    }

    #[test]
    fn names_that_no_dictionary_knows_stay_whole() {
        assert_eq!(texts("英伟达"), ["英伟达"]);
        assert_eq!(texts("英伟达芯片"), ["英伟达", "芯片"]);
        assert_eq!(texts("黄仁勋"), ["黄仁勋"]);
        assert_eq!(texts("黄仁勋芯片"), ["黄仁勋", "芯片"]);
        assert_eq!(texts("步道古城"), ["步道", "古城"]);
        assert_eq!(texts("静音步道红嘴鸥"), ["静音", "步道", "红嘴鸥"]);
    }

    #[test]
    fn quotes_keep_phrases_and_a_minus_excludes() {
        assert_eq!(texts("“人工 智能” -股市 芯片"), ["[人工 智能]", "-股市", "芯片"]);
        assert_eq!(texts("a -\"b c\"d"), ["a", "-[b c]", "d"]);
        assert_eq!(texts("芯片\"工厂\""), ["芯片", "[工厂]"]);
        assert_eq!(texts("\"没有结束"), ["没有", "结束"]);
        assert_eq!(texts("- 股市 -"), ["股市"]);
    }

    #[test]
    fn nonsense_has_no_words() {
        for query in ["", " ", "！？", "😀", "\"\"", "-", "«»", "- -", "\u{200b}"] {
            assert_eq!(texts(query), [""; 0], "{query}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(parse(&"长".repeat(LONGEST + 1), &Words::default()).is_err());
        let many: Vec<String> = (0..=MOST).map(|number| format!("{number}x")).collect();
        assert!(parse(&many.join(" "), &Words::default()).is_err());
    }

    #[test]
    fn words_of_the_newsroom_are_not_cut() {
        let words = Words::default();
        let found = |words: &Words| -> Vec<String> {
            let terms = parse("低空经济示范区", words).unwrap();
            terms.into_iter().map(|term| term.text).collect()
        };
        assert_ne!(found(&words)[0], "低空经济");
        words.set(&["低空經濟".into(), "示范区".into()]).unwrap();
        assert_eq!(found(&words), ["低空经济", "示范区"]);
        words.set(&[]).unwrap();
        assert_ne!(found(&words)[0], "低空经济");
    }
}
