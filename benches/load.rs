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

/// Makes the request of a number, head and body.
pub type Request = Arc<dyn Fn(usize) -> String + Send + Sync>;

/// So many connections for so long.
#[derive(Clone)]
pub struct Load {
    /// Where the server listens.
    pub address: String,
    /// What is sent.
    pub request: Request,
    /// Whether an answer, head and body, is what was hoped for beside its status.
    pub sound: fn(&[u8]) -> bool,
    /// How many connections.
    pub connections: usize,
    /// How long.
    pub long: Duration,
    /// How long from the start of a request to that of the next on its connection; the
    /// next comes at once if its time is over.
    pub pace: Duration,
}

/// What came of a load.
pub struct Done {
    /// How many requests were answered 200 in a second.
    pub rate: f64,
    /// How long each answer took, in µs, the shortest first.
    times: Vec<u32>,
}

impl Done {
    /// The time within which this part of all requests was answered, in µs.
    pub fn within(&self, part: f64) -> f64 {
        let at = (self.times.len() as f64 * part) as usize;
        self.times.get(at.min(self.times.len().saturating_sub(1))).copied().unwrap_or(0).into()
    }
}

/// The status is enough.
pub fn any(_: &[u8]) -> bool {
    true
}

/// A POST of JSON with further lines of its head.
pub fn post(path: &str, more: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0\r\n{more}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends requests.
pub fn run(load: &Load) -> Done {
    let load = load.clone();
    let thread = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().expect("a runtime").block_on(send(load))
    });
    thread.join().expect("the load ran to its end")
}

async fn send(load: Load) -> Done {
    let (next, started) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut connections = JoinSet::new();
    for _ in 0..load.connections {
        connections.spawn(connection(load.clone(), next.clone(), started));
    }
    let mut times = connections.join_all().await.concat();
    let rate = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_unstable();
    Done { rate, times }
}

async fn connection(load: Load, next: Arc<AtomicUsize>, started: Instant) -> Vec<u32> {
    let mut stream = TcpStream::connect(&load.address).await.expect("the server listens");
    stream.set_nodelay(true).expect("the socket is open");
    let (mut buffer, mut times) = (vec![0; 65_536], Vec::new());
    let mut due = started;
    while started.elapsed() < load.long {
        if !load.pace.is_zero() {
            tokio::time::sleep_until(due.into()).await;
            due += load.pace;
        }
        let request = (load.request)(next.fetch_add(1, Ordering::Relaxed));
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let (mut read, mut end) = (0, End::Unknown);
        while !end.is_reached(&buffer[..read]) {
            if read == buffer.len() {
                buffer.resize(2 * read, 0);
            }
            let more = stream.read(&mut buffer[read..]).await.expect("the server answers");
            assert!(more > 0, "the server closed the connection");
            read += more;
            if matches!(end, End::Unknown) {
                end = End::of(&buffer[..read]);
            }
        }
        let sound = buffer.starts_with(b"HTTP/1.1 200") && (load.sound)(&buffer[..read]);
        assert!(sound, "{}", String::from_utf8_lossy(&buffer[..read]));
        times.push(sent.elapsed().as_micros() as u32);
    }
    times
}

/// Where a response ends.
enum End {
    /// Its head is not there yet.
    Unknown,
    /// Behind so many bytes.
    At(usize),
    /// Behind the last of its chunks.
    LastChunk,
}

impl End {
    fn of(read: &[u8]) -> Self {
        let Some(head) = read.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Self::Unknown;
        };
        let text = std::str::from_utf8(&read[..head]).expect("heads are ASCII");
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        length.map_or(Self::LastChunk, |length: usize| Self::At(head + 4 + length))
    }

    fn is_reached(&self, read: &[u8]) -> bool {
        match self {
            Self::Unknown => false,
            Self::At(length) => read.len() >= *length,
            Self::LastChunk => read.ends_with(b"\r\n0\r\n\r\n"),
        }
    }
}
