//! What lists by views cost among 1,000,000 articles, and how long a start takes that
//! reads their views.
//!
//! `cargo bench --bench lists [-- ARTICLES]`: imports short articles with views of
//! their own into an SQLite file, gives half of them views in one hour of the last
//! 30 days each, starts a server and asks it over HTTP on the loopback, one request
//! at a time.

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

#[path = "command.rs"]
mod command;
#[path = "server.rs"]
mod server;

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use command::run;
use redian::clock::Clock;
use redian::db::Db;
use sea_orm::ConnectionTrait;
use serde_json::json;
use server::Server;

/// Requests of each kind.
const ROUNDS: usize = 300;
/// Everything may be listed.
const OPEN: &[&str] = &["--ranking-min-visitors", "0"];
/// Starts.
const STARTS: usize = 5;

#[tokio::main]
async fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let count: usize = count.unwrap_or(1_000_000);
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let url = format!("sqlite://{}/redian.db", folder.display());
    let file = folder.join("articles.jsonl");
    write(&file, count);
    run(&["import", "--database-url", &url, &file.display().to_string()]);
    let rows = views(&url).await;
    println!("{count} articles with a total, {rows} of them with an hour of views");

    let (mut answering, mut ranking) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        let server = Server::start(&url, OPEN);
        server.query("{ site { name } }").await;
        answering.push(started.elapsed());
        // The first list waits until the views of all articles are read.
        while !server.query(&list("hotArticles(first: 20)")).await.contains("\"title\"") {
            assert!(started.elapsed() < Duration::from_secs(60), "lists are read in a minute");
        }
        ranking.push(started.elapsed());
    }
    println!("a start answers GraphQL after {:?}", median(&mut answering));
    println!("a start answers lists after {:?}", median(&mut ranking));

    let server = Server::start(&url, OPEN);
    for name in [
        "hotArticles(first: 20)",
        "hotArticles(first: 20, region: \"hebei\")",
        "mostReadArticles(window: DAY, first: 20)",
        "mostReadArticles(window: MONTH, first: 20)",
        "mostReadArticles(window: ALL, first: 20)",
    ] {
        let question = list(name);
        let started = Instant::now();
        server.query(&question).await;
        let first = started.elapsed();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let answer = server.query(&question).await;
            times.push(started.elapsed());
            assert_eq!(answer.matches("\"title\"").count(), 20, "{answer}");
        }
        println!("{name}: {:?}; computed for the first time {first:?}", median(&mut times));
    }
    drop(server);
    std::fs::remove_dir_all(&folder).expect("the temporary folder is writable");
}

fn list(name: &str) -> String {
    format!("{{ {name} {{ asOf edges {{ rank previousRank views node {{ id title }} }} }} }}")
}

/// Every tenth article is about a district of 河北省.
fn write(file: &Path, count: usize) {
    let mut out = BufWriter::new(File::create(file).expect("the file is writable"));
    for number in 0..count {
        let regions = if number % 10 == 0 { json!(["130104"]) } else { json!([]) };
        let record = json!({
            "type": "article", "externalId": number.to_string(), "title": format!("第{number}篇"),
            "body": "正文。", "regions": regions, "publishedAt": "2026-01-01T00:00:00Z",
            "importedViews": number % 997 + 1,
        });
        writeln!(out, "{record}").expect("the file is writable");
    }
    out.flush().expect("the file is writable");
}

/// Views as folding would have left them; in how many hours.
async fn views(url: &str) -> u64 {
    let db = Db::connect(url).await.expect("the database opens");
    let now = Clock::default().now().timestamp();
    let (hour, day) = (now / 3600, now / 86_400);
    let numbered = "(SELECT article_id, row_number() OVER (ORDER BY article_id) AS n \
                    FROM view_total) AS numbered WHERE n % 2 = 0";
    let txn = db.begin().await.expect("a transaction begins");
    let mut rows = 0;
    for sql in [
        format!(
            "INSERT INTO view_hour (hour, article_id, counted) SELECT {hour} - n % 720, article_id, 1 + n % 31 FROM {numbered}"
        ),
        format!(
            "INSERT INTO view_day (day, article_id, counted) SELECT {day} - n % 720 / 24, article_id, 1 + n % 31 FROM {numbered}"
        ),
        format!(
            "INSERT INTO view_hot (article_id, fast, slow) SELECT article_id, {hour} - n % 720, ({hour} - n % 720) / 3.0 FROM {numbered}"
        ),
        format!(
            "UPDATE view_total SET counted = 1 + n % 31 FROM {numbered} AND view_total.article_id = numbered.article_id"
        ),
    ] {
        rows = txn.db.execute_unprepared(&sql).await.expect("the views are stored").rows_affected();
    }
    txn.commit().await.expect("the views are stored");
    db.close().await.expect("the database closes");
    rows
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
