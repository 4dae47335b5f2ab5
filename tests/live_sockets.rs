//! GraphQL over WebSocket, message by message (graphql-transport-ws).

use serde_json::json;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::socket::Socket;
use crate::helpers::socket::handshake;
use futures_util::SinkExt;

const CHANGES: &str = "subscription { articlePublished { article { title } } }";

#[tokio::test]
async fn a_query_has_one_answer_and_is_complete() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", "{ site { name } }").await;
    assert_eq!(socket.answer("1").await["site"]["name"], "测试站");
    assert_eq!(socket.next().await, json!({ "id": "1", "type": "complete" }));
    // The id is free again.
    socket.subscribe("1", "{ site { name } }").await;
    socket.answer("1").await;
}

#[tokio::test]
async fn operations_have_names_and_variables() {
    let app = TestApp::quiet().await;
    make::article("甲").with("slug", "one").published(&app).await;
    let mut socket = Socket::begun(&app.anon).await;
    let query =
        "query a { site { name } } query b($slug: String) { article(slug: $slug) { title } }";
    let payload = json!({
        "query": query, "operationName": "b", "variables": { "slug": "one" }, "extensions": null,
    });
    socket.send(json!({ "type": "subscribe", "id": "x", "payload": payload })).await;
    assert_eq!(socket.answer("x").await["article"]["title"], "甲");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_one_error_and_nothing_follows() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::begun(&app.anon).await;
    let wrong = [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ site", "GRAPHQL_PARSE_FAILED"),
        ("subscription { articlePublished { cursor } viewTotals(articles: []) { total } }", ""),
        ("subscription { __typename }", ""),
        ("subscription { viewTotals(articles: []) { total } }", "BAD_USER_INPUT"),
        ("subscription { articleChanged(id: \"x\") { cursor } }", "BAD_USER_INPUT"),
        ("subscription { articlePublished(region: \"nowhere\") { cursor } }", "NOT_FOUND"),
        ("subscription { articlePublished(channel: \"none\") { cursor } }", "NOT_FOUND"),
        ("subscription { articlePublished(after: \"x\") { cursor } }", "BAD_USER_INPUT"),
    ];
    for (query, code) in wrong {
        socket.subscribe("1", query).await;
        let message = socket.next().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{message}");
        let code = if code.is_empty() { "GRAPHQL_VALIDATION_FAILED" } else { code };
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}");
        socket.settle().await;
    }
}

#[tokio::test]
async fn errors_of_fields_are_part_of_the_answer() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", "{ articles(filter: { state: DRAFT }) { nodes { title } } }").await;
    let message = socket.next().await;
    assert_eq!(message["type"], "next");
    assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn pings_are_answered_with_their_payload_also_before_the_beginning() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::open(&app.anon).await;
    socket.settle().await;
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await, json!({ "type": "pong" }));
    socket.send(json!({ "type": "pong" })).await;
    socket.send(json!({ "type": "connection_init", "payload": {} })).await;
    assert_eq!(socket.next().await, json!({ "type": "connection_ack" }));
    socket.settle().await;
}

#[tokio::test]
async fn messages_that_are_none_close_the_socket() {
    let app = TestApp::quiet().await;
    let wrong = [
        "",
        "nothing",
        "[]",
        "1",
        "null",
        "{}",
        r#"{"type":1}"#,
        r#"{"type":"unknown"}"#,
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"error","id":"1","payload":[]}"#,
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"connection_init","payload":"text"}"#,
        r#"{"type":"connection_init","payload":[]}"#,
        r#"{"type":"ping","payload":1}"#,
        r#"{"type":"pong","payload":"text"}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","id":"1","payload":{}}"#,
        r#"{"type":"subscribe","id":"1","payload":null}"#,
        r#"{"type":"subscribe","id":"1","payload":"{ site { name } }"}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ site { name } }"}}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{ site { name } }"}}"#,
        r#"{"type":"subscribe","payload":{"query":"{ site { name } }"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":"text"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","extensions":"text"}}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"complete","id":""}"#,
        r#"{"type":"complete","id":1}"#,
    ];
    for text in wrong {
        let mut socket = Socket::open(&app.anon).await;
        socket.send_text(text).await;
        assert_eq!(socket.closed().await, 4400, "{text}");
    }
    let mut socket = Socket::begun(&app.anon).await;
    socket.0.send(Message::binary(b"{}".to_vec())).await.unwrap();
    assert_eq!(socket.closed().await, 4400);
}

#[tokio::test]
async fn who_asks_before_the_acknowledgement_is_closed() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::open(&app.anon).await;
    socket.subscribe("1", "{ site { name } }").await;
    assert_eq!(socket.closed().await, 4401);
}

#[tokio::test]
async fn who_begins_twice_is_closed() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.closed().await, 4429);
}

#[tokio::test]
async fn an_id_that_is_in_use_closes_the_socket() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::begun(&app.anon).await;
    // Longer than a reason may be, and cut within a character.
    let id = "号".repeat(50);
    socket.subscribe(&id, CHANGES).await;
    socket.subscribe(&id, "{ site { name } }").await;
    assert_eq!(socket.closed().await, 4409);
}

