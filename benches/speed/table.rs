//! The table: what repeats and what does not, beside a bare route.

use crate::asked::Work;
use crate::other::Other;
use crate::server::Child;
use crate::turns;
use crate::turns::CONNECTIONS;
use crate::turns::LONG;
use crate::turns::ROUNDS;
use crate::turns::bare;
use crate::turns::ours;

/// Prints it for a server that keeps answers and one that does not, and other servers.
pub fn print(hits: &Child, misses: &Child, works: &[Work], sizes: &[usize], others: &[Other]) {
    let mut asked = Vec::new();
    for (at, work) in works.iter().enumerate() {
        asked.push(bare(hits, work.requests(format!("/bare{at}"), "")));
        asked.push(ours(hits, work.requests("/graphql".into(), "")));
        asked.push(ours(misses, work.requests("/graphql".into(), "")));
        asked.extend(others.iter().filter_map(|other| other.turn(work.name)));
    }
    let mut measured = turns::medians(&asked).into_iter();
    println!("\n{CONNECTIONS} connections, medians of {ROUNDS} times {LONG:?}; µs of the server");
    println!("| asked | bytes | bare | hit | of bare | miss |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut beside = Vec::new();
    for (work, size) in works.iter().zip(sizes) {
        let mut next = || measured.next().expect("all turns were taken");
        let (plain, hit, miss) = (next(), next(), next());
        println!(
            "| {} | {size} | {:.0}/s, {:.1} µs | {:.0}/s, {:.1} µs | {:.2} | {:.0}/s, {:.0} µs |",
            work.name,
            plain.rate,
            plain.processor,
            hit.rate,
            hit.processor,
            hit.rate / plain.rate,
            miss.rate,
            miss.processor,
        );
        for other in others.iter().filter(|other| other.turn(work.name).is_some()) {
            let theirs = next();
            beside.push(format!(
                "| {} | {} | {:.0}/s | {:.1} × | {:.1} × |",
                work.name,
                other.url(),
                theirs.rate,
                hit.rate / theirs.rate,
                miss.rate / theirs.rate
            ));
        }
    }
    if !beside.is_empty() {
        println!("\n| asked | another server | it answers | a hit | a miss |");
        println!("| --- | --- | --- | --- | --- |\n{}", beside.join("\n"));
    }
}
