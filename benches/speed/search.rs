//! Search: how long the index takes to be made, and how long it takes to ask.

use std::path::Path;
use std::time::Instant;

use serde_json::json;

use crate::asked::body;
use crate::command::run;
use crate::data;
use crate::data::Length;
use crate::server::Child;
use crate::words::word;

/// Each question is asked so often.
const TIMES: usize = 200;
const QUERY: &str = "query($query: String!, $region: String, $order: SearchOrder!) { \
    searchArticles(query: $query, region: $region, order: $order) { edges { cursor \
    snippet { text matched } node { id slug title publishedAt views { total } } } } }";
const RECOMMENDED: &str = "{ articles(first: 1) { nodes { recommended(first: 1) { reason } } } }";
const TOTAL: &str = "query($query: String!, $region: String) { \
    searchArticles(query: $query, region: $region, first: 1) { total { value relation } } }";

/// Imports articles and prints how long it takes to index them.
pub fn make(folder: &Path, url: &str, count: usize) {
    data::import_with(folder, url, count, Length::Usual, &["--index-later"]);
    let started = Instant::now();
    run(&["search", "index", "--database-url", url]);
    println!("the index was made in {:.1?}", started.elapsed());
}

/// Prints how long it takes to ask.
pub fn print(url: &str) {
    let server = Child::start(url, 0, &[]);
    // Waits until the newest articles are in memory, which takes a start some seconds.
    server.answer(&body(RECOMMENDED, json!({})));
    println!("\n| query | found | newest: median, p99 | relevance: median, p99 |");
    println!("| --- | --- | --- | --- |");
    let quoted = |rank, length| format!("\"{}\"", word(rank, length));
    for (name, query, region) in [
        ("a word that is everywhere", quoted(5, 2), None),
        ("a frequent word", quoted(100, 2), None),
        ("a word", quoted(1_000, 2), None),
        ("a seldom word", quoted(20_000, 2), None),
        ("a name of three characters", quoted(2_000, 3), None),
        ("a seldom name", quoted(30_000, 3), None),
        ("four characters", quoted(500, 4), None),
        ("two words", format!("{} {}", quoted(50, 2), quoted(400, 2)), None),
        ("two frequent words", format!("{} {}", quoted(5, 2), quoted(20, 2)), None),
        ("a word without another", format!("{} -{}", quoted(100, 2), quoted(5, 2)), None),
        ("one character", quoted(300, 1), None),
        ("a frequent word in a province", quoted(100, 2), Some("130000")),
        ("a seldom word in a district", quoted(5_000, 2), Some("130102")),
        ("nothing", "\"龘龘\"".into(), None),
    ] {
        let total = server.json(&body(TOTAL, json!({ "query": query, "region": region })));
        let total = &total["data"]["searchArticles"]["total"];
        let asked = ["NEWEST", "RELEVANCE"].map(|order| {
            let variables = json!({ "query": query, "region": region, "order": order });
            let (middle, late) = times(&server, &body(QUERY, variables));
            format!("{middle:.2} ms, {late:.2} ms")
        });
        let known = format!("{} {}", total["value"], total["relation"].as_str().unwrap_or(""));
        println!("| {name} | {known} | {} | {} |", asked[0], asked[1]);
    }
}

/// The median and the 99th of a hundred, in milliseconds, each on a connection of its own.
fn times(server: &Child, body: &str) -> (f64, f64) {
    server.answer(body);
    let mut times: Vec<f64> = (0..TIMES)
        .map(|_| {
            let started = Instant::now();
            server.answer(body);
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[TIMES / 2], times[TIMES * 99 / 100])
}
