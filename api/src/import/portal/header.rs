//! The head of a page: site, title, 更新时间 and 浏览次数 (rule 3).

use super::Options;
use super::counts;
use super::failure::Code;
use super::failure::Failure;
use super::failure::of_page;
use super::fold::fold;
use super::page::Site;
use super::page::Updated;
use super::page::Views;
use super::times;

const UPDATED: &str = "更新时间";
const VIEWS: &str = "浏览次数";
/// The label of a list of the latest and hottest, printed between the site and the title.
const COLUMN: &str = "最新热点";
/// A longer line is a text that speaks of such labels.
const LONGEST: usize = 300;
/// A longer site line, in bytes, is cut at its first label only: trying each colon would take long.
const LONGEST_TITLE: usize = 4000;

/// What the head of a page says.
#[derive(Debug, Clone)]
pub struct Header {
    pub site: Site,
    pub title: Option<String>,
    pub updated: Updated,
    pub views: Views,
    /// Index of the first line that belongs to it, from 0.
    pub first: usize,
    /// Index of the line with the labels, from 0.
    pub last: usize,
}

/// Reads the head of a page.
///
/// # Errors
/// `unrecognised_page` where no line has the labels.
pub fn read(lines: &[&str], options: &Options) -> Result<Header, Failure> {
    let last = find(lines).ok_or_else(|| missing(lines.len()))?;
    let line = decoded(lines, last);
    let before = lines.get(..last).unwrap_or_default();
    let head = read_site(before);
    Ok(Header {
        site: head.site,
        title: head.title,
        updated: value(&line, UPDATED).map(|raw| times::read(raw, options)).unwrap_or_default(),
        views: value(&line, VIEWS).map(counts::read).unwrap_or_default(),
        first: head.first.unwrap_or(last),
        last,
    })
}

fn missing(lines: usize) -> Failure {
    let message = format!(
        "Looked for a line with {UPDATED}: and {VIEWS}: in lines 1 to {lines} \
         and found none; the page has no header."
    );
    of_page(Code::UnrecognisedPage, message)
}

/// The line with both labels, else the first that starts with one of them.
fn find(lines: &[&str]) -> Option<usize> {
    let places =
        |line: &str| [UPDATED, VIEWS].map(|label| label_at(line, label).map(|(start, _)| start));
    let short = |line: &str| line.len() <= LONGEST;
    let both = |line: &&str| short(line) && places(line).iter().all(Option::is_some);
    let one = |line: &&str| short(line) && places(line.trim_start()).contains(&Some(0));
    lines.iter().position(both).or_else(|| lines.iter().position(one))
}

/// Byte offsets of a label and of what follows its colon.
fn label_at(line: &str, label: &str) -> Option<(usize, usize)> {
    line.match_indices(label).find_map(|(start, _)| {
        let after = line.get(start + label.len()..)?;
        let rest = after.trim_start().strip_prefix([':', '：'])?;
        Some((start, line.len() - rest.len()))
    })
}

/// What stands between the colon of a label and the other label, or the end.
fn value<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let (start, from) = label_at(line, label)?;
    let others = [UPDATED, VIEWS].into_iter().filter_map(|other| label_at(line, other));
    let to = others.map(|(other, _)| other).filter(|&other| other > start).min();
    line.get(from..to.unwrap_or(line.len())).map(str::trim)
}

#[derive(Default)]
struct Head {
    site: Site,
    title: Option<String>,
    first: Option<usize>,
}

/// Site and title from the lines before the labels.
fn read_site(lines: &[&str]) -> Head {
    let Some(at) = last_filled(lines) else {
        return Head::default();
    };
    let line = decoded(lines, at);
    let before = lines.get(..at).unwrap_or_default();
    let known = last_filled(before).map(|index| (index, decoded(before, index)));
    let cut = cut(&line, known.as_ref().map(|(_, title)| title.as_str()));
    let title = filled(cut.title).or_else(|| known.as_ref().map(|(_, title)| title.clone()));
    let first = known.filter(|(_, text)| belongs(text, title.as_deref())).map(|(index, _)| index);
    Head {
        site: Site { name: filled(cut.name), column: cut.column.map(str::to_owned) },
        title,
        first: Some(first.unwrap_or(at)),
    }
}

/// Whether the line before the site is the title, possibly with something hung on.
fn belongs(line: &str, title: Option<&str>) -> bool {
    let (line, title) = (fold(line), fold(title.unwrap_or_default()));
    !title.is_empty() && (line.contains(&title) || title.contains(&line))
}

struct Cut<'a> {
    name: &'a str,
    column: Option<&'a str>,
    title: &'a str,
}

/// Cuts the site line by the label, then by the known title; never by the first colon.
fn cut<'a>(line: &'a str, known: Option<&str>) -> Cut<'a> {
    let labelled = || labels(line).next();
    let known = known.filter(|_| line.len() <= LONGEST_TITLE).map(fold);
    let known_title = |rest: &str| known.as_ref().is_some_and(|title| *title == fold(rest));
    let by_title = || labels(line).find(|&(_, rest)| known_title(rest));
    if let Some((name, title)) = by_title().or_else(labelled) {
        return Cut { name, column: Some(COLUMN), title };
    }
    let mut colons = line.match_indices([':', '：']);
    let found = colons.find_map(|(at, colon)| {
        let title = line.get(at + colon.len()..)?.trim();
        known_title(title).then_some((line.get(..at)?.trim(), title))
    });
    match found {
        Some((name, title)) => Cut { name, column: None, title },
        None => Cut { name: "", column: None, title: line },
    }
}

/// Each 最新热点 with a colon: what stands before and behind it.
fn labels(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.match_indices(COLUMN).filter_map(move |(start, _)| {
        let rest = line.get(start + COLUMN.len()..)?.trim_start();
        let title = rest.strip_prefix([':', '：'])?.trim();
        Some((line.get(..start)?.trim(), title))
    })
}

fn last_filled(lines: &[&str]) -> Option<usize> {
    lines.iter().rposition(|line| !line.trim().is_empty())
}

/// A line with its entities decoded, trimmed.
fn decoded(lines: &[&str], at: usize) -> String {
    let line = lines.get(at).copied().unwrap_or_default();
    html_escape::decode_html_entities(line).trim().to_owned()
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
