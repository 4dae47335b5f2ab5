//! A client of GraphQL over server-sent events.

use std::time::Duration;

use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::Response;
use serde_json::Value;
use serde_json::json;
use tokio::time::timeout;

use super::app::Client;

/// The longest that a test waits for an event.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open stream of events.
pub struct Stream {
    /// With its status and its headers.
    pub response: Response,
    text: String,
}

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name; empty when it has none.
    pub name: String,
    /// Its data, if it has some.
    pub data: Option<String>,
    /// Its id, if it has one.
    pub id: Option<String>,
}

impl Event {
    /// The response in an event `next`.
    #[track_caller]
    pub fn response(&self) -> Value {
        assert_eq!(self.name, "next", "{self:?}");
        serde_json::from_str(self.data.as_deref().unwrap()).unwrap()
    }
}

/// A request for events, to be changed at will.
pub fn request(client: &Client, query: &str) -> RequestBuilder {
    let request = client.request(Method::POST, "/graphql");
    request.header("accept", "text/event-stream").json(&json!({ "query": query }))
}

impl Stream {
    /// Sends a request.
    pub async fn of(request: RequestBuilder) -> Self {
        Self { response: request.send().await.unwrap(), text: String::new() }
    }

    /// Asks something.
    pub async fn open(client: &Client, query: &str) -> Self {
        Self::of(request(client, query)).await
    }

    /// The next event, also one without a name; comments are left out. `None` at the end.
    pub async fn next(&mut self) -> Option<Event> {
        timeout(PATIENCE, self.heard()).await.unwrap()
    }

    async fn heard(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = event(block);
                self.text = rest.to_owned();
                if event != Event::default() {
                    return Some(event);
                }
                continue;
            }
            let chunk = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next response; fails the test if there is none.
    pub async fn answer(&mut self) -> Value {
        self.next().await.unwrap().response()
    }
}

fn event(block: &str) -> Event {
    let mut event = Event::default();
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("event", name)) => event.name = name.into(),
            Some(("data", data)) => event.data = Some(data.into()),
            Some(("id", id)) => event.id = Some(id.into()),
            _ => assert!(line.starts_with(':'), "not a line of an event: {line}"),
        }
    }
    event
}
