//! What each line behind the header is: text of an article, directory, or recommended reading.

use super::directory;
use super::directory::Entry;
use super::emoji;
use super::marks;
use super::page::Lines;
use super::recommended;
use super::recommended::Numbered;

/// The lines behind the header, sorted.
#[derive(Debug, Default)]
pub struct Sections<'a> {
    /// In page order; the first belongs to the header where `main` says so.
    pub texts: Vec<Text<'a>>,
    pub entries: Vec<Entry>,
    pub entry_lines: Option<Lines>,
    /// Line of the 推荐阅读 label, from 1.
    pub list_line: Option<usize>,
    pub list: Vec<Numbered<'a>>,
    /// Lines that are none of these.
    pub strangers: Vec<usize>,
}

/// The lines of one text.
#[derive(Debug)]
pub struct Text<'a> {
    pub lines: Lines,
    pub parts: Vec<&'a str>,
    /// Stands straight behind the header.
    pub main: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    BehindHeader,
    InText,
    BehindText,
    InDirectory,
    InList,
}

/// Sorts the lines from index `from`, counted from 0.
pub fn sort<'a>(lines: &[&'a str], from: usize) -> Sections<'a> {
    let mut sections = Sections::default();
    let mut place = Place::BehindHeader;
    let mut at = from;
    while let Some(&line) = lines.get(at) {
        let (taken, next) = take(lines, at, line, place, &mut sections);
        place = next;
        at += taken;
    }
    sections
}

/// Takes the line at `at`, and what belongs to it; gives how many lines that were.
fn take<'a>(
    lines: &[&'a str],
    at: usize,
    line: &'a str,
    place: Place,
    sections: &mut Sections<'a>,
) -> (usize, Place) {
    let number = at + 1;
    if let Some((entries, taken)) = directory_at(lines, at) {
        let first = sections.entry_lines.map_or(number, |(first, _)| first);
        sections.entry_lines = Some((first, at + taken));
        sections.entries.extend(entries);
        return (taken, Place::InDirectory);
    }
    if sections.list_line.is_none() && recommended::is_label(line) {
        sections.list_line = Some(number);
        return (1, Place::InList);
    }
    let next = match place {
        Place::InList if !opens_text(line) => {
            sections.list.push((number, line));
            Place::InList
        }
        _ if line.trim().is_empty() => place,
        Place::InText if !opens_text(line) => continue_text(sections, number, line),
        Place::BehindHeader => start_text(sections, number, line, true),
        _ if opens_text(line) || directory::is_prose(line) => {
            start_text(sections, number, line, false)
        }
        _ => {
            sections.strangers.push(number);
            place
        }
    };
    (1, next)
}

fn directory_at(lines: &[&str], at: usize) -> Option<(Vec<Entry>, usize)> {
    directory::read(lines.get(at..)?, at + 1)
}

fn start_text<'a>(sections: &mut Sections<'a>, number: usize, line: &'a str, main: bool) -> Place {
    sections.texts.push(Text { lines: (number, number), parts: vec![line], main });
    after_text(line)
}

fn continue_text<'a>(sections: &mut Sections<'a>, number: usize, line: &'a str) -> Place {
    if let Some(text) = sections.texts.last_mut() {
        text.lines.1 = number;
        text.parts.push(line);
    }
    after_text(line)
}

/// 返回X,查看更多 ends a text; without it the next line may continue it.
fn after_text(line: &str) -> Place {
    if has_source(line) { Place::BehindText } else { Place::InText }
}

fn has_source(line: &str) -> bool {
    let mut tail: Vec<char> = line.chars().rev().take(TAIL).collect();
    tail.reverse();
    marks::source(&emoji::strip(&tail)).is_some()
}

/// Enough of a line to see its byline or its source through decoys.
const TAIL: usize = 120;

/// Whether a byline starts the line: a text of its own.
fn opens_text(line: &str) -> bool {
    let start: Vec<char> = line.trim_start().chars().take(TAIL).collect();
    marks::byline(&emoji::strip(&start)).is_some()
}
