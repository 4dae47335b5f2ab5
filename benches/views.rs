//! How fast views are counted, beside a route of the same server that answers a
//! constant. Load generator, server and database share the machine.
//!
//! `cargo bench --bench views` on a new SQLite file, or with the URL of an empty
//! PostgreSQL database: `cargo bench --bench views -- postgres://…`

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

#[path = "load.rs"]
mod load;

use std::time::Duration;

use axum::routing::post;
use load::Load;
use redian::app::App;
use redian::clock;
use redian::clock::Clock;
use redian::config::Cli;
use redian::import::demo;
use redian::server;
use sea_orm::ConnectionTrait;
use sea_orm::Statement;
use serde_json::json;

/// So many times each is measured, in turns.
const ROUNDS: usize = 7;
/// How long each time.
const LONG: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 32;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run());
}

async fn run() {
    let given = std::env::args().find(|argument| argument.starts_with("postgres"));
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let url = given.unwrap_or_else(|| format!("sqlite://{}/redian.db", folder.display()));
    let ids = serve(&url).await;

    let single = |number: usize| body(&ids[number % ids.len()]);
    let hot = |_| body(&ids[0]);
    let many = |number: usize| {
        let events: Vec<String> = (0..50).map(|more| single(number * 50 + more)).collect();
        format!("[{}]", events.join(","))
    };
    let loads: [(&str, &str, usize, &load::Body); 4] = [
        ("a constant answer", "/bare", 1, &single),
        ("single views", "/v1/views", 1, &single),
        ("single views, one hot article", "/v1/views", 1, &hot),
        ("arrays of 50 views", "/v1/views", 50, &many),
    ];
    let mut rates = vec![Vec::new(); loads.len()];
    for _ in 0..ROUNDS {
        for (at, (_, path, events, body)) in loads.iter().enumerate() {
            let load = Load { path, connections: CONNECTIONS, long: LONG };
            rates[at].push(load.run(*body).await * *events as f64);
        }
    }
    println!("{} connections, medians of {ROUNDS} times {LONG:?}:", CONNECTIONS);
    let bare = median(&mut rates[0]);
    for (rates, (name, ..)) in rates.iter_mut().zip(loads) {
        let rate = median(rates);
        println!("{name:32} {rate:9.0}/s   {:5.2} of the constant answer", rate / bare);
    }
    check(&url).await;
    drop(std::fs::remove_dir_all(folder));
}

/// Serves the sample content on a port of its own; the ids of its articles.
async fn serve(url: &str) -> Vec<String> {
    use clap::Parser;
    let arguments = ["redian", "--database-url", url, "--view-network-cap", "1000000000", "schema"];
    let config = Cli::try_parse_from(arguments).expect("the settings are sound").config;
    let app = App::open(config, Clock::default()).await.expect("the database opens");
    demo::load(&app).await.expect("the sample content loads");
    app.views.load(&app.db).await.expect("the totals are read");
    let sql = Statement::from_string(
        app.db.read.get_database_backend(),
        "SELECT id FROM article WHERE state = 'published' ORDER BY id",
    );
    let rows = app.db.read.query_all_raw(sql).await.expect("articles are read");
    let id = |row: &sea_orm::QueryResult| row.try_get_by_index::<uuid::Uuid>(0).expect("an id");
    let ids = rows.iter().map(|row| id(row).to_string()).collect();
    let listener = tokio::net::TcpListener::bind(load::ADDRESS).await.expect("the port is free");
    let router = server::router(&app).route("/bare", post(|| async { "{\"results\":[]}" }));
    tokio::spawn(server::serve_router(app, router, listener, std::future::pending()));
    ids
}

fn body(article: &str) -> String {
    let id = clock::new_id().to_string();
    // Each its own visitor, as on a busy site.
    json!({ "eventId": id, "article": article, "visitorId": id }).to_string()
}

/// What was counted must be what was acknowledged.
async fn check(url: &str) {
    let _ = url;
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
