//! What stands before every request: how often somebody may ask, how much at once.

use std::net::IpAddr;
use std::time::Duration;

use redian::channel;
use reqwest::Method;
use reqwest::Response;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::helpers::app::Answer;
use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::database;

const QUERY: &str = "/graphql?query=%7B__typename%7D";

async fn ask(client: &Client, address: &str) -> Response {
    let request = client.request(Method::GET, QUERY).header("x-forwarded-for", address);
    request.send().await.unwrap()
}

/// A server behind a proxy, where three requests a minute are allowed.
async fn behind_a_proxy() -> TestApp {
    TestApp::start_with(|config| {
        config.rate_limit = 3;
        config.rate_limit_token = 5;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_go_on_and_others_are_not_held_up() {
    let app = behind_a_proxy().await;
    for _ in 0..3 {
        assert_eq!(ask(&app.anon, "203.0.113.5").await.status(), 200);
    }
    let response = ask(&app.anon, "203.0.113.5").await;
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    // Each minute has three, so the next one comes within 20 s.
    assert!((1..=21).contains(&seconds), "{seconds}");
    let answer = Answer::of(response).await;
    assert_eq!((answer.status, answer.code()), (429, "RATE_LIMITED"));
    assert!(answer.message().contains("--rate-limit"));
    assert_eq!(ask(&app.anon, "203.0.113.6").await.status(), 200);
    // Other roads are behind the same gate; those of the operator are not.
    for path in ["/v1/views?ids=a", "/v1/regions.json"] {
        let request = app.anon.request(Method::GET, path).header("x-forwarded-for", "203.0.113.5");
        assert_eq!(request.send().await.unwrap().status(), 429, "{path}");
    }
    let request = app.anon.request(Method::GET, "/readyz").header("x-forwarded-for", "203.0.113.5");
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_ipv6_client_is_its_network() {
    let app = behind_a_proxy().await;
    for last in 1..=3 {
        assert_eq!(ask(&app.anon, &format!("2001:db8::{last}")).await.status(), 200);
    }
    assert_eq!(ask(&app.anon, "2001:db8::4").await.status(), 429);
    assert_eq!(ask(&app.anon, "2001:db8:0:1::4").await.status(), 200);
}

#[tokio::test]
async fn a_token_has_a_limit_of_its_own_wherever_it_is_used_from_and_trusted_ones_have_none() {
    let app = behind_a_proxy().await;
    let (reader, build) =
        (app.with_scopes(&["read-drafts"]).await, app.with_scopes(&["unlimited"]).await);
    for host in 1..=5 {
        assert_eq!(ask(&reader, &format!("203.0.113.{host}")).await.status(), 200);
    }
    assert_eq!(ask(&reader, "203.0.113.9").await.status(), 429);
    for _ in 0..20 {
        assert_eq!(ask(&build, "203.0.113.7").await.status(), 200);
    }
    // None of that was taken from the addresses.
    assert_eq!(ask(&app.anon, "203.0.113.7").await.status(), 200);
}

#[tokio::test]
async fn who_guesses_tokens_is_counted_by_address() {
    let app = behind_a_proxy().await;
    for guess in 0..3 {
        let answer = ask(&app.with_token(&format!("redian_{guess}")), "203.0.113.5").await;
        assert_eq!(answer.status(), 401);
    }
    assert_eq!(ask(&app.with_token("redian_4"), "203.0.113.5").await.status(), 429);
}

#[tokio::test]
async fn nought_is_no_limit_and_a_full_one_comes_back() {
    let app = TestApp::start_with(|config| config.rate_limit = 0).await;
    for _ in 0..50 {
        assert_eq!(ask(&app.anon, "203.0.113.5").await.status(), 200);
    }
    // 600 a minute are one in a tenth of a second.
    let app = TestApp::start_with(|config| config.rate_limit = 600).await;
    let client: IpAddr = "127.0.0.1".parse().unwrap();
    while app.app.rates.client(client).is_ok() {}
    let wait = app.app.rates.client(client).unwrap_err();
    assert!(wait <= Duration::from_millis(100), "{wait:?}");
    app.app.rates.forget();
    assert!(app.app.rates.client(client).is_err(), "who has used all is not forgotten");
    let mut answer = app.anon.get(QUERY).await;
    while answer.status == 429 {
        answer = app.anon.get(QUERY).await;
    }
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn variables_are_bounded_by_the_memory_that_they_take() {
    let app = TestApp::start_with(|config| config.max_variables = Some(10_000)).await;
    let query = "query($ids: [ID!]) { __typename nodes(ids: $ids) { id } }";
    let long = app.anon.query_with("{ __typename }", json!({ "a": "字".repeat(3_400) })).await;
    assert_eq!((long.status, long.code()), (400, "VARIABLES_TOO_LARGE"));
    assert!(long.message().contains("10000") && long.message().contains("--max-variables"));
    // Much memory in a short text.
    let many = app.anon.query_with(query, json!({ "ids": vec![1; 200] })).await;
    assert_eq!((many.status, many.code()), (400, "VARIABLES_TOO_LARGE"));
    let text = "[{,\\\"".repeat(500);
    let quoted = app.anon.query_with("{ __typename }", json!({ "a": text })).await;
    assert_eq!(quoted.status, 200, "{quoted:?}");
}

#[tokio::test]
async fn more_requests_than_there_is_room_for_are_refused_after_a_moment() {
    let app = TestApp::quiet_with(|config| config.max_requests = 1).await;
    // Who wants the same slug waits for the one who may have it.
    let held = app.app.db.begin().await.unwrap();
    channel::create(&held, "sport", "体育", app.app.clock.now()).await.unwrap();
    let writer = app.editor.clone();
    let waiting = tokio::spawn(async move {
        let input = json!({ "slug": "sport", "name": "体育" });
        writer.mutate("createChannel", input, "channel { slug }").await
    });
    let mut answer = app.anon.query("{ __typename }").await;
    while answer.status == 200 {
        answer = app.anon.query("{ __typename }").await;
    }
    assert_eq!((answer.status, answer.code()), (503, "OVERLOADED"));
    assert!(answer.message().contains("--max-requests"));
    drop(held);
    assert_eq!(waiting.await.unwrap().data("/createChannel/channel/slug"), "sport");
    assert_eq!(app.anon.query("{ __typename }").await.status, 200);
}

#[tokio::test]
async fn a_body_is_bounded_however_it_is_sent_and_has_to_come_in_time() {
    let app = TestApp::start_with(|config| {
        config.max_body = 100_000;
        config.timeout = 1;
    })
    .await;
    let answer = app.anon.post("/graphql", "application/json", " ".repeat(100_001)).await;
    assert_eq!((answer.status, answer.code()), (413, "PAYLOAD_TOO_LARGE"));
    let address = app.anon.url.trim_start_matches("http://");
    let head = "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
    // In pieces, without a length; then one that never comes, a byte at a time.
    let pieces = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let piece = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(pieces.as_bytes()).await.unwrap();
    for _ in 0..7 {
        stream.write_all(piece.as_bytes()).await.unwrap();
    }
    assert!(first_line(&mut stream).await.contains("413"));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}content-length: 50\r\n\r\n").as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let dripping = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        while writer.write_all(b" ").await.is_ok() {
            pace.tick().await;
        }
    });
    let mut answered = [0; 12];
    reader.read_exact(&mut answered).await.unwrap();
    assert_eq!(&answered, b"HTTP/1.1 408");
    dripping.abort();
}

async fn first_line(stream: &mut TcpStream) -> String {
    let mut answered = [0; 12];
    stream.read_exact(&mut answered).await.unwrap();
    String::from_utf8_lossy(&answered).into_owned()
}

#[tokio::test]
async fn large_bodies_share_what_memory_there_is_for_them_and_small_ones_need_none() {
    let app = TestApp::start().await;
    let large = json!({ "query": "{ __typename }", "a": " ".repeat(100_000) }).to_string();
    let room = app.app.bodies.available_permits();
    let held = app.app.bodies.acquire_many(u32::try_from(room - 50_000).unwrap()).await.unwrap();
    let answer = app.anon.post("/graphql", "application/json", large.clone()).await;
    assert_eq!((answer.status, answer.code()), (503, "OVERLOADED"));
    assert_eq!(app.anon.query("{ __typename }").await.status, 200);
    drop(held);
    for _ in 0..3 {
        let answer = app.anon.post("/graphql", "application/json", large.clone()).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(app.app.bodies.available_permits(), room, "all of it is given back");
}

#[tokio::test]
async fn no_connection_or_request_at_all_is_no_setting() {
    let database = database::empty().await;
    for setting in ["--max-connections", "--max-requests"] {
        let arguments = ["serve", "--listen", "127.0.0.1:0", setting, "0"];
        let output = cli::command(&database.url, &arguments).output().unwrap();
        assert!(cli::text(&output.stderr).contains("0 is not in 1.."), "{setting}");
    }
}
