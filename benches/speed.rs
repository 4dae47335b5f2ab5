//! How fast the public is answered: what repeats and what does not, beside a bare route of
//! the same server that sends as many bytes.
//!
//! `cargo bench --bench speed [-- ARTICLES] [postgres://…]` imports that many articles, 100,000
//! by default, into a new SQLite file or an empty PostgreSQL database. Load generator, servers
//! and database share the machine; the processor time is that of the server alone, from `/proc`
//! (Linux only).

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

#[path = "command.rs"]
mod command;
#[path = "load.rs"]
mod load;
#[path = "speed_data.rs"]
mod speed_data;
#[path = "speed_server.rs"]
mod speed_server;

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use command::run;
use load::Load;
use serde_json::Value;
use serde_json::json;
use speed_server::Child;

/// So many times each is measured, in turns.
const ROUNDS: usize = 7;
/// How long each time.
const LONG: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 32;
/// So many different articles are asked for.
const PAGES: usize = 4_000;

const PAGE: &str = "query Page($id: ID!) { article(id: $id) { title publishedAt updatedAt byline \
    source { name url } channel { name } regions { name path ancestors { name } } tags \
    body { html foldAt } views { total } } }";
const CARD: &str = "nodes { id slug title teaser(maxLength: 100) publishedAt leadImage { url } \
    channel { name } regions { name } views { total } }";

/// Something that is asked, in one or many forms.
struct Work {
    name: &'static str,
    bodies: Arc<Vec<String>>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--serve") {
        return speed_server::serve(&arguments[at + 1..]);
    }
    let count = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let given = arguments.iter().find(|argument| argument.starts_with("postgres")).cloned();
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let url = given.unwrap_or_else(|| format!("sqlite://{}/redian.db", folder.display()));
    let file = folder.join("articles.jsonl");
    speed_data::write(&file, count);
    let started = Instant::now();
    run(&["import", "--database-url", &url, &file.display().to_string()]);
    let took = started.elapsed();
    println!(
        "{count} articles were imported in {took:.1?}: {:.0}/s",
        count as f64 / took.as_secs_f64()
    );

    let first = Child::start(&url, 64, &[]);
    first.read_some();
    let works = works(&first);
    let sizes: Vec<usize> = works.iter().map(|work| first.answer(&work.bodies[0]).len()).collect();
    drop(first);
    let started = Instant::now();
    let hits = Child::start(&url, 256, &sizes);
    hits.answer(&works[1].bodies[0]);
    println!("start to first answer: {:.0?}; memory {} MB", started.elapsed(), hits.memory() >> 20);
    let misses = Child::start(&url, 0, &sizes);
    for child in [&hits, &misses] {
        child.wait_for_lists();
    }
    for body in works.iter().flat_map(|work| work.bodies.iter()) {
        hits.answer(body);
    }
    let mut measured = vec![[const { Vec::new() }; 3]; works.len()];
    for _ in 0..ROUNDS {
        for (at, work) in works.iter().enumerate() {
            let bare: &'static str = format!("/bare{at}").leak();
            for (nth, (child, path)) in
                [(&hits, bare), (&hits, "/graphql"), (&misses, "/graphql")].into_iter().enumerate()
            {
                measured[at][nth].push(measure(child, path, work));
            }
        }
    }
    println!("{CONNECTIONS} connections, medians of {ROUNDS} times {LONG:?}, µs of the server:");
    for ((work, size), measured) in works.iter().zip(sizes).zip(&mut measured) {
        let [bare, hit, miss] = measured.each_mut().map(|times| median(times));
        println!(
            "{:28} {:6} B  bare {:6.0}/s {:5.1} µs  hit {:6.0}/s {:5.1} µs {:4.2} of bare  \
             miss {:6.0}/s {:6.1} µs",
            work.name,
            size,
            bare.0,
            bare.1,
            hit.0,
            hit.1,
            hit.0 / bare.0,
            miss.0,
            miss.1
        );
    }
    println!(
        "memory after that: {} MB, without a cache {} MB",
        hits.memory() >> 20,
        misses.memory() >> 20
    );
    drop((hits, misses));
    drop(std::fs::remove_dir_all(folder));
}

fn works(child: &Child) -> Vec<Work> {
    let body = |query: &str, variables: Value| {
        json!({ "query": query, "variables": variables }).to_string()
    };
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    while ids.len() < PAGES {
        let query = "query($after: String) { articles(first: 100, after: $after) { nodes { id } \
                     pageInfo { endCursor hasNextPage } } }";
        let list = child.answer(&body(query, json!({ "after": after })));
        let list: Value = serde_json::from_str(&list).expect("it is JSON");
        let list = &list["data"]["articles"];
        ids.extend(
            list["nodes"].as_array().expect("articles").iter().map(|node| node["id"].clone()),
        );
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let provinces = child.answer(&body("{ regions { nodes { code } } }", json!({})));
    let provinces: Value = serde_json::from_str(&provinces).expect("it is JSON");
    let provinces: Vec<Value> = provinces["data"]["regions"]["nodes"]
        .as_array()
        .expect("provinces")
        .iter()
        .map(|node| node["code"].clone())
        .collect();
    let tree = "query($code: String!) { region(code: $code) { code name path children { code name \
                path children { code name path } } } }";
    let newest = format!("{{ articles(first: 20) {{ {CARD} }} }}");
    let hot = format!("{{ hotArticles(first: 20) {{ {CARD} }} }}");
    let of_province = format!(
        "query($code: String!) {{ articles(first: 20, filter: {{ region: $code }}) {{ {CARD} }} }}"
    );
    let each = |query: &str| -> Vec<String> {
        provinces.iter().map(|code| body(query, json!({ "code": code }))).collect()
    };
    // Those where there are articles.
    let mut full = each(&of_province);
    full.retain(|body| child.answer(body).contains("\"title\""));
    let work = |name, bodies| Work { name, bodies: Arc::new(bodies) };
    vec![
        work("article page", ids.iter().map(|id| body(PAGE, json!({ "id": id }))).collect()),
        work("newest 20", vec![body(&newest, json!({}))]),
        work("hot 20", vec![body(&hot, json!({}))]),
        work("province, cities, districts", each(tree)),
        work("newest 20 of a province", full),
    ]
}

/// Answers a second, and processor time of the server for each, in µs.
fn measure(child: &Child, path: &'static str, work: &Work) -> (f64, f64) {
    let bodies = work.bodies.clone();
    let load = Load {
        address: child.address.clone(),
        path,
        body: Arc::new(move |number| bodies[number % bodies.len()].clone()),
        connections: CONNECTIONS,
        long: LONG,
        pace: Duration::ZERO,
    };
    let (before, started) = (child.processor(), Instant::now());
    let rate = load::run(&load);
    let answers = rate * started.elapsed().as_secs_f64();
    (rate, (child.processor() - before) * 1e6 / answers)
}

fn median(times: &mut [(f64, f64)]) -> (f64, f64) {
    let middle = times.len() / 2;
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let rate = times[middle].0;
    times.sort_by(|one, other| one.1.total_cmp(&other.1));
    (rate, times[middle].1)
}
