//! A load generator for one machine: connections that each send one request
//! after the other and wait for its answer.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Where the server under test listens.
pub const ADDRESS: &str = "127.0.0.1:18930";

/// Makes the body of a request of this number.
pub type Body = dyn Fn(usize) -> String + Sync;

/// So many connections for so long.
pub struct Load<'a> {
    /// The path to which is posted.
    pub path: &'a str,
    /// How many at once.
    pub connections: usize,
    /// How long.
    pub long: Duration,
}

impl Load<'_> {
    /// Sends requests; how many were answered 200 in a second.
    pub async fn run(&self, body: &Body) -> f64 {
        let next = Arc::new(AtomicUsize::new(0));
        let started = Instant::now();
        let connections = (0..self.connections).map(|_| self.connection(body, &next, started));
        let answered: usize = futures::future::join_all(connections).await.into_iter().sum();
        answered as f64 / started.elapsed().as_secs_f64()
    }

    async fn connection(&self, body: &Body, next: &AtomicUsize, started: Instant) -> usize {
        let mut stream = TcpStream::connect(ADDRESS).await.expect("the server listens");
        stream.set_nodelay(true).expect("the socket is open");
        let (mut buffer, mut answered) = (vec![0; 65_536], 0);
        while started.elapsed() < self.long {
            let body = body(next.fetch_add(1, Ordering::Relaxed));
            let request = format!(
                "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                 User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                self.path,
                body.len()
            );
            stream.write_all(request.as_bytes()).await.expect("the server reads");
            let (mut read, mut end) = (0, None);
            while end.is_none_or(|end| read < end) {
                let more = stream.read(&mut buffer[read..]).await.expect("the server answers");
                assert!(more > 0, "the server closed the connection");
                read += more;
                end = end.or_else(|| whole(&buffer[..read]));
            }
            assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..read]));
            answered += 1;
        }
        answered
    }
}

/// The length of a response, once its head is there.
fn whole(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&read[..head]).ok()?.to_ascii_lowercase();
    let length = text.split("content-length: ").nth(1)?.lines().next()?;
    Some(head + length.parse::<usize>().ok()?)
}
