//! Recommended reading: how long a list takes to be made, and how long to be read.

use std::path::Path;
use std::time::Instant;

use serde_json::json;

use crate::asked::body;
use crate::data;
use crate::data::Length;
use crate::server::Child;

/// So many articles are asked for.
const ASKED: usize = 1_000;
const CARD: &str = "id slug title views { total }";

/// Prints both, without a cache.
pub fn print(folder: &Path, url: &str, count: usize) {
    data::import(folder, url, count, Length::Usual);
    let started = Instant::now();
    let server = Child::start(url, 0, &[]);
    let recommended = |number: usize| {
        let query = format!(
            "query($id: ID!) {{ article(id: $id) {{ recommended(first: 10) {{ reason article {{ \
             {CARD} }} }} }} }}"
        );
        body(&query, json!({ "id": data::id(number) }))
    };
    let found = server.json(&recommended(count - 1));
    println!("start to first list: {:.1?}; memory {} MB", started.elapsed(), megabytes(&server));
    println!("{}", found["data"]["article"]["recommended"].as_array().map_or(0, Vec::len));
    server.read_some();
    server.wait_for_lists();
    let hot = body(&format!("{{ hotArticles(first: 10) {{ nodes {{ {CARD} }} }} }}"), json!({}));
    println!("\n| what is asked, each on a connection of its own | median | p99 |");
    println!("| --- | --- | --- |");
    // Of the newest and of older ones alike.
    let numbers = || (0..ASKED).map(|nth| nth * count / ASKED);
    print_times("ten recommended, the list made", &server, numbers().map(recommended));
    print_times("ten recommended", &server, numbers().map(recommended));
    print_times("ten that are hot", &server, (0..ASKED).map(|_| hot.clone()));
    println!("memory {} MB", megabytes(&server));
}

fn megabytes(server: &Child) -> usize {
    server.memory() >> 20
}

fn print_times(name: &str, server: &Child, bodies: impl Iterator<Item = String>) {
    let time = |body: String| {
        let started = Instant::now();
        server.answer(&body);
        started.elapsed().as_secs_f64() * 1000.0
    };
    let mut times: Vec<f64> = bodies.map(time).collect();
    times.sort_by(f64::total_cmp);
    let (middle, late) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("| {name} | {middle:.2} ms | {late:.2} ms |");
}
