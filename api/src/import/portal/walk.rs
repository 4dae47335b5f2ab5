//! Walks along a body line and says whether decoys of one stride stand in it (rule 5).

use super::breaks;
use super::breaks::Line;
use super::breaks::Role;
use super::breaks::emoji_at;
use super::emoji;

/// Characters of the page source in a paragraph break.
pub const BREAK: usize = 4;
/// More doubtful blanks between two decoys are not tried.
const DOUBTS: usize = 12;

/// A decoy: where it starts, and where the text goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoy {
    /// Place of its first code point.
    pub start: usize,
    /// Behind it, and behind the second half of a break that it split.
    pub end: usize,
}

/// A place in the walk: the next character, and the count since the last decoy.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: usize,
    count: usize,
}

enum Step {
    /// A decoy, and where the walk goes on.
    Found(Decoy, Place),
    /// The stride was passed here without an emoji.
    Passed(usize),
    End,
}

/// All decoys of this stride, or nothing if the walk passes it once without an emoji.
pub fn strict(line: &Line, stride: usize) -> Option<Vec<Decoy>> {
    let mut decoys = Vec::new();
    let mut place = Place { at: 0, count: 0 };
    loop {
        match step(line, stride, place, &[]) {
            Step::Found(decoy, next) => {
                decoys.push(decoy);
                place = next;
            }
            Step::Passed(_) => return None,
            Step::End => return Some(decoys),
        }
    }
}

/// As `strict`, but where the stride is passed one or two doubtful blanks before that place may be
/// read the other way. Gives those blanks too.
pub fn repaired(line: &Line, stride: usize) -> Option<(Vec<Decoy>, Vec<usize>)> {
    let mut decoys = Vec::new();
    let mut moved = Vec::new();
    let mut place = Place { at: 0, count: 0 };
    loop {
        match step(line, stride, place, &[]) {
            Step::Found(decoy, next) => {
                decoys.push(decoy);
                place = next;
            }
            Step::Passed(end) => {
                let (blanks, decoy, next) = repair(line, stride, place, end)?;
                moved.extend(blanks);
                decoys.push(decoy);
                place = next;
            }
            Step::End => return Some((decoys, moved)),
        }
    }
}

/// The fewest doubtful blanks that bring a decoy to its place.
fn repair(
    line: &Line,
    stride: usize,
    place: Place,
    end: usize,
) -> Option<(Vec<usize>, Decoy, Place)> {
    let doubts = doubts(line, place.at, end);
    let one = doubts.iter().map(|&blank| vec![blank]);
    let two = doubts.iter().enumerate().flat_map(|(n, &first)| {
        let rest = doubts.iter().skip(n + 1);
        rest.map(move |&second| vec![first, second])
    });
    one.chain(two).find_map(|blanks| match step(line, stride, place, &blanks) {
        Step::Found(decoy, next) => Some((blanks, decoy, next)),
        Step::Passed(_) | Step::End => None,
    })
}

/// Doubtful blanks of a stretch, those between Latin words last.
fn doubts(line: &Line, from: usize, to: usize) -> Vec<usize> {
    let all = (from..to).filter(|&at| breaks::is_doubtful(line, at));
    let mut doubts: Vec<usize> = all.take(DOUBTS).collect();
    doubts.sort_by_key(|&at| breaks::latin_sides(line, at));
    doubts
}

/// Goes on to the next decoy; `moved` are blanks to be read the other way.
fn step(line: &Line, stride: usize, from: Place, moved: &[usize]) -> Step {
    let Place { mut at, mut count } = from;
    while at < line.chars.len() {
        let cost = if moved.contains(&at) { other_cost(line, at) } else { cost(line, at) };
        if count == stride
            && let Some(emoji) = emoji_at(line, at)
        {
            let end = at + emoji::inserted(&line.chars, at, emoji).len;
            return Step::Found(Decoy { start: at, end }, Place { at: end, count: 0 });
        } else if count + cost <= stride {
            count += cost;
            at += 1;
        } else if count < stride
            && let Some(end) = split_end(line, at)
        {
            let rest = BREAK - (stride - count);
            return Step::Found(Decoy { start: at + 1, end }, Place { at: end, count: rest });
        } else if at >= line.end {
            // The source may have been put behind the text later.
            return Step::End;
        } else {
            return Step::Passed(at);
        }
    }
    Step::End
}

/// Characters of the page source that one character of the line stands for.
pub fn cost(line: &Line, at: usize) -> usize {
    line.roles.get(at).map_or(0, |&role| cost_of(role))
}

fn other_cost(line: &Line, at: usize) -> usize {
    line.roles.get(at).map_or(0, |&role| cost_of(breaks::other(role)))
}

fn cost_of(role: Role) -> usize {
    match role {
        Role::Text => 1,
        Role::Break => BREAK,
        Role::Rest => 0,
    }
}

/// If an emoji between two blanks may have split the break at `at`: the place behind the
/// second blank.
pub fn split_end(line: &Line, at: usize) -> Option<usize> {
    let emoji = emoji_at(line, at + 1)?;
    let second = at + 1 + emoji.len;
    line.chars.get(second)?.is_whitespace().then_some(second + 1)
}
