//! What reading costs while views come in: the server's processor time for both at
//! once, beside that for each alone.
//!
//! `cargo bench --bench reading` on a new SQLite file, or on an empty PostgreSQL
//! database: `cargo bench --bench reading -- postgres://…`, whose own time is not in
//! the figures. Linux only: the time is that of `/proc`.

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

#[path = "load.rs"]
mod load;
#[path = "process.rs"]
mod process;
#[path = "server.rs"]
mod server;

use std::sync::Arc;
use std::time::Duration;

use load::Load;
use load::Request;
use load::post;
use redian::clock;
use serde_json::Value;
use serde_json::json;
use server::Server;

/// So many times each is measured, in turns.
const ROUNDS: usize = 7;
/// How long each time.
const LONG: Duration = Duration::from_secs(4);
/// So long after that, folding has come to its end.
const REST: Duration = Duration::from_secs(2);
/// Article pages a second.
const PAGES: u32 = 1_000;
/// Views a second.
const VIEWS: u32 = 5_000;
const CONNECTIONS: u32 = 32;

/// An article page.
const PAGE: &str = "query Page($id: ID!) { article(id: $id) { title publishedAt updatedAt byline \
    source { name url } channel { name } regions { name path ancestors { name } } tags \
    body { html foldAt } views { total } } }";

#[tokio::main]
async fn main() {
    let given = std::env::args().find(|argument| argument.starts_with("postgres"));
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let url = given.unwrap_or_else(|| format!("sqlite://{}/redian.db", folder.display()));
    let server = Server::start(&url, &["--demo", "--view-network-cap", "1000000000"]);
    let found = server.query("{ articles(first: 50) { nodes { id } } }").await;
    let found: Value = serde_json::from_str(&found).expect("the answer is JSON");
    let nodes = found["data"]["articles"]["nodes"].as_array().expect("there are articles");
    let ids: Vec<Value> = nodes.iter().map(|node| node["id"].clone()).collect();
    let ids = Arc::new(ids);

    let address = server.url.trim_start_matches("http://").trim_end_matches("/graphql").to_owned();
    let paced = |rate: u32, request: Request| Load {
        address: address.clone(),
        request,
        sound: load::any,
        connections: CONNECTIONS as usize,
        long: LONG,
        pace: Duration::from_secs(1) * CONNECTIONS / rate,
    };
    let of = ids.clone();
    let pages = paced(
        PAGES,
        Arc::new(move |number| {
            let body = json!({ "query": PAGE, "variables": { "id": of[number % of.len()] } });
            post("/graphql", "", &body.to_string())
        }),
    );
    let views = paced(
        VIEWS,
        Arc::new(move |number| {
            let id = clock::new_id();
            let article = &ids[number % ids.len()];
            let event = json!({ "eventId": id, "article": article, "visitorId": id });
            post("/v1/views", "", &event.to_string())
        }),
    );
    let kinds: [(&str, &[&Load]); 4] = [
        ("nothing", &[]),
        ("reading", &[&pages]),
        ("counting", &[&views]),
        ("reading and counting", &[&pages, &views]),
    ];
    let (mut times, mut longest) = (vec![Vec::new(); kinds.len()], 0.0_f64);
    for _ in 0..ROUNDS {
        for (times, (name, loads)) in times.iter_mut().zip(&kinds) {
            let before = process::processor(server.child.id());
            let running: Vec<_> = loads
                .iter()
                .map(|load| {
                    let load = (*load).clone();
                    std::thread::spawn(move || load::run(&load))
                })
                .collect();
            std::thread::sleep(LONG + REST);
            for (load, running) in loads.iter().zip(running) {
                let done = running.join().expect("the load ran to its end");
                let (rate, wait) = (done.rate, done.within(0.99));
                longest = longest.max(wait);
                let wanted = f64::from(CONNECTIONS) / load.pace.as_secs_f64();
                assert!(rate > 0.95 * wanted, "{name}: only {rate:.0}/s of {wanted:.0}/s");
            }
            times.push(process::processor(server.child.id()) - before);
        }
    }
    println!("{PAGES} pages and {VIEWS} views a second, medians of {ROUNDS} times {LONG:?}:");
    let times: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    for ((name, _), time) in kinds.iter().zip(&times) {
        println!("{name:22} {:6.2} s of the processor", time);
    }
    let (apart, both) = (times[1] + times[2] - 2.0 * times[0], times[3] - times[0]);
    println!("both at once cost {:.2} of both apart", both / apart);
    println!("99 % of the answers came within {:.1} ms each time", longest / 1e3);
    drop(server);
    drop(std::fs::remove_dir_all(folder));
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
