//! What reading by region costs, and whether it grows with the number of articles.
//!
//! `cargo bench --bench regions [-- ARTICLES]`: imports 10,000 short articles into
//! one SQLite file and ARTICLES (1,000,000) into another; 4,000 of 河北省, the
//! newest, are the same in both, and only they are asked for. Then it starts a
//! server on each and asks them in turn. The times are of whole requests over
//! HTTP on the loopback, one at a time.

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
use serde_json::Value;
use serde_json::json;
use server::Server;

const SMALL: usize = 10_000;
/// Articles of 河北省 that both have.
const SHARED: usize = 4_000;
/// Requests of each kind to each server.
const ROUNDS: usize = 300;

#[tokio::main]
async fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let count: usize = count.unwrap_or(1_000_000);
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let started = Instant::now();
    run(&["migrate", "--database-url", &url(&folder, "empty")]);
    println!("start on an empty folder, directory loaded: {:?}", started.elapsed());
    let mut servers = Vec::new();
    for (name, count) in [("small", SMALL), ("large", count)] {
        let file = folder.join("articles.jsonl");
        write(&file, count);
        let started = Instant::now();
        let path = file.display().to_string();
        run(&["import", "--database-url", &url(&folder, name), &path]);
        println!("{count} articles imported in {:?}", started.elapsed());
        servers.push(Server::start(&url(&folder, name), &[]));
    }
    let page = |first: usize, after: Option<&str>| {
        let after = after.map_or(String::new(), |after| format!(", after: \"{after}\""));
        format!(
            "{{ region(code: \"130000\") {{ articles(first: {first}{after}) {{ nodes {{ id title \
             publishedAt }} pageInfo {{ endCursor }} }} }} }}"
        )
    };
    // Page 1,000 of four begins behind the 3,996th article.
    let mut behind: Option<String> = None;
    let mut left = SHARED - 4;
    while left > 0 {
        let first = left.min(100);
        let answer = ask(&servers[0], &page(first, behind.as_deref())).await;
        let cursor = &answer["data"]["region"]["articles"]["pageInfo"]["endCursor"];
        behind = cursor.as_str().map(str::to_owned);
        left -= first;
    }
    let tree =
        "{ region(code: \"130000\") { name children { code name children { code name } } } }";
    let questions = [
        ("newest 20 of 河北省", page(20, None)),
        ("page 1,000 of 4", page(4, behind.as_deref())),
        ("河北省 with all cities and districts", tree.to_owned()),
        ("{ site { name } }, to compare", "{ site { name } }".to_owned()),
    ];
    for (name, question) in questions {
        let mut times = vec![Vec::new(); servers.len()];
        let mut answers = vec![Value::Null; servers.len()];
        for _ in 0..ROUNDS {
            for (at, server) in servers.iter().enumerate() {
                let started = Instant::now();
                answers[at] = ask(server, &question).await;
                times[at].push(started.elapsed());
            }
        }
        let titles = |answer: &Value| answer.to_string().matches("title").count();
        assert_eq!(titles(&answers[0]), titles(&answers[1]), "{name}");
        let (small, large) = (median(&mut times[0]), median(&mut times[1]));
        let ratio = large.as_secs_f64() / small.as_secs_f64();
        println!("{name}: {small:?} among {SMALL}, {large:?} among {count}: {ratio:.2} times");
    }
    drop(servers);
    std::fs::remove_dir_all(&folder).expect("the temporary folder is writable");
}

fn url(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(format!("{name}.db")).display())
}

async fn ask(server: &Server, query: &str) -> Value {
    let answer = server.query(query).await;
    let answer: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    assert!(answer["errors"].is_null(), "{answer}");
    answer
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Short articles, the newest first: the shared ones of 河北省, then some from
/// everywhere.
fn write(path: &Path, count: usize) {
    let shared = ["130102", "130104", "130203", "130302", "130581", "130682"];
    let others = ["110105", "130108", "310104", "330106", "440305", "510107", "650102", "130481"];
    let mut file = BufWriter::new(File::create(path).expect("the temporary folder is writable"));
    let newest = 1_767_225_600_000_i64; // 2026-01-01
    for number in 0..count {
        let region = match number < SHARED {
            true => shared[number % shared.len()],
            false => others[number % others.len()],
        };
        let at = chrono::DateTime::from_timestamp_millis(newest - number as i64 * 20_000);
        let record = json!({
            "type": "article", "externalId": number.to_string(), "title": format!("第{number}篇"),
            "body": format!("第{number}段。"), "slugs": [format!("no-{number}")],
            "regions": [region], "publishedAt": at,
        });
        writeln!(file, "{record}").expect("the temporary folder is writable");
    }
    file.flush().expect("the temporary folder is writable");
}
