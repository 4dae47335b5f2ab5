//! Subscriptions to views.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;

use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::make::Made;
use crate::helpers::socket::Socket;
use crate::helpers::views;

/// A reader who wants to know the views of articles, and what is told at once.
async fn watches(app: &TestApp, articles: &[&Made]) -> (Socket, Value) {
    let ids: Vec<&str> = articles.iter().map(|made| made.id.as_str()).collect();
    let mut socket = Socket::begun(&app.anon).await;
    let query = "subscription($ids: [ID!]!) { viewTotals(articles: $ids) { articleId total counted \
                 imported } }";
    let payload = json!({ "query": query, "variables": { "ids": ids } });
    socket.send(json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    let first = socket.answer("1").await["viewTotals"].clone();
    (socket, first)
}

fn total(made: &Made, counted: i64, imported: i64) -> Value {
    let total = counted + imported;
    json!({ "articleId": made.id, "total": total, "counted": counted, "imported": imported })
}

async fn view(app: &TestApp, made: &Made) {
    let event = views::event(made, app.app.clock.now());
    assert_eq!(views::verdicts(&views::report(&app.anon, &event).await), ["COUNTED"]);
}

#[tokio::test]
async fn all_totals_come_at_once_then_those_that_changed() {
    let app = TestApp::start().await;
    let one = make::article("甲").published(&app).await;
    let two = make::article("乙").published(&app).await;
    view(&app, &one).await;
    let (mut reader, first) = watches(&app, &[&one, &two, &one]).await;
    assert_eq!(first, json!([total(&one, 1, 0), total(&two, 0, 0)]));
    view(&app, &two).await;
    assert_eq!(reader.answer("1").await["viewTotals"], json!([total(&two, 1, 0)]));
    let input = json!({ "id": one.id, "imported": 40, "reason": "纸上的数" });
    let answer = app.editor.mutate("correctImportedViews", input, "article { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    assert_eq!(reader.answer("1").await["viewTotals"], json!([total(&one, 1, 40)]));
}

#[tokio::test]
async fn totals_come_at_most_once_a_second_and_the_last_is_exact() {
    let app = TestApp::start().await;
    let made = make::article("甲").published(&app).await;
    let (mut reader, _) = watches(&app, &[&made]).await;
    let (counted, mut told, mut times) = (60, 0, Vec::new());
    for visitor in 0..counted {
        let now = app.app.clock.now();
        let event = views::event_of(&made, now, &format!("visitor-{visitor:030}"));
        assert_eq!(views::verdicts(&views::report(&app.anon, &event).await), ["COUNTED"]);
    }
    while told < counted {
        told = reader.answer("1").await["viewTotals"][0]["counted"].as_i64().unwrap();
        times.push(Instant::now());
    }
    assert_eq!(told, counted);
    let close = |pair: &[Instant]| pair[1] - pair[0] < Duration::from_millis(900);
    assert!(!times.windows(2).any(close), "{times:?}");
}

#[tokio::test]
async fn what_readers_do_not_see_is_left_out() {
    let app = TestApp::start().await;
    let draft = make::article("稿").draft(&app).await;
    let gone = make::article("甲").published(&app).await;
    let shown = make::article("乙").published(&app).await;
    view(&app, &gone).await;
    let (mut reader, first) = watches(&app, &[&draft, &gone, &shown]).await;
    assert_eq!(first, json!([total(&gone, 1, 0), total(&shown, 0, 0)]));
    make::withdraw(&app, &gone).await;
    app.caught_up().await;
    for made in [&gone, &draft] {
        let input = json!({ "id": made.id, "imported": 7, "reason": "测试" });
        app.editor.mutate("correctImportedViews", input, "article { id }").await;
    }
    view(&app, &shown).await;
    assert_eq!(reader.answer("1").await["viewTotals"], json!([total(&shown, 1, 0)]));
    reader.settle().await;
}

#[tokio::test]
async fn nothing_to_show_is_an_empty_list() {
    let app = TestApp::quiet().await;
    let draft = make::article("稿").draft(&app).await;
    let (_, first) = watches(&app, &[&draft]).await;
    assert_eq!(first, json!([]));
}

#[tokio::test]
async fn views_that_another_instance_counts_are_told() {
    let app = TestApp::start().await;
    let second = app.second_server().await;
    let made = make::article("甲").published(&app).await;
    let (mut reader, _) = watches(&second, &[&made]).await;
    view(&app, &made).await;
    assert_eq!(reader.answer("1").await["viewTotals"], json!([total(&made, 1, 0)]));
}

#[tokio::test]
async fn more_than_a_hundred_are_refused() {
    let app = TestApp::quiet().await;
    let mut socket = Socket::begun(&app.anon).await;
    let ids = vec!["a"; 101];
    let query = format!("subscription {{ viewTotals(articles: {}) {{ total }} }}", json!(ids));
    socket.subscribe("1", &query).await;
    let message = socket.next().await;
    assert_eq!(message["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
}
