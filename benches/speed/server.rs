//! The server that is measured, and in the same process a plain axum server whose routes send
//! as many bytes.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::Ordering::Relaxed;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing;
use clap::Parser;
use redian::app::App;
use redian::cache::Counts;
use redian::clock::Clock;
use redian::config::Cli;
use redian::server;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;

use crate::asked::body;
use crate::compressed::ACCEPT;
use crate::load::post;
use crate::process;

/// A server in a process of its own, ended when dropped.
pub struct Child {
    process: std::process::Child,
    /// Where it listens.
    pub address: String,
    /// Where the bare routes are.
    pub bare: String,
}

impl Child {
    /// Starts one that keeps so many MB of answers, with a bare route for each of these sizes.
    pub fn start(url: &str, cache: usize, sizes: &[usize]) -> Self {
        let own = std::env::current_exe().expect("the benchmark is a file");
        let sizes = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        let mut process = Command::new(own)
            .args(["--serve", url, &cache.to_string(), &sizes])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server runs");
        let mut line = String::new();
        let output = process.stdout.take().expect("the output is piped");
        BufReader::new(output).read_line(&mut line).expect("the server says where it is");
        let (address, bare) = line.trim().split_once(' ').expect("two addresses");
        Self { process, address: address.into(), bare: bare.into() }
    }

    /// The body of the answer to a request, which must be without errors.
    pub fn answer(&self, body: &str) -> String {
        self.post("/graphql", "", body)
    }

    /// The same, read.
    pub fn json(&self, body: &str) -> Value {
        serde_json::from_str(&self.answer(body)).expect("it is JSON")
    }

    /// The same of a mutation, by whom a token belongs to.
    pub fn as_editor(&self, body: &str, token: &str) {
        let answer = self.post("/graphql", &format!("Authorization: Bearer {token}\r\n"), body);
        assert!(answer.contains("\"userErrors\":[]"), "{answer}");
    }

    /// How many bytes the compressed body of an answer has.
    pub fn compressed(&self, body: &str) -> usize {
        let answer = sent(&self.address, "/graphql", ACCEPT, body);
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        assert!(answer[..head].windows(4).any(|four| four == b": br"), "it is compressed");
        answer.len() - head - 4
    }

    /// How many answers were kept, made, and made because keeping was not safe.
    pub fn counts(&self) -> [u64; 3] {
        let answer = sent(&self.bare, "/counts", "", "");
        let start = answer.iter().rposition(|byte| *byte == b'[').expect("there is a list");
        serde_json::from_slice(&answer[start..]).expect("they are numbers")
    }

    fn post(&self, path: &str, more: &str, body: &str) -> String {
        let answer = sent(&self.address, path, more, body);
        let answer = String::from_utf8(answer).expect("the answer is a text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("the answer is whole");
        assert!(head.starts_with("HTTP/1.1 200") && !body.contains("\"errors\""), "{answer}");
        body.to_owned()
    }

    /// Has some articles read, so that they are hot, and waits until they are.
    pub fn read_some(&self) {
        let list = self.json(&body("{ articles(first: 100) { nodes { id } } }", json!({})));
        let nodes = list["data"]["articles"]["nodes"].as_array().expect("articles");
        let event = |node: &Value| {
            let id = redian::clock::new_id();
            json!({ "eventId": id, "article": node["id"], "visitorId": id })
        };
        let events: Value = nodes.iter().map(event).collect();
        let answer = self.post("/v1/views", "", &events.to_string());
        assert!(answer.contains("COUNTED"), "{answer}");
        self.wait_for_lists();
    }

    /// Waits until there is a hot list.
    pub fn wait_for_lists(&self) {
        let list = body("{ hotArticles(first: 20) { nodes { id } } }", json!({}));
        while self.answer(&list).matches("\"id\"").count() < 20 {}
    }

    /// The processor time that it has used, in seconds.
    pub fn processor(&self) -> f64 {
        process::processor(self.process.id())
    }

    /// How often it had to wait for the disk to read a page of memory.
    pub fn faults(&self) -> f64 {
        process::stat(self.process.id(), 12)
    }

    /// The memory that it has, in bytes.
    pub fn memory(&self) -> usize {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.process.id()));
        let statm = statm.expect("the server runs");
        let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok());
        pages.expect("a number") * 4096
    }
}

fn sent(address: &str, path: &str, more: &str, body: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = post(path, &format!("{more}Connection: close\r\n"), body);
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    answer
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Serves until it is killed: `URL MB SIZES`.
pub fn serve(arguments: &[String]) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let settings = [
            "redian",
            "--database-url",
            &arguments[0],
            "--cache-size",
            &arguments[1],
            "--view-network-cap",
            "0",
            // Counted, too, but for nobody the last.
            "--rate-limit",
            "4000000000",
            "--ranking-min-visitors",
            "0",
            "schema",
        ];
        let config = Cli::try_parse_from(settings).expect("the settings are sound").config;
        let app = App::open(config, Clock::default()).await.expect("the database opens");
        app.views.load(&app.db).await.expect("the totals are read");
        let mut router = Router::new();
        let sizes = arguments[2].split(',').filter_map(|size| size.parse::<usize>().ok());
        let counts = app.clone();
        let counts = move || {
            let Counts { hits, misses, bypassed } = &counts.cache.counts;
            let counts = [hits, misses, bypassed].map(|count| count.load(Relaxed));
            async move { axum::Json(counts) }
        };
        router = router.route("/counts", routing::post(counts));
        for (at, size) in sizes.enumerate() {
            let body = Bytes::from("x".repeat(size));
            let bare = move || {
                let body = body.clone();
                async move { ([(CONTENT_TYPE, "application/json")], body) }
            };
            router = router.route(&format!("/bare{at}"), routing::post(bare));
        }
        let listen = async || TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let (listener, bare) = (listen().await, listen().await);
        let [address, other] =
            [&listener, &bare].map(|one| one.local_addr().expect("it has an address"));
        println!("{address} {other}");
        tokio::spawn(axum::serve(bare, router).into_future());
        let forever = std::future::pending();
        server::serve(app, listener, forever).await.expect("it serves");
    });
}
