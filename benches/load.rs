//! A load generator for this machine: connections that each send one request
//! after the other and wait for its answer, on a thread of their own.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Makes the body of the request of a number.
pub type Body = Arc<dyn Fn(usize) -> String + Send + Sync>;

/// So many connections for so long.
#[derive(Clone)]
pub struct Load {
    /// Where the server listens.
    pub address: String,
    /// The path to which is posted.
    pub path: &'static str,
    /// What is posted.
    pub body: Body,
    /// How many connections.
    pub connections: usize,
    /// How long.
    pub long: Duration,
    /// How long from the start of a request to that of the next on its connection; the
    /// next comes at once if its time is over.
    pub pace: Duration,
}

/// Sends requests; how many were answered 200 in a second.
pub fn run(load: &Load) -> f64 {
    let load = load.clone();
    let thread = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().expect("a runtime").block_on(send(load))
    });
    thread.join().expect("the load ran to its end")
}

async fn send(load: Load) -> f64 {
    let (next, started) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut connections = JoinSet::new();
    for _ in 0..load.connections {
        connections.spawn(connection(load.clone(), next.clone(), started));
    }
    let answered: usize = connections.join_all().await.into_iter().sum();
    answered as f64 / started.elapsed().as_secs_f64()
}

async fn connection(load: Load, next: Arc<AtomicUsize>, started: Instant) -> usize {
    let mut stream = TcpStream::connect(&load.address).await.expect("the server listens");
    stream.set_nodelay(true).expect("the socket is open");
    let (mut buffer, mut answered) = (vec![0; 65_536], 0);
    let mut due = started;
    while started.elapsed() < load.long {
        tokio::time::sleep_until(due.into()).await;
        due += load.pace;
        let body = (load.body)(next.fetch_add(1, Ordering::Relaxed));
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0\r\n\
             Content-Length: {}\r\n\r\n{body}",
            load.path,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let (mut read, mut end) = (0, None);
        while end.is_none_or(|end| read < end) {
            if read == buffer.len() {
                buffer.resize(2 * read, 0);
            }
            let more = stream.read(&mut buffer[read..]).await.expect("the server answers");
            assert!(more > 0, "the server closed the connection");
            read += more;
            end = end.or_else(|| length(&buffer[..read]));
        }
        let sound = buffer.starts_with(b"HTTP/1.1 200");
        assert!(sound, "{}", String::from_utf8_lossy(&buffer[..read]));
        answered += 1;
    }
    answered
}

/// The length of a response, once its head is there.
fn length(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&read[..head]).ok()?;
    let body = text.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(head + body.trim().parse::<usize>().ok()?)
}
