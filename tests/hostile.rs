//! Those who want to harm: the server answers them briefly, stays small and goes on.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::helpers::database;
use crate::helpers::hostile::Attack;
use crate::helpers::hostile::attacks;
use crate::helpers::server::Server;

/// What the process may have taken at any time, in kB.
const MEMORY: u64 = 256 << 10;

#[tokio::test]
async fn hostile_requests_are_answered_and_neither_memory_nor_log_tell_of_them() {
    let database = database::empty().await;
    let mut server = Server::start(&database.url, &["--demo"]);
    let mut faults = Vec::new();
    for attack in &attacks() {
        faults.extend(fault(&server, attack).await);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Many at once.
    let attacks = attacks();
    for _ in 0..4 {
        join_all(attacks.iter().map(|attack| send(server.address(), &attack.bytes))).await;
    }
    assert_is_well(&mut server).await;
}

#[tokio::test]
async fn sockets_that_say_nothing_more_cost_little_and_are_closed() {
    let database = database::empty().await;
    let mut server = Server::start(&database.url, &["--demo", "--timeout", "5"]);
    let (address, mut silent) = (server.address(), Vec::new());
    let head = "POST /graphql HTTP/1.1\r\nhost: a\r\n";
    let large = format!("{head}content-length: 4000000\r\n\r\n{}", " ".repeat(1 << 20));
    for start in ["", "POST /graph", head, &large] {
        for _ in 0..100 {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            // A server that has closed it is as good.
            _ = stream.write_all(start.as_bytes()).await;
            silent.push(stream);
        }
    }
    // Meanwhile others are answered.
    let answer = server.query("{ site { name } }").await;
    assert_eq!(answer.status, 200);
    for mut stream in silent {
        let mut answered = Vec::new();
        let closing = stream.read_to_end(&mut answered);
        let closed = tokio::time::timeout(Duration::from_secs(60), closing).await;
        assert!(closed.is_ok(), "a silent connection is not closed");
    }
    assert_is_well(&mut server).await;
}

/// What is wrong with the answer to an attack.
async fn fault(server: &Server, Attack { name, bytes, answer }: &Attack) -> Option<String> {
    let answered = send(server.address(), bytes).await;
    let status: u16 = answered.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0);
    let body = answered.split("\r\n\r\n").nth(1).unwrap_or_default();
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let code = json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
    let errors = json["errors"].as_array().map_or(0, Vec::len);
    let sound = status == answer.0 && (answer.1.is_empty() || code == answer.1);
    let short = errors <= 50 && body.len() < 40_000;
    let told = || format!("{name}: {status} {code}, {errors} errors, {} bytes", body.len());
    (!sound || !short).then(told)
}

/// What is answered until the connection ends.
async fn send(address: String, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut answered = Vec::new();
    // Whoever answers before all is read may close the connection.
    let (sent, read) = tokio::join!(writer.write_all(bytes), reader.read_to_end(&mut answered));
    drop((sent, read));
    String::from_utf8_lossy(&answered).into_owned()
}

async fn assert_is_well(server: &mut Server) {
    assert_eq!(server.query("{ site { name } }").await.status, 200);
    let memory = server.peak_memory();
    assert!(memory < MEMORY, "{memory} kB");
    server.terminate();
    assert!(server.end().success());
    let log = server.rest();
    let panics = log.iter().filter(|line| line.contains("panic") || line.contains("ERROR"));
    assert_eq!(panics.count(), 0, "{log:#?}");
}
