//! Marks of a portal inside a text that are not text (rule 7): byline, fold, source; and the
//! heading number.

/// The fold, a block of its own.
pub const FOLD: &str = "展开全文";
/// Longest source or author name that is believed.
const LONGEST_NAME: usize = 40;

/// Length of a byline, `文 | NAME`, at the start of `text`, in characters.
///
/// A name with blanks is known only from a byline that is printed twice.
pub fn byline(text: &[char]) -> Option<usize> {
    let name_start = byline_label(text)?;
    let rest = text.get(name_start..)?;
    let is_end = |c: &char| c.is_whitespace();
    let first_word = rest.iter().position(is_end).unwrap_or(rest.len());
    if first_word == 0 || first_word > LONGEST_NAME {
        return None;
    }
    let end = repeated_name(rest).unwrap_or(first_word);
    Some(name_start + end)
}

/// Where the name starts in a block that is a byline and nothing else.
pub fn byline_block(block: &[char]) -> Option<usize> {
    let name_start = byline_label(block)?;
    let name = block.get(name_start..)?;
    (!name.is_empty() && name.len() <= LONGEST_NAME).then_some(name_start)
}

/// Length of the name if the same byline follows it at once.
fn repeated_name(rest: &[char]) -> Option<usize> {
    let reach = rest.len().min(LONGEST_NAME);
    (1..reach).find(|&end| {
        let Some((name, after)) = rest.split_at_checked(end) else {
            return false;
        };
        let blanks = blanks(after);
        let Some(second) = after.get(blanks..) else {
            return false;
        };
        let same = |start: usize| second.get(start..).is_some_and(|text| text.starts_with(name));
        blanks > 0 && byline_label(second).is_some_and(same)
    })
}

/// Length of `文 |` with the blank after it.
fn byline_label(text: &[char]) -> Option<usize> {
    let rest = text.strip_prefix(&['文'])?;
    let before = blanks(rest);
    let rest = rest.get(before..)?;
    let (['|' | '｜'], rest) = rest.split_at_checked(1)? else {
        return None;
    };
    Some(1 + before + 1 + blanks(rest))
}

/// Whether a byline or the fold starts here.
pub fn starts_mark(text: &[char]) -> bool {
    byline(text).is_some() || starts_fold(text)
}

/// Whether the fold starts here and is a block of its own.
pub fn starts_fold(text: &[char]) -> bool {
    let after = FOLD.chars().count();
    starts_with(text, FOLD) && text.get(after).is_none_or(|c| c.is_whitespace())
}

/// The two digits of a heading at the start, if they are the expected number and a blank follows.
pub fn heading_number(text: &[char], expected: u32) -> bool {
    let [tens, units, blank, ..] = text else {
        return false;
    };
    let (Some(tens), Some(units)) = (digit(*tens), digit(*units)) else {
        return false;
    };
    blank.is_whitespace() && tens * 10 + units == expected
}

fn digit(c: char) -> Option<u32> {
    let narrow = match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xff10 + 0x30)?,
        _ => c,
    };
    narrow.to_digit(10)
}

/// `返回X,查看更多` at the very end of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it starts, in characters.
    pub start: usize,
    pub name: String,
    /// As printed.
    pub raw: String,
}

/// The source at the end of `text`, if one is printed there.
pub fn source(text: &[char]) -> Option<Source> {
    let end = text.len() - text.iter().rev().take_while(|c| c.is_whitespace()).count();
    let from = end.saturating_sub(LONGEST_NAME);
    let tail = text.get(from..end)?;
    let start =
        (0..tail.len()).rev().find(|&at| tail.get(at..).is_some_and(|t| starts_with(t, "返回")))?;
    let raw: String = tail.get(start..)?.iter().collect();
    let inner = raw.strip_prefix("返回")?.strip_suffix("查看更多")?.trim_end();
    let name = inner.strip_suffix([',', '，'])?.trim();
    let plausible = !name.is_empty() && !name.contains(['。', '，', ',', '！', '？', '!', '?']);
    plausible.then(|| Source { start: from + start, name: name.to_owned(), raw: raw.clone() })
}

/// How many blanks stand at the start.
pub fn blanks(text: &[char]) -> usize {
    text.iter().take_while(|c| c.is_whitespace()).count()
}

fn starts_with(text: &[char], mark: &str) -> bool {
    let mut chars = text.iter();
    mark.chars().all(|c| chars.next() == Some(&c))
}
