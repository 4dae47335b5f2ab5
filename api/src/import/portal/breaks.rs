//! Which blanks of a body line are paragraph breaks (rule 6).
//!
//! Emoji are looked through here: a decoy can stand inside 展开全文, a name or a section number,
//! and it is only known as a decoy once the breaks are known.

use super::emoji;
use super::emoji::Emoji;
use super::marks;

/// What a character of a body line counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A character of the text; also a blank that stays.
    Text,
    /// The blank that a paragraph break was collapsed to.
    Break,
    /// A further blank of the same break.
    Rest,
}

/// Closing punctuation that stands inside sentences too.
const WEAK_CLOSERS: &str = "）)】》〉〕］]～；;.\"'";

/// A body line with what its blanks mean.
#[derive(Debug, Default)]
pub struct Line {
    pub chars: Vec<char>,
    /// As many as `chars`.
    pub roles: Vec<Role>,
    /// The emoji that starts at each place, as many as `chars`.
    pub emoji: Vec<Option<Emoji>>,
    /// Where the text ends: at 返回X,查看更多, or at the blanks at the end.
    pub end: usize,
}

/// Reads the blanks of a line whose entities are decoded.
pub fn read(text: &str) -> Line {
    let chars: Vec<char> = text.chars().collect();
    let emoji: Vec<Option<Emoji>> = (0..chars.len()).map(|at| emoji::at(&chars, at)).collect();
    let (visible, places) = emoji::without(&chars, &emoji);
    let mut roles = vec![Role::Text; chars.len()];
    mark_breaks(&visible, &places, &mut roles);
    let source = marks::source(&visible).and_then(|source| places.get(source.start));
    let blanks = chars.iter().rev().take_while(|c| c.is_whitespace()).count();
    let end = source.copied().unwrap_or(chars.len() - blanks);
    Line { chars, roles, emoji, end }
}

/// The emoji that starts at `at`.
pub fn emoji_at(line: &Line, at: usize) -> Option<Emoji> {
    line.emoji.get(at).copied().flatten()
}

/// The other thing that a doubtful blank can be.
pub fn other(role: Role) -> Role {
    match role {
        Role::Text => Role::Break,
        Role::Break => Role::Text,
        Role::Rest => Role::Rest,
    }
}

/// Whether a blank may be the other thing: a break behind a bracket may be none, a blank behind
/// a word may be one. The ends of sentences and the blanks of bylines and heading numbers are
/// sure.
pub fn is_doubtful(line: &Line, at: usize) -> bool {
    if !line.chars.get(at).is_some_and(|c| c.is_whitespace()) {
        return false;
    }
    let [before, after] = sides(line, at);
    let is_bar = |c: Option<char>| matches!(c, Some('|' | '｜'));
    match line.roles.get(at) {
        Some(Role::Break) => before.is_some_and(|c| WEAK_CLOSERS.contains(c)),
        Some(Role::Text) => !is_bar(before) && !is_bar(after),
        Some(Role::Rest) | None => false,
    }
}

/// On how many sides of a blank a Latin letter or a digit stands.
pub fn latin_sides(line: &Line, at: usize) -> usize {
    sides(line, at).into_iter().flatten().filter(char::is_ascii_alphanumeric).count()
}

fn sides(line: &Line, at: usize) -> [Option<char>; 2] {
    [at.checked_sub(1), at.checked_add(1)].map(|at| line.chars.get(at?).copied())
}

/// Walks from block to block.
fn mark_breaks(visible: &[char], places: &[usize], roles: &mut [Role]) {
    let mut at = marks::blanks(visible);
    let mut heading = 1;
    while let Some(block) = visible.get(at..).filter(|block| !block.is_empty()) {
        let end = at + block_end(block, &mut heading);
        let blanks = marks::blanks(visible.get(end..).unwrap_or_default());
        mark_run(places.get(end..end + blanks).unwrap_or_default(), roles);
        at = end + blanks;
    }
}

/// One break: its first blank counts, blanks straight after it are the same break.
fn mark_run(places: &[usize], roles: &mut [Role]) {
    let mut previous = None;
    for &place in places {
        let role = match previous {
            None => Role::Break,
            Some(before) if before + 1 == place => Role::Rest,
            // An emoji stands between: a decoy that split the break, or text.
            Some(_) => break,
        };
        if let Some(slot) = roles.get_mut(place) {
            *slot = role;
        }
        previous = Some(place);
    }
}

/// Length of the block at the start of `text`, up to its break.
fn block_end(text: &[char], heading: &mut u32) -> usize {
    if let Some(byline) = marks::byline(text) {
        return byline;
    }
    if marks::heading_number(text, *heading) {
        *heading += 1;
        let number = 2 + marks::blanks(text.get(2..).unwrap_or_default());
        let title = text.get(number..).unwrap_or_default();
        return number + title.iter().position(|c| c.is_whitespace()).unwrap_or(title.len());
    }
    paragraph_end(text)
}

fn paragraph_end(text: &[char]) -> usize {
    let mut at = 0;
    while let Some(blank) = next_blank(text, at) {
        let before = text.get(..blank).unwrap_or_default();
        let run = marks::blanks(text.get(blank..).unwrap_or_default());
        let after = text.get(blank + run..).unwrap_or_default();
        let line_end = text.get(blank..blank + run).is_some_and(|run| run.contains(&'\n'));
        if line_end || closes(before) || ends_with_fold(before) || marks::starts_mark(after) {
            return blank;
        }
        at = blank + run;
    }
    text.len()
}

fn next_blank(text: &[char], from: usize) -> Option<usize> {
    let found = text.get(from..)?.iter().position(|c| c.is_whitespace())?;
    Some(from + found)
}

/// 展开全文 as a block, or hanging on a finished sentence.
fn ends_with_fold(before: &[char]) -> bool {
    let fold: Vec<char> = marks::FOLD.chars().collect();
    before.strip_suffix(fold.as_slice()).is_some_and(|rest| rest.is_empty() || closes(rest))
}

/// Whether a text ends with closing punctuation.
pub fn closes(text: &[char]) -> bool {
    let Some((&last, rest)) = text.split_last() else {
        return false;
    };
    match last {
        '。' | '！' | '？' | '!' | '?' | '…' | '；' | '．' | '｡' => true,
        '”' | '’' | '」' | '』' | '）' | ')' | '】' | '》' | '〉' | '〕' | '］' | ']' | '～' => {
            true
        }
        // After a Latin letter or a digit these belong to the word, the number or an entity that
        // was meant to be seen: `Inc.`, `5"`, `&amp;`.
        '.' | ';' | '"' | '\'' => rest.last().is_some_and(|c| !c.is_ascii_alphanumeric()),
        _ => false,
    }
}
