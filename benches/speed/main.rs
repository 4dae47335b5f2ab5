//! How fast the public is answered: what repeats and what does not, beside a bare route of
//! the same server that sends as many bytes.
//!
//! `cargo bench --bench speed [-- ARTICLES] [postgres://…]` imports that many articles, 100,000
//! by default, into a new SQLite file or an empty PostgreSQL database, and prints the table:
//! hits, misses, compressed answers, deep pages, a minute of everything at once. `table`,
//! `compressed`, `deep` and `mixed` print these parts alone.
//! `--other URL FOLDER` asks another GraphQL server, too, see `other.rs`; `growth` compares
//! 10,000 articles with 1,000,000 instead, `search` tells how long it takes to be found (`search made`:
//! in a database that it made before), and
//! `recommended` how long recommended reading takes. Load generator, servers and database share
//! the machine; the processor time is that of the server alone, from `/proc` (Linux only).

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

mod asked;
#[path = "../command.rs"]
mod command;
mod compressed;
mod data;
mod deep;
mod growth;
#[path = "../load.rs"]
mod load;
mod mixed;
mod other;
#[path = "../process.rs"]
mod process;
mod recommended;
mod search;
mod server;
mod table;
mod turns;
mod words;

use std::path::Path;
use std::time::Instant;

use data::Length;
use other::Other;
use server::Child;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--serve") {
        return server::serve(&arguments[at + 1..]);
    }
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    match arguments.iter().any(|argument| argument == "growth") {
        true => growth::print(&folder),
        false => run(&folder, &arguments),
    }
    drop(std::fs::remove_dir_all(folder));
}

fn run(folder: &Path, arguments: &[String]) {
    let count = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    assert!(count >= asked::PAGES, "{} articles are asked for", asked::PAGES);
    let given = arguments.iter().find(|argument| argument.starts_with("postgres")).cloned();
    let others: Vec<Other> = arguments
        .windows(3)
        .filter(|three| three[0] == "--other")
        .map(|three| Other::new(&three[1], Path::new(&three[2])))
        .collect();
    let url = given.unwrap_or_else(|| format!("sqlite://{}/redian.db", folder.display()));
    if arguments.iter().any(|argument| argument == "search") {
        if !arguments.iter().any(|argument| argument == "made") {
            search::make(folder, &url, count);
        }
        return search::print(&url);
    }
    if arguments.iter().any(|argument| argument == "recommended") {
        return recommended::print(folder, &url, count);
    }
    data::import(folder, &url, count, Length::Usual);
    let token = command::output(&[
        "token",
        "create",
        "--database-url",
        &url,
        "--name",
        "bench",
        "--scope",
        "publish",
    ]);

    let first = Child::start(&url, 64, &[]);
    first.read_some();
    let works = asked::all(&first);
    let mut sizes: Vec<usize> =
        works.iter().map(|work| first.answer(&work.bodies[0]).len()).collect();
    let plain = sizes.len();
    let compressed = &works[..2];
    sizes.extend(compressed.iter().map(|work| first.compressed(&work.bodies[0])));
    drop(first);

    let started = Instant::now();
    let hits = Child::start(&url, 256, &sizes);
    hits.answer(&works[1].bodies[0]);
    println!("start to first answer: {:.0?}; memory {} MB", started.elapsed(), hits.memory() >> 20);
    let misses = Child::start(&url, 0, &sizes);
    hits.wait_for_lists();
    misses.wait_for_lists();
    for body in works.iter().flat_map(|work| work.bodies.iter()) {
        hits.answer(body);
    }
    let parts = ["table", "compressed", "deep", "mixed"];
    let all = !arguments.iter().any(|argument| parts.contains(&argument.as_str()));
    let wanted = |part: &str| all || arguments.iter().any(|argument| argument == part);
    if wanted("table") {
        table::print(&hits, &misses, &works, &sizes[..plain], &others);
    }
    if wanted("compressed") {
        compressed::print(&hits, compressed, plain);
    }
    if wanted("deep") {
        deep::print(&misses, count);
    }
    if wanted("mixed") {
        mixed::print(&hits, &works, token.trim());
    }
    println!(
        "memory after all: {} MB, without a cache {} MB",
        hits.memory() >> 20,
        misses.memory() >> 20
    );
}
