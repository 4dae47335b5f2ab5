//! Where emoji stand in a text. Digits, `©`, `®` and `™` are none without their selector.

use unicode_properties::EmojiStatus;
use unicode_properties::UnicodeEmoji;

const TEXT_SELECTOR: char = '\u{fe0e}';
const EMOJI_SELECTOR: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const JOINER: char = '\u{200d}';
/// Longest sequence in use: flags of tags and couples with skin tones have up to ten code points.
const LONGEST: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emoji {
    /// Code points, at least 1.
    pub len: usize,
    /// Shown as an emoji wherever it stands; else a sign such as `❤` that is text by default.
    pub certain: bool,
}

/// The longest emoji sequence that starts at `at`, if one does.
pub fn at(chars: &[char], at: usize) -> Option<Emoji> {
    let rest = chars.get(at..)?;
    let (&first, rest) = rest.split_first()?;
    if first < '\u{a9}' && !is_keycap_base(first) {
        return None;
    }
    let next = rest.first().copied();
    if is_keycap_base(first) {
        return keycap(rest);
    }
    if next == Some(TEXT_SELECTOR) {
        return None;
    }
    // The common case, a sign and its selector, needs no look-up.
    let plain = next == Some(EMOJI_SELECTOR) && !rest.get(1).copied().is_some_and(continues);
    if !plain
        && next.is_some_and(continues)
        && let Some(len) = longest_known(chars.get(at..)?)
    {
        return Some(Emoji { len, certain: true });
    }
    if next == Some(EMOJI_SELECTOR) && first.is_emoji_char() {
        return Some(Emoji { len: 2, certain: true });
    }
    single(first)
}

/// The characters that are no emoji and no torn-off part of one, and where each stands.
///
/// `found` is what [`at`] says for each place.
pub fn without(chars: &[char], found: &[Option<Emoji>]) -> (Vec<char>, Vec<usize>) {
    let mut visible = Vec::with_capacity(chars.len());
    let mut places = Vec::with_capacity(chars.len());
    let mut place = 0;
    while let (Some(&c), Some(emoji)) = (chars.get(place), found.get(place)) {
        let hidden = emoji.map_or(usize::from(continues(c)), |emoji| emoji.len);
        if hidden == 0 {
            visible.push(c);
            places.push(place);
        }
        place += hidden.max(1);
    }
    (visible, places)
}

/// The characters of a short text that are no emoji.
pub fn strip(chars: &[char]) -> Vec<char> {
    let found: Vec<Option<Emoji>> = (0..chars.len()).map(|place| at(chars, place)).collect();
    without(chars, &found).0
}

fn single(first: char) -> Option<Emoji> {
    match first.emoji_status() {
        EmojiStatus::EmojiPresentation
        | EmojiStatus::EmojiPresentationAndModifierBase
        | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent => {
            Some(Emoji { len: 1, certain: true })
        }
        EmojiStatus::EmojiOther | EmojiStatus::EmojiModifierBase if is_picture(first) => {
            Some(Emoji { len: 1, certain: false })
        }
        _ => None,
    }
}

/// Letter-like and punctuation signs (`™`, `‼`, `〰`, `㊗`) are text.
fn is_picture(c: char) -> bool {
    c >= '\u{2190}' && !matches!(c, '\u{3000}'..='\u{32ff}')
}

fn is_keycap_base(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

fn keycap(rest: &[char]) -> Option<Emoji> {
    match rest {
        [EMOJI_SELECTOR, KEYCAP, ..] => Some(Emoji { len: 3, certain: true }),
        [KEYCAP, ..] => Some(Emoji { len: 2, certain: true }),
        _ => None,
    }
}

/// Whether a second code point can belong to the same emoji.
fn continues(c: char) -> bool {
    let is_flag_letter = matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    let is_skin_tone = matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    let is_tag = matches!(c, '\u{e0020}'..='\u{e007f}');
    is_flag_letter || is_skin_tone || is_tag || matches!(c, EMOJI_SELECTOR | JOINER)
}

/// What an `emoji` found at `at` is where one was put into a text: `❤🔥` and a selector is `❤️`
/// with a `🔥` put into it, and the selector belongs to what stands around.
pub fn inserted(chars: &[char], at: usize, emoji: Emoji) -> Emoji {
    let first = chars.get(at).copied().and_then(single);
    let alone = first.is_some_and(|first| first.certain);
    let ends_selected = chars.get(at + 1) == Some(&EMOJI_SELECTOR) && emoji.len == 2;
    let before = at.checked_sub(1).and_then(|before| single(*chars.get(before)?));
    let torn = before.is_some_and(|before| !before.certain);
    if alone && ends_selected && torn { Emoji { len: 1, ..emoji } } else { emoji }
}

/// Length of the longest sequence of two or more code points that Unicode lists.
fn longest_known(chars: &[char]) -> Option<usize> {
    let most = chars.len().min(LONGEST);
    (2..=most).rev().find(|&len| {
        let text: Option<String> = chars.get(..len).map(|part| part.iter().collect());
        text.is_some_and(|text| emojis::get(&text).is_some())
    })
}
