//! Takes the decoy emoji out of a body line (rule 5).
//!
//! They are periodic: the portal put one after every so many characters of the page source, in
//! which a paragraph break has four characters. Only what stands exactly there is a decoy.

use super::breaks;
use super::breaks::Line;
use super::breaks::Role;
use super::breaks::emoji_at;
use super::page::Decoys;
use super::walk;
use super::walk::BREAK;
use super::walk::Decoy;

const SHORTEST: usize = 8;
const LONGEST: usize = 120;
/// Fewer prove nothing.
const ENOUGH: usize = 3;
/// A stride holds if fewer of its kind than this would hold by chance.
const CHANCE: f64 = 0.5;
/// With blanks read otherwise a stride must prove more: so many decoys,
const ENOUGH_REPAIRED: usize = 6;
/// and so many for each such blank.
const DECOYS_PER_REPAIR: usize = 2;
/// for there are about so many ways to read the blanks between two decoys.
const REPAIRS: f64 = 10.0;

/// The line without its decoys, paragraph breaks as LF.
pub fn strip(line: Line) -> (String, Decoys) {
    let (stride, line, decoys) = match periodic(&line) {
        Some(proof) => (Some(proof.stride), moved(line, &proof.moved), proof.decoys),
        None => {
            let decoys = between_letters(&line);
            (None, line, decoys)
        }
    };
    (without(&line, &decoys), Decoys { removed: decoys.len(), stride })
}

/// A stride that holds.
struct Proof {
    stride: usize,
    decoys: Vec<Decoy>,
    /// Blanks that mean something else than the rules say.
    moved: Vec<usize>,
}

/// The first stride that holds as the blanks were read; else the first that holds with a few of
/// them read otherwise: a paragraph without closing punctuation, a blank behind a bracket.
fn periodic(line: &Line) -> Option<Proof> {
    let strides = strides(line);
    if strides.is_empty() {
        return None;
    }
    let density = density(line);
    let proves = |decoys: &[Decoy], moved: usize| {
        let chance = by_chance(decoys.len(), strides.len(), density);
        chance * REPAIRS.powi(i32::try_from(moved).unwrap_or(i32::MAX)) < CHANCE
    };
    let strict = |&stride: &usize| {
        let decoys = walk::strict(line, stride).filter(|decoys| decoys.len() >= ENOUGH)?;
        proves(&decoys, 0).then_some(Proof { stride, decoys, moved: Vec::new() })
    };
    let repaired = |&stride: &usize| {
        let (decoys, moved) = walk::repaired(line, stride)?;
        let enough = decoys.len() >= ENOUGH_REPAIRED.max(moved.len() * DECOYS_PER_REPAIR);
        (enough && proves(&decoys, moved.len())).then_some(Proof { stride, decoys, moved })
    };
    let found = strides.iter().find_map(strict);
    found.or_else(|| off_by_a_break(&strides).iter().find_map(repaired))
}

/// The line with these blanks read the other way.
fn moved(mut line: Line, blanks: &[usize]) -> Line {
    for &blank in blanks {
        if let Some(role) = line.roles.get_mut(blank) {
            *role = breaks::other(*role);
        }
    }
    line
}

/// The strides as they would be if one or two blanks before the first decoy were read the
/// other way.
fn off_by_a_break(strides: &[usize]) -> Vec<usize> {
    let by = BREAK - 1;
    let each = |stride: &usize| [*stride, stride + by, stride.saturating_sub(by), stride + 2 * by];
    once(strides.iter().flat_map(each))
}

/// How many of the strides tried would find so many emoji in their places by chance: in a short
/// text that is full of emoji of its own, three at equal distances are no wonder.
fn by_chance(found: usize, tried: usize, density: f64) -> f64 {
    let further = i32::try_from(found.saturating_sub(1)).unwrap_or(i32::MAX);
    tried as f64 * density.powi(further)
}

/// Emoji per character of the line.
fn density(line: &Line) -> f64 {
    let mut emoji = 0;
    let mut at = 0;
    while at < line.chars.len() {
        let found = emoji_at(line, at);
        emoji += usize::from(found.is_some());
        at += found.map_or(1, |found| found.len);
    }
    emoji as f64 / at.max(1) as f64
}

/// Where the first decoy may stand: the counts at the early emoji, in their order.
fn strides(line: &Line) -> Vec<usize> {
    let mut strides = Vec::new();
    let mut count = 0;
    let mut at = 0;
    while count <= LONGEST && at < line.chars.len() {
        let cost = walk::cost(line, at);
        if cost == BREAK && walk::split_end(line, at).is_some() {
            strides.extend(count + 1..count + BREAK);
        }
        if emoji_at(line, at).is_some() {
            strides.push(count);
        }
        count += cost;
        at += 1;
    }
    once(strides)
}

/// The strides that are believed, each once.
fn once(strides: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut seen = [false; LONGEST + 1];
    let mut is_new = |stride: usize| {
        let slot = seen.get_mut(stride).filter(|_| stride >= SHORTEST);
        slot.is_some_and(|seen| !std::mem::replace(seen, true))
    };
    strides.into_iter().filter(|&stride| is_new(stride)).collect()
}

/// Without a stride only an emoji inside a Latin word or a number is surely none of the text.
fn between_letters(line: &Line) -> Vec<Decoy> {
    let chars = &line.chars;
    let mut decoys = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let Some(emoji) = emoji_at(line, at) else {
            at += 1;
            continue;
        };
        let end = at + emoji.len;
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let inside = [before, chars.get(end)].into_iter().all(|c| c.is_some_and(is_latin));
        if inside && emoji.certain {
            decoys.push(Decoy { start: at, end });
        }
        at = end;
    }
    decoys
}

fn is_latin(c: &char) -> bool {
    c.is_ascii_alphanumeric() || (('\u{c0}'..='\u{24f}').contains(c) && c.is_alphabetic())
}

fn without(line: &Line, decoys: &[Decoy]) -> String {
    let mut text = String::with_capacity(line.chars.len() * 3);
    let mut at = 0;
    for decoy in decoys {
        push(line, at..decoy.start, &mut text);
        at = decoy.end;
    }
    push(line, at..line.chars.len(), &mut text);
    text
}

fn push(line: &Line, range: std::ops::Range<usize>, text: &mut String) {
    let chars = line.chars.get(range.clone()).unwrap_or_default();
    let roles = line.roles.get(range).unwrap_or_default();
    for (&c, role) in chars.iter().zip(roles) {
        match role {
            Role::Text => text.push(if c == '\n' { ' ' } else { c }),
            Role::Break => text.push('\n'),
            Role::Rest => {}
        }
    }
}
