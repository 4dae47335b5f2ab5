//! `redian serve` as a process of its own.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::ExitStatus;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;

use super::app::Answer;
use super::cli;

/// The longest that a test waits for a line or an end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `redian serve`, ended with the test.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub url: String,
    lines: mpsc::Receiver<String>,
}

impl Server {
    /// Starts it on a free port and waits until it listens.
    pub fn start(database_url: &str, arguments: &[&str]) -> Self {
        let mut command = cli::command(database_url, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut server = Self { child, url: String::new(), lines };
        let greeting = server.line("Redian listens. Open ");
        let (_, url) = greeting.split_once("Open ").unwrap();
        server.url = url.split_once("/graphql").unwrap().0.to_owned();
        server
    }

    /// Waits for a line with that text on standard error.
    #[track_caller]
    pub fn line(&self, text: &str) -> String {
        let mut before = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => before.push(line),
                Err(error) => panic!("no line `{text}` ({error}) after {before:#?}"),
            }
        }
    }

    /// All lines on standard error that nobody waited for, until its end.
    pub fn rest(&self) -> Vec<String> {
        self.lines.iter().collect()
    }

    /// The most memory that it had so far, in kB. Linux only.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Its address and port.
    pub fn address(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }

    /// Closes the other end of its standard error, at the next line.
    pub fn stop_listening(&mut self) {
        self.lines = mpsc::channel().1;
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(reqwest::get(format!("{}{path}", self.url)).await.unwrap()).await
    }

    /// Sends a GraphQL query.
    pub async fn query(&self, query: &str) -> Answer {
        let request = reqwest::Client::new().post(format!("{}/graphql", self.url));
        Answer::of(request.json(&json!({ "query": query })).send().await.unwrap()).await
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        // The shell's own: a bare machine has no program of that name.
        let kill = format!("kill -TERM {}", self.child.id());
        let kill = std::process::Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(kill.success());
    }

    /// Ends it without a chance to tidy up.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
