//! The list below 推荐阅读 (rule 13).

use super::counts;
use super::page::Item;
use super::page::Views;

const LABEL: &str = "推荐阅读";

/// Whether a line is the label of the list.
pub fn is_label(line: &str) -> bool {
    line.trim().trim_end_matches([':', '：']).trim_end() == LABEL
}

/// A line of the list with its place on the page, from 1.
pub type Numbered<'a> = (usize, &'a str);

/// Reads the lines below the label: a title, then a count if the next line is one.
///
/// So a missing count does not shift the rest, and a title of digits is a title. Blank lines
/// may stand between.
pub fn read(lines: &[Numbered]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = lines;
    while let Some((&(line, title), behind)) = rest.split_first() {
        rest = behind;
        let title = html_escape::decode_html_entities(title.trim());
        if title.is_empty() {
            continue;
        }
        let views = match take_count(&mut rest) {
            Some(raw) => counts::read(raw),
            None => Views::default(),
        };
        items.push(Item {
            n: items.len() + 1,
            title: title.into_owned(),
            views,
            line,
            article: None,
        });
    }
    items
}

/// Takes the count that follows a title off the lines, if there is one.
fn take_count<'a>(rest: &mut &[Numbered<'a>]) -> Option<&'a str> {
    let blanks = rest.iter().take_while(|(_, line)| line.trim().is_empty()).count();
    let (&(_, line), behind) = rest.get(blanks..)?.split_first()?;
    if !is_count_or_none(line) {
        return None;
    }
    // A blank line for a missing count, then a title of digits with its own count.
    let next_is_count = behind.first().is_some_and(|(_, next)| is_count_or_none(next));
    if blanks > 0 && next_is_count {
        return None;
    }
    *rest = behind;
    Some(line)
}

/// A count, or a sign such as `--` that stands for an unknown one.
fn is_count_or_none(line: &str) -> bool {
    let line = line.trim();
    let is_sign = !line.is_empty() && line.chars().all(|c| matches!(c, '-' | '—' | '–' | '－'));
    is_sign || counts::is_count(line)
}
