//! The server that is measured: all routes, and beside them bare ones that send as many bytes.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::process::Stdio;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use clap::Parser;
use redian::app::App;
use redian::clock::Clock;
use redian::config::Cli;
use redian::routes;
use redian::server;
use tokio::net::TcpListener;

/// A server in a process of its own, ended when dropped.
pub struct Child {
    process: std::process::Child,
    /// Where it listens.
    pub address: String,
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
        let mut address = String::new();
        let output = process.stdout.take().expect("the output is piped");
        BufReader::new(output).read_line(&mut address).expect("the server says where it is");
        Self { process, address: address.trim().into() }
    }

    /// The body of the answer to a request, which must be without errors.
    pub fn answer(&self, body: &str) -> String {
        self.post("/graphql", body)
    }

    fn post(&self, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("the answer is whole");
        assert!(head.starts_with("HTTP/1.1 200") && !body.contains("\"errors\""), "{answer}");
        body.to_owned()
    }

    /// Has some articles read, so that they are hot, and waits until they are.
    pub fn read_some(&self) {
        let list = "{\"query\": \"{ articles(first: 100) { nodes { id } } }\"}";
        let list: serde_json::Value = serde_json::from_str(&self.answer(list)).expect("it is JSON");
        let nodes = list["data"]["articles"]["nodes"].as_array().expect("articles");
        let event = |node: &serde_json::Value| {
            let id = redian::clock::new_id();
            serde_json::json!({ "eventId": id, "article": node["id"], "visitorId": id })
        };
        let events: serde_json::Value = nodes.iter().map(event).collect();
        let answer = self.post("/v1/views", &events.to_string());
        assert!(answer.contains("COUNTED"), "{answer}");
        self.wait_for_lists();
    }

    /// Waits until there is a hot list.
    pub fn wait_for_lists(&self) {
        let list = "{\"query\": \"{ hotArticles(first: 20) { nodes { id } } }\"}";
        while self.answer(list).matches("\"id\"").count() < 20 {}
    }

    /// The processor time that it has used, in seconds.
    pub fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()));
        let stat = stat.expect("the server runs");
        // After the name in parentheses, user and system time are the 12th and 13th.
        let (_, behind) = stat.rsplit_once(')').expect("a name in parentheses");
        let ticks: f64 = behind
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<f64>().expect("a number"))
            .sum();
        ticks / 100.0
    }

    /// The memory that it has, in bytes.
    pub fn memory(&self) -> usize {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.process.id()));
        let statm = statm.expect("the server runs");
        let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok());
        pages.expect("a number") * 4096
    }
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
            "--rate-limit",
            "0",
            "--ranking-min-visitors",
            "0",
            "schema",
        ];
        let config = Cli::try_parse_from(settings).expect("the settings are sound").config;
        let app = App::open(config, Clock::default()).await.expect("the database opens");
        app.views.load(&app.db).await.expect("the totals are read");
        let mut router = routes::all(&app).expect("the schema is valid");
        let sizes = arguments[2].split(',').filter_map(|size| size.parse::<usize>().ok());
        for (at, size) in sizes.enumerate() {
            let body = Bytes::from("x".repeat(size));
            let bare = move || {
                let body = body.clone();
                async move { ([(CONTENT_TYPE, "application/json")], body) }
            };
            router = router.route(&format!("/bare{at}"), post(bare));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        println!("{}", listener.local_addr().expect("it listens"));
        let forever = std::future::pending();
        server::serve_router(app, router, listener, forever).await.expect("it serves");
    });
}
