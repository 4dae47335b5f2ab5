//! How fast views are counted, beside a route of the same server that answers a
//! constant. Load generator, server and database share the machine.
//!
//! `cargo bench --bench views` on a new SQLite file, or on an empty PostgreSQL
//! database: `cargo bench --bench views -- postgres://…`

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

#[path = "load.rs"]
mod load;

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use axum::Router;
use axum::routing;
use clap::Parser;
use load::Load;
use load::post;
use redian::app::App;
use redian::clock;
use redian::clock::Clock;
use redian::config::Cli;
use redian::import::demo;
use redian::server;
use redian::view;
use redian::view::check;
use redian::view::log;
use sea_orm::ConnectionTrait;
use sea_orm::Statement;
use serde_json::json;
use tokio::net::TcpListener;
use uuid::Uuid;

/// So many times each is measured, in turns.
const ROUNDS: usize = 7;
/// How long each time.
const LONG: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 32;
const MANY: usize = 50;

/// Makes the body of the request of a number.
type Body = Arc<dyn Fn(usize) -> String + Send + Sync>;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let given = std::env::args().skip(1).find(|argument| argument.starts_with("postgres"));
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let url = given.unwrap_or_else(|| format!("sqlite://{}/redian.db", folder.display()));
    let (app, bare, address, ids) = runtime.block_on(serve(&url));

    let ids = Arc::new(ids);
    let of = |pick: fn(usize, usize) -> usize| -> Body {
        let ids = ids.clone();
        Arc::new(move |number| event(&ids[pick(number, ids.len())]).to_string())
    };
    let single = of(|number, articles| number % articles);
    let hot = of(|_, _| 0);
    let many: Body = {
        let ids = ids.clone();
        let events = move |number| (0..MANY).map(move |more| number * MANY + more);
        Arc::new(move |number| {
            events(number)
                .map(|number| event(&ids[number % ids.len()]))
                .collect::<serde_json::Value>()
                .to_string()
        })
    };
    let mut loads = vec![
        ("a constant answer", "/bare", 1, single.clone()),
        ("single views", "/v1/views", 1, single),
        ("single views of one article", "/v1/views", 1, hot),
        ("arrays of 50 views", "/v1/views", MANY, many),
    ];
    if let Some(wanted) = std::env::args().skip(1).find(|argument| !argument.contains([':', '-'])) {
        loads.retain(|(name, path, ..)| name.contains(&wanted) || *path == "/bare");
    }
    let mut rates = vec![(Vec::new(), Vec::new(), Vec::new()); loads.len()];
    for _ in 0..ROUNDS {
        for ((rates, lasting, waits), (_, path, events, body)) in rates.iter_mut().zip(&loads) {
            let (path, body) = (*path, body.clone());
            let address = if path == "/bare" { bare.clone() } else { address.clone() };
            let request = Arc::new(move |number| post(path, "", &body(number)));
            let pace = Duration::ZERO;
            let (sound, connections) = (load::any as fn(&[u8]) -> bool, CONNECTIONS);
            let load = Load { address, request, sound, connections, long: LONG, pace };
            let started = Instant::now();
            let done = load::run(&load);
            let rate = done.rate * *events as f64;
            let took = started.elapsed();
            runtime.block_on(folded(&app));
            rates.push(rate);
            waits.push(done.within(0.99));
            lasting.push(rate * took.as_secs_f64() / started.elapsed().as_secs_f64());
        }
    }
    println!("{CONNECTIONS} connections, medians of {ROUNDS} times {LONG:?}:");
    let bare = median(&mut rates[0].0);
    for ((rates, lasting, waits), (name, ..)) in rates.iter_mut().zip(loads) {
        let (rate, lasting) = (median(rates), median(lasting));
        println!(
            "{name:28} {rate:8.0}/s, {:4.2} of the constant answer; with the time until all is \
             folded {lasting:8.0}/s; 99 % of the answers within {:.1} ms",
            rate / bare,
            median(waits) / 1e3
        );
    }
    let (zone, now) = (app.config.time_zone, app.clock.now());
    let report = runtime.block_on(check::run(&app.db, zone, now)).expect("the sums are read");
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    println!("{} views were counted; all sums agree.", report.counted);
    drop(std::fs::remove_dir_all(folder));
}

/// Waits until all that was counted is folded into keys and sums.
async fn folded(app: &App) {
    while log::folded(&app.db.read).await.expect("the log is read") < app.views.tail().through() {
        server::fold_views(app.clone()).await.expect("the log is folded");
        view::follow::run(&app.db, &app.views).await.expect("the log is read");
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens").to_string();
    (listener, address)
}

/// Serves a constant, and the sample content; where, and the ids of its articles.
async fn serve(url: &str) -> (App, String, String, Vec<Uuid>) {
    let arguments = [
        "redian",
        "--database-url",
        url,
        "--rate-limit",
        "0",
        "--view-network-cap",
        "1000000000",
        "schema",
    ];
    let config = Cli::try_parse_from(arguments).expect("the settings are sound").config;
    let app = App::open(config, Clock::default()).await.expect("the database opens");
    demo::load(&app).await.expect("the sample content loads");
    app.views.load(&app.db).await.expect("the totals are read");
    let sql = "SELECT id FROM article WHERE published_at IS NOT NULL ORDER BY id LIMIT 50";
    let sql = Statement::from_string(app.db.read.get_database_backend(), sql);
    let rows = app.db.read.query_all_raw(sql).await.expect("articles are read");
    let ids = rows.iter().map(|row| row.try_get_by_index(0).expect("an id")).collect();
    let (bare, bare_address) = listen().await;
    let constant = routing::post(|| async { "{\"results\":[]}" });
    tokio::spawn(axum::serve(bare, Router::new().route("/bare", constant)).into_future());
    let (listener, address) = listen().await;
    tokio::spawn(server::serve(app.clone(), listener, std::future::pending()));
    (app, bare_address, address, ids)
}

/// A view of a visitor of its own, as on a busy site.
fn event(article: &Uuid) -> serde_json::Value {
    let id = clock::new_id();
    json!({ "eventId": id, "article": article, "visitorId": id })
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
