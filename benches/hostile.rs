//! How long readers wait while somebody tries to harm the server, beside how long they wait
//! without, and how much memory it takes.
//!
//! `cargo bench --bench hostile`: readers ask for an article page 200 times a second; the
//! attacks of `tests/helpers/hostile.rs` come one after the other on two connections, a
//! hundred a second, beside 400 sockets that say nothing more. Linux only.

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

#[path = "../tests/helpers/hostile.rs"]
mod attacks;
#[path = "server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use attacks::Attack;
use attacks::attacks;
use server::Server;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// So many times each is measured, in turns.
const ROUNDS: usize = 7;
/// How long each time.
const LONG: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
/// Article pages a second, by all readers.
const PAGES: u32 = 200;
const ATTACKERS: u32 = 2;
/// Attacks a second, by all attackers.
const ATTACKS: u32 = 100;
const SILENT: usize = 400;

/// An article page.
const PAGE: &str = "{ articles(first: 1) { nodes { title publishedAt updatedAt byline source { name } \
    channel { name } regions { name path ancestors { name } } tags body { html foldAt } views { total } } } }";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let url = format!("sqlite://{}/redian.db", folder.display());
    let server = Server::start(&url, &["--demo"]);
    let address = server.url.trim_start_matches("http://").trim_end_matches("/graphql").to_owned();
    assert!(server.query(PAGE).await.contains("\"html\""), "there is an article");
    let (mut quiet, mut attacked) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        quiet.push(slowest(&address).await);
        let stop = Arc::new(AtomicBool::new(false));
        let attack = {
            let (address, stop) = (address.clone(), stop.clone());
            std::thread::spawn(move || attack(&address, &stop))
        };
        attacked.push(slowest(&address).await);
        stop.store(true, Ordering::Relaxed);
        let sent = attack.join().expect("the attack ran to its end");
        assert!(sent > 0, "nobody attacked");
    }
    let (quiet, attacked) = (median(quiet), median(attacked));
    println!("p99 of {PAGES} pages a second, medians of {ROUNDS} times {LONG:?}:");
    println!("nobody attacks    {quiet:8.2?}");
    println!(
        "{ATTACKS} attacks a second {attacked:8.2?}, {:.1} times",
        attacked.as_secs_f64() / quiet.as_secs_f64()
    );
    println!("most memory of the server: {} MB", peak_memory(&server) >> 10);
    drop(server);
    drop(std::fs::remove_dir_all(folder));
}

/// The wait that one in a hundred readers exceeds.
async fn slowest(address: &str) -> Duration {
    let started = Instant::now();
    let reader = |number: u32| async move {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("the socket is open");
        let body = serde_json::json!({ "query": PAGE }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let (mut waits, mut buffer) = (Vec::new(), vec![0; 65_536]);
        let pace = Duration::from_secs(1) * READERS / PAGES;
        let mut due = started + pace * number / READERS;
        while started.elapsed() < LONG {
            tokio::time::sleep_until(due.into()).await;
            // From when it was due: who is late for the one before waits longer.
            stream.write_all(request.as_bytes()).await.expect("the server reads");
            let mut read = 0;
            while !is_whole(&buffer[..read]) {
                let more = stream.read(&mut buffer[read..]).await.expect("the server answers");
                assert!(more > 0, "the server closed the connection");
                read += more;
            }
            assert!(buffer.starts_with(b"HTTP/1.1 200"), "a reader is refused");
            waits.push(due.elapsed());
            due += pace;
        }
        waits
    };
    let waits = futures_util::future::join_all((0..READERS).map(reader)).await;
    let mut waits = waits.concat();
    waits.sort();
    waits[waits.len() * 99 / 100]
}

/// Whether a response is there to its end.
fn is_whole(read: &[u8]) -> bool {
    let text = String::from_utf8_lossy(read);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
    body.len() >= length
}

/// Attacks until `stop`; how often.
fn attack(address: &str, stop: &AtomicBool) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let mut silent = Vec::new();
        for number in 0..SILENT {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            let start = [
                "",
                "POST /graph",
                "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{",
            ];
            stream.write_all(start[number % start.len()].as_bytes()).await.expect("it listens");
            silent.push(stream);
        }
        let attacks = &attacks();
        let attacker = |number: u32| async move {
            let (mut sent, mut pace) = (
                number as usize,
                tokio::time::interval(Duration::from_secs(1) * ATTACKERS / ATTACKS),
            );
            while !stop.load(Ordering::Relaxed) {
                pace.tick().await;
                let mut stream = TcpStream::connect(address).await.expect("the server listens");
                let (mut reader, mut writer) = stream.split();
                let mut answered = Vec::new();
                let Attack { name, bytes, answer } = &attacks[sent % attacks.len()];
                drop(tokio::join!(writer.write_all(bytes), reader.read_to_end(&mut answered)));
                let status = String::from_utf8_lossy(&answered[..answered.len().min(12)]);
                assert_eq!(status, format!("HTTP/1.1 {}", answer.0), "{name}");
                sent += ATTACKERS as usize;
            }
            sent
        };
        futures_util::future::join_all((0..ATTACKERS).map(attacker)).await.into_iter().sum()
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The most memory that the server had, in kB.
fn peak_memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id()));
    let status = status.expect("the server runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("proc(5)");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}
