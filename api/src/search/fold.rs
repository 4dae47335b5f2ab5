//! Texts as they are compared: without differences of width, case, accents, of simplified and
//! traditional characters, and without what is put between characters to look nice.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::GeneralCategory;
use unicode_properties::UnicodeGeneralCategory;

use crate::region::search::simplified;

/// More characters with the ones that are the same for search, two a line: names of regions use
/// some of them as they are.
const VARIANTS: &str = include_str!("../../data/variants.txt");
/// The block of Unicode that nearly all Chinese characters are in.
const COMMON: RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';
/// What each of these is for search.
static FOLDED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let pair = |line: &str| {
        let mut pair = line.chars();
        Some((pair.next()?, pair.next()?))
    };
    let variants: HashMap<char, char> = VARIANTS.lines().filter_map(pair).collect();
    COMMON.map(|sign| variants.get(&sign).copied().unwrap_or_else(|| simplified(sign))).collect()
});

/// What a folded character is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Writing without spaces between words: Chinese characters, kana, Hangul, Thai and the like.
    Dense,
    /// A word of letters.
    Letter,
    /// A number.
    Digit,
    /// What stands between: one space, however much of it there was.
    Gap,
}

/// A folded text. A character of it comes from some bytes of the original.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// The characters.
    pub text: String,
    /// Where each character of `text` begins there, and where it comes from.
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    at: u32,
    from: u32,
    to: u32,
}

/// Folds a text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    each(text, |sign, _, _| folded.push(sign));
    folded
}

impl Folded {
    /// Folds a text, and remembers where its characters come from.
    pub fn of(text: &str) -> Self {
        let places = Vec::with_capacity(text.len() / 3);
        let mut folded = Self { text: String::with_capacity(text.len()), places };
        let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        each(text, |sign, from, to| {
            let at = short(folded.text.len());
            folded.places.push(Place { at, from: short(from), to: short(to) });
            folded.text.push(sign);
        });
        folded
    }

    /// The bytes of the original that some bytes of the folded text come from.
    pub fn origin(&self, from: usize, to: usize) -> (usize, usize) {
        let before = |end: usize| self.places.partition_point(|place| (place.at as usize) < end);
        let (first, last) = (self.places.get(before(from)), before(to).checked_sub(1));
        let last = last.and_then(|last| self.places.get(last));
        match (first, last) {
            (Some(first), Some(last)) => (first.from as usize, last.to as usize),
            _ => (0, 0),
        }
    }
}

/// Hands out the folded characters, each with the bytes that it comes from. A gap is between two
/// of the same class only: it makes no difference whether there is space around what is Latin.
fn each(text: &str, mut take: impl FnMut(char, usize, usize)) {
    let mut gap: Option<(usize, usize)> = None;
    let mut last: Option<Class> = None;
    let mut push = |sign: char, from: usize, to: usize| {
        let kind = class(sign);
        if kind == Class::Gap {
            gap = gap.or(Some((from, to)));
            return;
        }
        if let Some((from, to)) = gap.take().filter(|_| last == Some(kind)) {
            take(' ', from, to);
        }
        last = Some(kind);
        take(sign, from, to);
    };
    for (from, original) in text.char_indices() {
        let to = from + original.len_utf8();
        if let Some(sign) = quick(original) {
            push(sign, from, to);
            continue;
        }
        let parts = std::iter::once(original).nfkd().filter(|sign| !is_accent(*sign)).nfc();
        for sign in parts.filter(|sign| !is_nothing(*sign)).flat_map(char::to_lowercase) {
            push(alike(sign), from, to);
        }
    }
}

/// The character that this one is for search.
fn alike(sign: char) -> char {
    let at = (sign as usize).checked_sub(*COMMON.start() as usize);
    at.and_then(|at| FOLDED.get(at).copied()).unwrap_or_else(|| simplified(sign))
}

/// Most characters need no tables but one. What is a gap may be any gap.
fn quick(sign: char) -> Option<char> {
    match sign {
        'a'..='z' | '0'..='9' => Some(sign),
        'A'..='Z' => Some(sign.to_ascii_lowercase()),
        '\u{4e00}'..='\u{9fff}' => Some(alike(sign)),
        '\0'..='\x7f'
        | '、'
        | '。'
        | '，'
        | '：'
        | '；'
        | '！'
        | '？'
        | '（'
        | '）'
        | '“'
        | '”'
        | '‘'
        | '’'
        | '《'
        | '》' => Some(' '),
        _ => None,
    }
}

/// What stands inside of words and is not part of them: emoji, joiners, marks of direction.
fn is_nothing(sign: char) -> bool {
    use GeneralCategory as Category;
    matches!(
        sign.general_category(),
        Category::Format | Category::OtherSymbol | Category::Unassigned | Category::PrivateUse
    ) || matches!(sign, '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Accents of letters and sound marks of kana; other marks are part of the writing.
fn is_accent(sign: char) -> bool {
    matches!(sign, '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}')
}

/// What a folded character is part of.
pub fn class(sign: char) -> Class {
    match sign {
        'a'..='z' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\u{4e00}'..='\u{9fff}' => Class::Dense,
        // Thai, Lao, Tibetan, Myanmar, Khmer; Hangul; kana, Bopomofo; Chinese characters.
        '\u{e00}'..='\u{fff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
            if sign.is_alphanumeric() || is_combining_mark(sign) =>
        {
            Class::Dense
        }
        _ if sign.is_numeric() => Class::Digit,
        _ if sign.is_alphabetic() || is_combining_mark(sign) => Class::Letter,
        _ => Class::Gap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_different_and_mean_the_same_fold_together() {
        for (text, same) in [
            ("ＯｐｅｎＡＩ芯片", "openai芯片"),
            ("臺灣總統府", "台湾总统府"),
            ("為眾裡説綫乾", "为众里说线干"),
            ("Café Zürich", "cafe zurich"),
            ("Cafe\u{301}", "cafe"),
            ("O🤔penAI 将成\u{200b}😜为", "openai将成为"),
            ("  中国，\n经济！ ", "中国 经济"),
            ("GPT-4 is", "gpt4is"),
            ("２０２６年", "2026年"),
            ("👨‍👩‍👧", ""),
            ("㍿", "株式会社"),
            ("한국 ガス", "한국 カス"),
            ("ｶﾞｽ", "カス"),
        ] {
            assert_eq!(fold(text), same);
            assert_eq!(Folded::of(text).text, same);
        }
    }

    #[test]
    fn a_folded_place_leads_back_to_its_original() {
        let text = "看，Ｏ🤔ＰＥＮ臺灣";
        let folded = Folded::of(text);
        assert_eq!(folded.text, "看open台湾");
        let at = folded.text.find("open").unwrap();
        let (from, to) = folded.origin(at, at + 4);
        assert_eq!(&text[from..to], "Ｏ🤔ＰＥＮ");
        let at = folded.text.find('湾').unwrap();
        let (from, to) = folded.origin(at, at + 3);
        assert_eq!(&text[from..to], "灣");
        assert_eq!(folded.origin(100, 200), (0, 0));
    }
}
