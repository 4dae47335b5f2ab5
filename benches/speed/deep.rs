//! Deep pages beside the first ones.

use std::sync::Arc;

use crate::asked;
use crate::load::post;
use crate::server::Child;
use crate::turns;
use crate::turns::ours;

/// A page that nobody reads, but robots do.
const PAGE: usize = 1_000;
/// Where a quarter of all articles is.
const PROVINCE: &str = "130000";

/// Prints how long page 1 and page 1,000 take, of all articles and of a province.
pub fn print(misses: &Child, articles: usize) {
    let depth = 20 * PAGE.min(articles / 100);
    println!("\n| asked | page 1 | page {} | of page 1 |\n| --- | --- | --- | --- |", depth / 20);
    for (name, province) in [("newest 20", None), ("newest 20 of a province", Some(PROVINCE))] {
        let bodies = [0, depth].map(|count| asked::behind(misses, count, province));
        let asked =
            bodies.map(|body| ours(misses, Arc::new(move |_: usize| post("/graphql", "", &body))));
        let measured = turns::medians(&asked);
        let [first, deep] = [measured[0].half, measured[1].half];
        println!("| {name} | {first:.0} µs | {deep:.0} µs | {:.2} |", deep / first);
    }
}
