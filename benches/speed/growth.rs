//! The same articles among few and among many.

use std::path::Path;

use crate::asked;
use crate::data;
use crate::data::Length;
use crate::server::Child;
use crate::turns;
use crate::turns::ours;

const SIZES: [usize; 2] = [10_000, 1_000_000];

/// Prints how long half of the answers take at most, kept and made, and what of it is growth.
pub fn print(folder: &Path) {
    let mut servers = Vec::new();
    for size in SIZES {
        let file = folder.join(format!("{size}.db"));
        let url = format!("sqlite://{}", file.display());
        data::import(folder, &url, size, Length::Short);
        let bytes = std::fs::metadata(&file).expect("the database is a file").len();
        println!("{size} articles take {} MB", bytes >> 20);
        let first = Child::start(&url, 64, &[]);
        first.read_some();
        drop(first);
        let [hits, misses] = [256, 0].map(|cache| Child::start(&url, cache, &[]));
        hits.wait_for_lists();
        misses.wait_for_lists();
        servers.push([hits, misses]);
    }
    let works = asked::all(&servers[0][0]);
    let mut asked = Vec::new();
    for work in &works {
        for body in work.bodies.iter() {
            servers.iter().flatten().for_each(|server| _ = server.answer(body));
        }
        for server in servers.iter().flatten() {
            asked.push(ours(server, work.requests("/graphql".into(), "")));
        }
    }
    let faults = || servers.iter().map(|[_, misses]| misses.faults()).collect::<Vec<_>>();
    let before = faults();
    let measured = turns::medians(&asked);
    println!("\n| asked | hit | among 100 × | miss | among 100 × | of it |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (work, four) in works.iter().zip(measured.chunks(4)) {
        let [hit, miss, hit_of_many, miss_of_many] = [0, 1, 2, 3].map(|at| four[at].half);
        println!(
            "| {} | {hit:.0} µs | {hit_of_many:.0} µs | {miss:.0} µs | {miss_of_many:.0} µs | \
             {:.2}, {:.2} |",
            work.name,
            hit_of_many / hit,
            miss_of_many / miss
        );
    }
    let later = faults();
    println!(
        "major faults while that was measured: {} and {}",
        later[0] - before[0],
        later[1] - before[1]
    );
}
