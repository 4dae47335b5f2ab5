//! A server somewhere else, which remembers what it was sent.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The longest that a test waits for something to be sent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Listens on a port of its own until it is dropped.
pub struct Receiver {
    /// Its address.
    pub url: String,
    state: Arc<Inner>,
    serving: JoinHandle<()>,
}

/// What it was sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Request {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    }
}

struct Inner {
    received: watch::Sender<Vec<Request>>,
    /// Whether those who are here wait for their answers.
    held: watch::Sender<bool>,
    /// The answers to come; the last one stays.
    answers: Mutex<VecDeque<(u16, String)>>,
    /// Seconds that answers ask to wait.
    wait: Mutex<Option<u32>>,
}

impl Receiver {
    /// Starts one that answers 204.
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0").await
    }

    /// The same at this address.
    pub async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let answers = Mutex::new(VecDeque::from([(204, String::new())]));
        let state = Arc::new(Inner {
            received: watch::Sender::default(),
            held: watch::Sender::default(),
            answers,
            wait: Mutex::default(),
        });
        let router = Router::new().fallback(take).with_state(state.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, state, serving }
    }

    /// Answers so from now on.
    pub fn answer_with(&self, status: u16, body: impl Into<String>) {
        *self.state.answers.lock().unwrap() = VecDeque::from([(status, body.into())]);
    }

    /// Answers with these statuses one after the other, and goes on with the last.
    pub fn answer_in_turn(&self, statuses: &[u16]) {
        let answers = statuses.iter().map(|status| (*status, String::new())).collect();
        *self.state.answers.lock().unwrap() = answers;
    }

    /// Asks to be left alone for so many seconds, by `Retry-After`.
    pub fn ask_to_wait(&self, seconds: u32) {
        *self.state.wait.lock().unwrap() = Some(seconds);
    }

    /// Answers nobody until it shall again.
    pub fn hold(&self, held: bool) {
        self.state.held.send_replace(held);
    }

    /// All it was sent so far.
    pub fn received(&self) -> Vec<Request> {
        self.state.received.borrow().clone()
    }

    /// Waits until it was sent so many.
    pub async fn has(&self, number: usize) -> Vec<Request> {
        let mut received = self.state.received.subscribe();
        let enough = received.wait_for(|received| received.len() >= number);
        let waited = tokio::time::timeout(PATIENCE, enough).await;
        waited
            .unwrap_or_else(|_| panic!("{} of {number} came", self.received().len()))
            .unwrap()
            .clone()
    }
}

async fn take(State(state): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let (status, text) = {
        let mut answers = state.answers.lock().unwrap();
        let next = answers.front().cloned().unwrap();
        if answers.len() > 1 {
            answers.pop_front();
        }
        next
    };
    let request = Request { headers, body };
    state.received.send_modify(|received| received.push(request));
    state.held.subscribe().wait_for(|held| !held).await.unwrap();
    let wait = state.wait.lock().unwrap().map(|seconds| [("retry-after", seconds.to_string())]);
    (StatusCode::from_u16(status).unwrap(), wait, text).into_response()
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