#[tokio::test]
async fn who_never_begins_is_closed() {
    let app = TestApp::quiet_with(|config| config.keep_alive = 1).await;
    let mut socket = Socket::open(&app.anon).await;
    // Signs of life are no beginning.
    socket.settle().await;
    assert_eq!(socket.closed().await, 4408);
}

#[tokio::test]
async fn another_protocol_is_closed() {
    let app = TestApp::quiet().await;
    let mut request = handshake(&app.anon.url);
    request.headers_mut().remove("sec-websocket-protocol");
    let mut socket = Socket(connect_async(request).await.unwrap().0);
    assert_eq!(socket.closed().await, 4406);
}

#[tokio::test]
async fn several_operations_run_at_once_and_end_one_by_one() {
    let app = TestApp::start().await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("a", CHANGES).await;
    socket.subscribe("b", CHANGES).await;
    app.listened_to_by(2).await;
    make::article("甲").published(&app).await;
    let mut heard = [socket.next().await["id"].clone(), socket.next().await["id"].clone()];
    heard.sort_by_key(ToString::to_string);
    assert_eq!(heard, ["a", "b"]);
    socket.complete("a").await;
    // What is not known is not minded.
    socket.complete("a").await;
    socket.complete("never").await;
    app.listened_to_by(1).await;
    make::article("乙").published(&app).await;
    assert_eq!(socket.answer("b").await["articlePublished"]["article"]["title"], "乙");
    socket.settle().await;
    drop(socket);
    app.listened_to_by(0).await;
}

#[tokio::test]
async fn the_token_is_told_at_the_beginning_or_with_the_handshake() {
    let app = TestApp::quiet().await;
    make::article("稿").draft(&app).await;
    let drafts = "{ articles(orderBy: RECENTLY_UPDATED) { nodes { title } } }";
    let token = app.editor.token();
    let payloads = [
        json!({ "authorization": format!("Bearer {token}") }),
        json!({ "Authorization": format!("bearer {token}"), "other": 1 }),
        json!({ "headers": { "authorization": format!("Bearer {token}") } }),
    ];
    for payload in payloads {
        let mut socket = Socket::open(&app.anon).await;
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket.subscribe("1", drafts).await;
        assert_eq!(socket.answer("1").await["articles"]["nodes"][0]["title"], "稿");
    }
    let mut request = handshake(&app.anon.url);
    let value = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", value);
    let mut socket = Socket(connect_async(request).await.unwrap().0);
    socket.send(json!({ "type": "connection_init" })).await;
    socket.next().await;
    socket.subscribe("1", drafts).await;
    socket.answer("1").await;
}

#[tokio::test]
async fn an_unknown_token_is_not_taken_for_a_reader() {
    let app = TestApp::quiet().await;
    for authorization in [json!("Bearer unknown"), json!("unknown"), json!(1), json!(null)] {
        let mut socket = Socket::open(&app.anon).await;
        let payload = json!({ "authorization": authorization });
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.closed().await, 4403, "{authorization}");
    }
    let mut request = handshake(&app.anon.url);
    request.headers_mut().insert("authorization", "Bearer unknown".parse().unwrap());
    assert_eq!(refused(request).await, (401, "UNAUTHENTICATED".into()));
}

#[tokio::test]
async fn pages_of_other_origins_connect_only_if_they_are_named() {
    let named = "https://news.example";
    let app = TestApp::quiet_with(|config| config.cors_origins = vec![named.parse().unwrap()]);
    let app = app.await;
    let from = |origin: &str| {
        let mut request = handshake(&app.anon.url);
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request
    };
    for origin in [named, &app.anon.url] {
        let mut socket = Socket(connect_async(from(origin)).await.unwrap().0);
        socket.settle().await;
    }
    for origin in ["https://other.example", "http://news.example", "null"] {
        let refused = refused(from(origin)).await;
        assert_eq!(refused, (403, "ORIGIN_NOT_ALLOWED".into()), "{origin}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_none_is_refused() {
    let app = TestApp::quiet().await;
    let request = app.anon.request(reqwest::Method::GET, "/graphql");
    let answer = request.header("upgrade", "websocket").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

#[tokio::test]
async fn a_stop_closes_sockets_before_it_ends() {
    let app = TestApp::start().await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", CHANGES).await;
    app.stop();
    assert_eq!(socket.closed().await, 1001);
}

/// The status and the code that a handshake is refused with.
async fn refused(request: tokio_tungstenite::tungstenite::http::Request<()>) -> (u16, String) {
    use tokio_tungstenite::tungstenite::Error;
    match connect_async(request).await {
        Err(Error::Http(response)) => {
            let body: serde_json::Value =
                serde_json::from_slice(response.body().as_ref().unwrap()).unwrap();
            let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
            (response.status().as_u16(), code.to_owned())
        }
        other => panic!("not refused: {other:?}"),
    }
}
