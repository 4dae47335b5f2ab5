//! GraphQL over server-sent events, distinct connections mode.

use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::stream;
use crate::helpers::stream::Event;
use crate::helpers::stream::Stream;

const PUBLISHED: &str = "subscription { articlePublished { article { title } } }";

fn complete() -> Option<Event> {
    Some(Event { name: "complete".into(), data: Some(String::new()), id: None })
}

#[tokio::test]
async fn a_query_is_one_event_and_complete() {
    let app = TestApp::quiet().await;
    let mut stream = Stream::open(&app.anon, "{ site { name } }").await;
    assert_eq!(stream.response.status(), 200);
    let header = |name: &str| stream.response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-cache");
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(stream.answer().await, json!({ "data": { "site": { "name": "测试站" } } }));
    assert_eq!(stream.next().await, complete());
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_query_can_be_got() {
    let app = TestApp::quiet().await;
    let path = "/graphql?query=%7B%20site%20%7B%20name%20%7D%20%7D";
    let request = app.anon.request(Method::GET, path).header("accept", "text/event-stream");
    let mut stream = Stream::of(request).await;
    assert_eq!(stream.answer().await["data"]["site"]["name"], "测试站");
}

#[tokio::test]
async fn mutations_are_posted_only() {
    let app = TestApp::quiet().await;
    let mutation =
        "mutation { createArticle(input: { title: \"甲\", body: \"文\" }) { article { title } } }";
    let mut stream = Stream::open(&app.editor, mutation).await;
    assert_eq!(stream.answer().await["data"]["createArticle"]["article"]["title"], "甲");
    let path = format!(
        "/graphql?query={}",
        form_urlencoded::byte_serialize(mutation.as_bytes()).collect::<String>()
    );
    let request = app.editor.request(Method::GET, &path).header("accept", "text/event-stream");
    let mut stream = Stream::of(request).await;
    assert_eq!(code(&stream.answer().await), "METHOD_NOT_ALLOWED");
    assert_eq!(stream.next().await, complete());
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_an_event() {
    let app = TestApp::quiet().await;
    let wrong = [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { viewTotals(articles: []) { total } }", "BAD_USER_INPUT"),
        ("subscription { articlePublished(region: \"nowhere\") { cursor } }", "NOT_FOUND"),
    ];
    for (query, expected) in wrong {
        let mut stream = Stream::open(&app.anon, query).await;
        assert_eq!(stream.response.status(), 200);
        let answer = stream.answer().await;
        assert_eq!(code(&answer), expected, "{query}");
        assert!(answer.get("data").is_none(), "{answer}");
        assert_eq!(stream.next().await, complete());
        assert_eq!(stream.next().await, None);
    }
    let request = stream::request(&app.anon, "").body("no JSON");
    let mut stream = Stream::of(request).await;
    assert_eq!(code(&stream.answer().await), "BAD_REQUEST");
}

#[tokio::test]
async fn changes_come_as_they_happen_and_a_client_that_goes_is_forgotten() {
    let app = TestApp::start().await;
    let mut stream = Stream::open(&app.anon, PUBLISHED).await;
    app.listened_to_by(1).await;
    assert_eq!(stream.next().await.unwrap().name, "");
    for title in ["甲", "乙"] {
        make::article(title).published(&app).await;
        let event = stream.next().await.unwrap();
        assert!(event.id.is_some());
        assert_eq!(event.response()["data"]["articlePublished"]["article"]["title"], title);
    }
    drop(stream);
    // It is found out by the next sign of life or event.
    make::article("丙").published(&app).await;
    app.listened_to_by(0).await;
}

#[tokio::test]
async fn silence_is_kept_alive_by_comments() {
    let app = TestApp::quiet_with(|config| config.keep_alive = 1).await;
    let mut stream = Stream::open(&app.anon, PUBLISHED).await;
    stream.next().await.unwrap();
    let chunk = stream.response.chunk().await.unwrap().unwrap();
    assert_eq!(&chunk[..], b":\n\n");
}

#[tokio::test]
async fn a_stop_ends_streams() {
    let app = TestApp::start().await;
    let mut stream = Stream::open(&app.anon, PUBLISHED).await;
    stream.next().await.unwrap();
    app.stop();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_subscription_has_no_other_answer_over_http() {
    let app = TestApp::quiet().await;
    let answer = app.anon.query(PUBLISHED).await;
    assert_eq!((answer.status, code(&answer.json)), (406, "NOT_ACCEPTABLE".into()));
}

#[tokio::test]
async fn who_is_unknown_gets_no_stream() {
    let app = TestApp::quiet().await;
    let stream = Stream::open(&app.with_token("unknown"), PUBLISHED).await;
    assert_eq!(stream.response.status(), 401);
}

fn code(response: &Value) -> Value {
    response["errors"][0]["extensions"]["code"].clone()
}
