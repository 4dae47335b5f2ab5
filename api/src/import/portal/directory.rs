//! Lines of the directory of regions: their shape only, no look at the tree (rule 10).

use super::marks;
use super::recommended;

/// Longest name of a division that is believed, in characters.
const LONGEST_NAME: usize = 40;
/// How the names of divisions end.
const ENDINGS: &str = "省市区县州盟旗域会划镇乡岛城";

/// `A:B:(x、y)` or `B:(x、y)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The province, where the line opens one.
    pub opens: Option<String>,
    pub name: String,
    pub items: Vec<String>,
    /// Line of the head, from 1.
    pub line: usize,
    /// Whether the bracket was closed.
    pub closed: bool,
}

/// The start of an entry, and what follows its opening bracket.
struct Head<'a> {
    opens: Option<&'a str>,
    name: &'a str,
    rest: &'a str,
}

/// Whether an entry starts at this line.
pub fn is_head(line: &str) -> bool {
    head(line).is_some()
}

/// Reads the entry whose head is the first of `lines`, joining lines until its bracket closes.
///
/// Gives what was read and how many lines it took; `first` is the number of the head's line,
/// from 1.
pub fn read(lines: &[&str], first: usize) -> Option<(Vec<Entry>, usize)> {
    let (&start, more) = lines.split_first()?;
    let mut text = html_escape::decode_html_entities(start).into_owned();
    head(&text)?;
    let mut open = is_open(&text, true);
    let mut taken = 1;
    for line in more.iter().take_while(|line| !ends(line)) {
        if !open {
            break;
        }
        let line = html_escape::decode_html_entities(line);
        open = is_open(&line, open);
        text.push_str(line.trim());
        taken += 1;
    }
    Some((entries(&text, first), taken))
}

/// All entries of a joined line; as a rule there is one.
fn entries(text: &str, line: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = text;
    while let Some(head) = head(rest) {
        let close = head.rest.find([')', '）']);
        let inner = head.rest.get(..close.unwrap_or(head.rest.len())).unwrap_or_default();
        entries.push(Entry {
            opens: head.opens.map(str::to_owned),
            name: head.name.to_owned(),
            items: items(inner),
            line,
            closed: close.is_some(),
        });
        let behind = close.and_then(|close| head.rest.get(close..)).unwrap_or_default();
        rest = behind.trim_start_matches([')', '）', '、', ';', '；', ' ']);
    }
    entries
}

fn items(inner: &str) -> Vec<String> {
    let names = inner.split(['、', ',', '，', ';', '；']).map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whether a bracket stands open at the end of a line, if one did (`before`) at its start.
fn is_open(line: &str, before: bool) -> bool {
    match line.rfind(['(', '（', ')', '）']).and_then(|at| line.get(at..)) {
        Some(last) => last.starts_with(['(', '（']),
        None => before,
    }
}

/// Whether an entry with an open bracket stops before this line.
fn ends(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || is_head(line) || recommended::is_label(line) || is_prose(line)
}

/// A line of a text: with a mark of an article, or with a sentence.
pub fn is_prose(line: &str) -> bool {
    let start: Vec<char> = line.trim_start().chars().take(LONGEST_NAME * 2).collect();
    marks::byline(&start).is_some()
        || line.contains(['。', '！', '？', '!', '?', '“', '…'])
        || line.contains("查看更多")
}

fn head(line: &str) -> Option<Head<'_>> {
    let (first, rest) = name(line.trim_start())?;
    if let Some(rest) = opened(rest) {
        let sure = first.ends_with(|c| ENDINGS.contains(c)) || first == "县";
        return sure.then_some(Head { opens: None, name: first, rest });
    }
    let (second, rest) = name(rest)?;
    Some(Head { opens: Some(first), name: second, rest: opened(rest)? })
}

/// A name and what follows its colon.
fn name(text: &str) -> Option<(&str, &str)> {
    let reach = text.char_indices().nth(LONGEST_NAME).map_or(text.len(), |(at, _)| at);
    let end = text.get(..reach)?.find([':', '：'])?;
    let name = text.get(..end)?.trim();
    let plain = !name.is_empty()
        && !name.contains(|c: char| c.is_whitespace() || "()（）、，。,“”|｜".contains(c));
    let rest = text.get(end..)?.trim_start_matches([':', '：']).trim_start();
    plain.then_some((name, rest))
}

fn opened(rest: &str) -> Option<&str> {
    rest.strip_prefix(['(', '（'])
}
