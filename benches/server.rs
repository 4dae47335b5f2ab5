//! The binary, as benchmarks run it.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use serde_json::json;

/// A running `redian serve`, ended when dropped.
pub struct Server {
    /// Its process.
    pub child: Child,
    client: reqwest::Client,
    /// Where GraphQL is.
    pub url: String,
}

impl Server {
    /// Starts it on a free port, without a log, and waits until it listens.
    pub fn start(database_url: &str, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_redian"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--rate-limit", "0"])
            .args(["--database-url", database_url])
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut first = String::new();
        let output = child.stderr.take().expect("the output is piped");
        BufReader::new(output).read_line(&mut first).expect("the server says where it is");
        let url = first.split_whitespace().find(|word| word.starts_with("http"));
        let url = url.expect("the server says where it is").to_owned();
        Self { child, client: reqwest::Client::new(), url }
    }

    /// The answer to a GraphQL query, as it came.
    pub async fn query(&self, query: &str) -> String {
        let request = self.client.post(&self.url).json(&json!({ "query": query }));
        request.send().await.expect("it answers").text().await.expect("the answer is whole")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
