//! A client of GraphQL over WebSocket that sends what a test says.

use std::time::Duration;

use futures_util::SinkExt;
use futures_util::StreamExt;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;

use super::app::Client;

/// The longest that a test waits for a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open socket.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// The handshake, to be changed at will.
pub fn handshake(url: &str) -> Request<()> {
    let url = format!("{}/graphql", url.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    request
}

impl Socket {
    /// Opens a socket, and says nothing.
    pub async fn open(client: &Client) -> Self {
        Self(connect_async(handshake(&client.url)).await.unwrap().0)
    }

    /// Opens a socket, and begins.
    pub async fn begun(client: &Client) -> Self {
        let mut socket = Self::open(client).await;
        socket.send(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends any text.
    pub async fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Asks something under an id.
    pub async fn subscribe(&mut self, id: &str, query: &str) {
        let payload = json!({ "query": query });
        self.send(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// Completes an operation.
    pub async fn complete(&mut self, id: &str) {
        self.send(json!({ "type": "complete", "id": id })).await;
    }

    /// The next message; fails the test if there is none.
    pub async fn next(&mut self) -> Value {
        match self.frame().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("no message: {other:?}"),
        }
    }

    /// The next answer to an operation; fails the test if it is none.
    pub async fn answer(&mut self, id: &str) -> Value {
        let message = self.next().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message}");
        message["payload"]["data"].clone()
    }

    /// Waits until what was sent so far has been looked at.
    pub async fn settle(&mut self) {
        self.send(json!({ "type": "ping", "payload": { "settle": true } })).await;
        let pong = self.next().await;
        assert_eq!(pong, json!({ "type": "pong", "payload": { "settle": true } }));
    }

    /// The code that the server closes with; other messages before it are ignored.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Some(Message::Close(Some(close))) => return close.code.into(),
                Some(Message::Close(None)) | None => panic!("closed without a code"),
                Some(_) => {}
            }
        }
    }

    /// The next frame that is no sign of life.
    async fn frame(&mut self) -> Option<Message> {
        let frame = async {
            loop {
                match self.0.next().await?.unwrap() {
                    Message::Ping(_) | Message::Pong(_) => {}
                    frame => return Some(frame),
                }
            }
        };
        timeout(PATIENCE, frame).await.unwrap()
    }
}
