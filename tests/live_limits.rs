//! Those who subscribe too much, send too much, say nothing or do not listen: they are dropped
//! with a reason, and the others hear what they always hear.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tokio::time::timeout;

use crate::helpers::app::TestApp;
use crate::helpers::import;
use crate::helpers::make;
use crate::helpers::socket::Socket;
use crate::helpers::stream::Stream;

const PUBLISHED: &str = "subscription { articlePublished { cursor article { title } } }";

async fn error(socket: &mut Socket, id: &str) -> String {
    let message = socket.next().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
    message["payload"][0]["extensions"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_socket_has_so_many_operations_at_once() {
    let app = TestApp::start_with(|config| config.max_socket_operations = 3).await;
    let mut socket = Socket::begun(&app.anon).await;
    for id in ["a", "b", "c"] {
        socket.subscribe(id, PUBLISHED).await;
    }
    socket.subscribe("d", PUBLISHED).await;
    assert_eq!(error(&mut socket, "d").await, "TOO_MANY_OPERATIONS");
    socket.complete("a").await;
    socket.subscribe("d", "{ site { name } }").await;
    socket.answer("d").await;
}

#[tokio::test]
async fn an_instance_has_so_many_subscriptions_at_once() {
    let app = TestApp::start_with(|config| config.max_subscriptions = 2).await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", PUBLISHED).await;
    app.listened_to_by(1).await;
    let stream = Stream::open(&app.anon, PUBLISHED).await;
    app.listened_to_by(2).await;
    let mut other = Socket::begun(&app.anon).await;
    other.subscribe("1", PUBLISHED).await;
    assert_eq!(error(&mut other, "1").await, "OVERLOADED");
    // Queries are no subscriptions.
    other.subscribe("1", "{ site { name } }").await;
    other.answer("1").await;
    drop((socket, stream));
    make::article("甲").published(&app).await;
    app.listened_to_by(0).await;
    other.complete("1").await;
    other.next().await;
    other.subscribe("1", PUBLISHED).await;
    app.listened_to_by(1).await;
}

#[tokio::test]
async fn an_instance_has_so_many_sockets_at_once() {
    let app = TestApp::start_with(|config| config.max_sockets = 1).await;
    let mut socket = Socket::begun(&app.anon).await;
    let mut other = Socket::open(&app.anon).await;
    assert_eq!(other.closed().await, 1013);
    socket.settle().await;
    assert_eq!(app.anon.query("{ site { name } }").await.status, 200);
}

#[tokio::test]
async fn operations_count_as_requests() {
    let app = TestApp::start_with(|config| config.rate_limit = 3).await;
    let mut socket = Socket::begun(&app.anon).await;
    for id in ["a", "b"] {
        socket.subscribe(id, "{ site { name } }").await;
        socket.answer(id).await;
        socket.next().await;
    }
    socket.subscribe("c", "{ site { name } }").await;
    assert_eq!(error(&mut socket, "c").await, "RATE_LIMITED");
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_its_socket_only() {
    let app = TestApp::start().await;
    let mut other = Socket::begun(&app.anon).await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.send_text(&"x".repeat((64 << 10) + 1)).await;
    assert_eq!(socket.closed().await, 1009);
    // Almost as large is fine.
    let mut socket = Socket::begun(&app.anon).await;
    let query = format!("{{ site {{ name }} }}{}", " ".repeat(60 << 10));
    socket.subscribe("1", &query).await;
    socket.answer("1").await;
    other.settle().await;
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_closed() {
    let app = TestApp::start_with(|config| config.keep_alive = 1).await;
    let mut other = Socket::begun(&app.anon).await;
    other.subscribe("1", PUBLISHED).await;
    // A client answers pings while it reads; this one does neither.
    let silent = Socket::begun(&app.anon).await;
    let places = || app.app.live.sockets.available_permits();
    let free = places();
    let closed = async {
        while places() == free {
            other.settle().await;
        }
    };
    timeout(Duration::from_secs(30), closed).await.unwrap();
    drop(silent);
    other.settle().await;
}

#[tokio::test]
async fn who_does_not_read_is_dropped_and_the_others_hear_everything() {
    let app = TestApp::start_with(|config| config.timeout = 1).await;
    let mut reader = Socket::begun(&app.anon).await;
    reader.subscribe("1", PUBLISHED).await;
    let copies: String = (0..50).map(|n| format!("b{n}: body {{ html }} ")).collect();
    let greedy = format!("subscription {{ articlePublished {{ article {{ {copies} }} }} }}");
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", &greedy).await;
    let stream = Stream::open(&app.anon, &greedy).await;
    app.listened_to_by(3).await;
    let places = || app.app.live.sockets.available_permits();
    let before = places();
    let mut published = 0;
    // Until the buffers of the system are full, and it has been waited for long enough.
    while app.app.live.listeners() > 1 {
        let text = "很长的正文。".repeat(2_000);
        make::article(&format!("第{published}篇")).with("body", text).published(&app).await;
        let heard = reader.answer("1").await;
        let expected = format!("第{published}篇");
        assert_eq!(heard["articlePublished"]["article"]["title"], expected);
        published += 1;
    }
    assert_eq!(places(), before + 1, "the socket is gone");
    drop((socket, stream));
}

#[tokio::test]
async fn who_is_too_far_behind_is_told_so_and_goes_on_from_its_cursor() {
    let app = TestApp::start_with(|config| config.timeout = 30).await;
    let copies: String = (0..150).map(|n| format!("b{n}: title ")).collect();
    let greedy = format!("subscription {{ articlePublished {{ cursor article {{ {copies} }} }} }}");
    let mut slow = Socket::begun(&app.anon).await;
    slow.subscribe("1", &greedy).await;
    app.listened_to_by(1).await;
    let record = |number: i32| {
        let title = format!("{number:04}{}", "长".repeat(120));
        import::record(json!({ "externalId": number.to_string(), "title": title }))
    };
    let records: Vec<Value> = (0..3_000).map(record).collect();
    import::import(&app, &import::lines(&records)).await;
    let (mut heard, mut cursor) = (0, json!(null));
    let code = loop {
        let message = slow.next().await;
        if message["type"] == "error" {
            break message["payload"][0]["extensions"]["code"].clone();
        }
        cursor = message["payload"]["data"]["articlePublished"]["cursor"].clone();
        heard += 1;
    };
    assert_eq!(code, "SUBSCRIPTION_LAGGED");
    assert!(heard < 3_000, "{heard}");
    let query = format!("subscription {{ articlePublished(after: {cursor}) {{ cursor }} }}");
    slow.subscribe("1", &query).await;
    for _ in heard..3_000 {
        slow.answer("1").await;
    }
    slow.settle().await;
}
