//! How long it takes until everybody who subscribed has heard of a change, and how much memory
//! that takes.
//!
//! `cargo bench --bench live`: 2,000 WebSockets with a subscription each, first all to what is
//! published, then each to an article of its own and to views; on SQLite, and with a
//! PostgreSQL database (`cargo bench --bench live -- postgres://…`) on two instances: one publishes,
//! the sockets are at the other. Linux only.

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

#[path = "server.rs"]
mod server;

use std::time::Duration;
use std::time::Instant;

use futures_util::SinkExt;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::Value;
use serde_json::json;
use server::Server;
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const SOCKETS: usize = 2_000;
/// Changes of each kind.
const CHANGES: usize = 9;
const PUBLISHED: &str = "subscription { articlePublished { cursor article { title slug channel { name } \
                         regions { name } teaser views { total } } } }";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let url = format!("sqlite://{}/redian.db", folder.display());
    let server = Server::start(&url, &["--demo"]);
    measure("SQLite", &url, &server, &server).await;
    drop(server);
    if let Some(url) = std::env::args().find(|argument| argument.starts_with("postgres")) {
        let (first, second) = (Server::start(&url, &["--demo"]), Server::start(&url, &[]));
        measure("PostgreSQL, two instances", &url, &first, &second).await;
    }
    drop(std::fs::remove_dir_all(folder));
}

/// Changes something at `writer`, and listens at `reader`.
async fn measure(name: &str, database_url: &str, writer: &Server, reader: &Server) {
    let editor = Editor { url: writer.url.clone(), token: token(database_url) };
    let address = reader.url.replace("http://", "ws://");
    assert!(reader.query("{ site { name } }").await.contains("name"), "it answers");
    println!("{name}, {SOCKETS} sockets, the time until the last one has heard:");

    let mut sockets = join_all((0..SOCKETS).map(|_| open(&address, PUBLISHED.into()))).await;
    let mut waits = Vec::new();
    for number in 0..CHANGES {
        let id = editor.create(&format!("第{number}篇")).await;
        let started = Instant::now();
        editor.change("publishArticle", json!({ "id": id })).await;
        waits.push(all_heard(&mut sockets, started).await);
    }
    report("what is published", waits);

    let id = editor.create("改动").await;
    let article = editor.change("publishArticle", json!({ "id": id })).await;
    join_all(sockets.iter_mut().map(next)).await;
    let changed = |id: &str| {
        format!("subscription {{ articleChanged(id: \"{id}\") {{ kind article {{ title }} }} }}")
    };
    join_all(sockets.iter_mut().map(|socket| again(socket, changed(&id)))).await;
    let (mut waits, mut version) = (Vec::new(), article["version"].clone());
    for number in 0..CHANGES {
        let started = Instant::now();
        let input = json!({ "id": id, "version": version, "title": format!("第{number}次") });
        version = editor.change("updateArticle", input).await["version"].clone();
        waits.push(all_heard(&mut sockets, started).await);
    }
    report("changes of an article", waits);

    let totals = format!("subscription {{ viewTotals(articles: [\"{id}\"]) {{ total }} }}");
    join_all(sockets.iter_mut().map(|socket| again(socket, totals.clone()))).await;
    let mut waits = Vec::new();
    for number in 1..=CHANGES {
        let started = Instant::now();
        let input = json!({ "id": id, "imported": number, "reason": "measured" });
        editor.change("correctImportedViews", input).await;
        waits.push(all_heard(&mut sockets, started).await);
    }
    report("views, told once a second", waits);
    println!("  most memory of the server with the sockets: {} MB", peak_memory(reader) >> 10);
}

fn report(what: &str, mut waits: Vec<Duration>) {
    waits.sort();
    let (median, longest) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    println!("  {what:28} median {median:8.2?}, longest {longest:8.2?}");
}

/// Waits until each socket has one more answer; how long after `started` the last one came.
async fn all_heard(sockets: &mut [Socket], started: Instant) -> Duration {
    join_all(sockets.iter_mut().map(next)).await;
    started.elapsed()
}

async fn open(address: &str, query: String) -> Socket {
    let mut request = address.into_client_request().expect("an address");
    let protocol = "graphql-transport-ws".parse().expect("a header");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("a socket");
    send(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(text(&mut socket).await["type"], "connection_ack");
    subscribe(&mut socket, &query).await;
    socket
}

/// Listens to something else.
async fn again(socket: &mut Socket, query: String) {
    send(socket, json!({ "type": "complete", "id": "1" })).await;
    subscribe(socket, &query).await;
}

async fn subscribe(socket: &mut Socket, query: &str) {
    let payload = json!({ "query": query });
    send(socket, json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    // The answer to what was sent later: the subscription listens by then, or almost.
    let payload = json!({ "query": "{ site { articleCount { value } } }" });
    send(socket, json!({ "type": "subscribe", "id": "2", "payload": payload })).await;
    while text(socket).await["type"] != "complete" {}
}

/// The next answer of the subscription.
async fn next(socket: &mut Socket) {
    let message = text(socket).await;
    assert_eq!(message["type"], "next", "{message}");
}

async fn send(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.expect("an open socket");
}

async fn text(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).expect("JSON"),
            Some(Ok(Message::Ping(_))) => {}
            other => panic!("a socket ended: {other:?}"),
        }
    }
}

/// Who changes articles.
struct Editor {
    url: String,
    token: String,
}

impl Editor {
    async fn create(&self, title: &str) -> String {
        let input = json!({ "title": title, "body": "正文。", "regions": ["130100"] });
        let article = self.change("createArticle", input).await;
        article["id"].as_str().expect("an id").to_owned()
    }

    async fn change(&self, mutation: &str, input: Value) -> Value {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ article {{ id version }} }} }}"
        );
        let body = json!({ "query": query, "variables": { "input": input } });
        let request = reqwest::Client::new().post(&self.url).bearer_auth(&self.token).json(&body);
        let answer: Value =
            request.send().await.expect("an answer").json().await.expect("a whole answer");
        let article = answer["data"][mutation]["article"].clone();
        assert!(article.is_object(), "{answer}");
        article
    }
}

fn token(database_url: &str) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_redian"));
    let command = command.args(["token", "create", "--scope", "publish", "--scope", "unlimited"]);
    let made = command.args(["--database-url", database_url]).output().expect("the binary runs");
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}

/// The most memory that the server had, in kB.
fn peak_memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id()));
    let status = status.expect("the server runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("proc(5)");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}
