//! Connections that are slow, silent or many.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::helpers::app::TestApp;

/// The longest that a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);
const REQUEST: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n";

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.anon.url.strip_prefix("http://").unwrap()).await.unwrap()
}

/// What comes until the server ends the connection.
async fn rest(mut connection: TcpStream) -> String {
    let mut said = String::new();
    timeout(PATIENCE, connection.read_to_string(&mut said)).await.unwrap().unwrap();
    said
}

#[tokio::test]
async fn a_connection_whose_headers_do_not_come_is_ended() {
    let app = TestApp::start_with(|config| config.timeout = 1).await;
    for sent in ["", "GET /healthz", REQUEST] {
        let mut connection = connect(&app).await;
        connection.write_all(sent.as_bytes()).await.unwrap();
        let said = rest(connection).await;
        assert!(!said.contains("200 OK"), "{said}");
    }
}

/// A request is sent and answered; the connection stays open.
async fn answered(connection: &mut TcpStream) {
    connection.write_all(format!("{REQUEST}\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nok\n") {
        answer.push(timeout(PATIENCE, connection.read_u8()).await.unwrap().unwrap());
    }
}

#[tokio::test]
async fn beyond_the_bound_a_connection_waits_until_another_one_ends() {
    let app = TestApp::start_with(|config| config.max_connections = 1).await;
    let mut first = connect(&app).await;
    // It is accepted: it gets an answer, and stays open.
    answered(&mut first).await;
    let mut second = connect(&app).await;
    second.write_all(format!("{REQUEST}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
    for _ in 0..20 {
        answered(&mut first).await;
    }
    assert!(second.try_read(&mut [0; 12]).is_err(), "it is answered beside the first");
    first.write_all(format!("{REQUEST}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
    assert!(rest(first).await.contains("HTTP/1.1 200 OK"));
    assert!(rest(second).await.starts_with("HTTP/1.1 200 OK"));
}
