//! Measures several things in turns, so that what else happens on the machine happens to all.

use std::time::Duration;
use std::time::Instant;

use crate::load;
use crate::load::Load;
use crate::load::Request;
use crate::server::Child;

/// So many times each is measured.
pub const ROUNDS: usize = 7;
/// How long each time.
pub const LONG: Duration = Duration::from_secs(2);
/// So many clients ask at once.
pub const CONNECTIONS: usize = 32;

/// What is asked, and whom.
pub struct Turn<'a> {
    /// Where it listens.
    pub address: &'a str,
    /// Our server, whose processor time is known.
    pub child: Option<&'a Child>,
    /// What it is asked.
    pub request: Request,
}

/// Medians of all rounds.
#[derive(Clone, Copy)]
pub struct Median {
    /// Answers a second.
    pub rate: f64,
    /// The processor time of the server for an answer, in µs.
    pub processor: f64,
    /// How long half of the answers took at most, in µs.
    pub half: f64,
}

/// Asks a server of ours.
pub fn ours(child: &Child, request: Request) -> Turn<'_> {
    Turn { address: &child.address, child: Some(child), request }
}

/// Asks its bare routes.
pub fn bare(child: &Child, request: Request) -> Turn<'_> {
    Turn { address: &child.bare, child: Some(child), request }
}

/// Takes all turns, several times.
pub fn medians(turns: &[Turn]) -> Vec<Median> {
    let mut measured = vec![Vec::new(); turns.len()];
    for _ in 0..ROUNDS {
        for (turn, measured) in turns.iter().zip(&mut measured) {
            measured.push(measure(turn));
        }
    }
    let of = |measured: &[Median], part: fn(&Median) -> f64| {
        let mut parts: Vec<f64> = measured.iter().map(part).collect();
        parts.sort_by(f64::total_cmp);
        parts[parts.len() / 2]
    };
    measured
        .iter()
        .map(|measured| Median {
            rate: of(measured, |one| one.rate),
            processor: of(measured, |one| one.processor),
            half: of(measured, |one| one.half),
        })
        .collect()
}

fn measure(turn: &Turn) -> Median {
    let used = || turn.child.map_or(0.0, Child::processor);
    let (before, started) = (used(), Instant::now());
    let done = load::run(&Load {
        address: turn.address.into(),
        request: turn.request.clone(),
        sound: load::any,
        connections: CONNECTIONS,
        long: LONG,
        pace: Duration::ZERO,
    });
    let answers = done.rate * started.elapsed().as_secs_f64();
    let processor = (used() - before) * 1e6 / answers;
    Median { rate: done.rate, processor, half: done.within(0.5) }
}
