//! What is counted, once, and what is not.

use chrono::TimeDelta;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make::article;
use crate::helpers::views::BROWSER;
use crate::helpers::views::event;
use crate::helpers::views::event_id;
use crate::helpers::views::event_of;
use crate::helpers::views::report;
use crate::helpers::views::report_with;
use crate::helpers::views::shown;
use crate::helpers::views::verdicts;

#[tokio::test]
async fn a_view_is_counted_once_however_often_it_is_reported() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let now = app.app.clock.now();
    let view = event(&made, now);
    let first = report(&app.anon, &view).await;
    assert_eq!(verdicts(&first), ["COUNTED"]);
    assert_eq!(first.json["results"][0]["total"], 1);
    assert_eq!(first.json["results"][0]["eventId"], view["eventId"]);
    let again = report(&app.anon, &json!([view, view])).await;
    assert_eq!(verdicts(&again), ["DUPLICATE COUNTED", "DUPLICATE COUNTED"]);
    // Another event of the same visitor.
    assert_eq!(verdicts(&report(&app.anon, &event(&made, now)).await), ["REPEAT"]);
    let repeat = event(&made, now);
    report(&app.anon, &repeat).await;
    assert_eq!(verdicts(&report(&app.anon, &repeat).await), ["DUPLICATE REPEAT"]);
    assert_eq!(shown(&app.anon, &made).await, 1);
}

#[tokio::test]
async fn duplicates_and_repeats_within_one_request_are_counted_once() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let now = app.app.clock.now();
    let (view, other) = (event(&made, now), event(&made, now));
    let answer = report(&app.anon, &json!([view, other, view, other])).await;
    let mut found = verdicts(&answer);
    found[..2].sort();
    // Which of the two events of one visitor is the view is not said.
    assert_eq!(found[..2], ["COUNTED", "REPEAT"]);
    assert!(found[2..].iter().all(|verdict| verdict.starts_with("DUPLICATE")), "{found:?}");
    assert_eq!(shown(&app.anon, &made).await, 1);
}

#[tokio::test]
async fn visitors_are_told_apart_by_install_id_or_else_by_address_and_browser() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let now = app.app.clock.now();
    let events = json!([event_of(&made, now, "a"), event_of(&made, now, "b"), event(&made, now)]);
    assert_eq!(verdicts(&report(&app.anon, &events).await), ["COUNTED", "COUNTED", "COUNTED"]);
    let phone = [("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)")];
    let answer = report_with(&app.anon, &event(&made, now), &phone).await;
    assert_eq!(verdicts(&answer), ["COUNTED"]);
    let answer = report_with(&app.anon, &event_of(&made, now, "a"), &phone).await;
    assert_eq!(verdicts(&answer), ["REPEAT"]);
    assert_eq!(shown(&app.anon, &made).await, 4);
}

#[tokio::test]
async fn a_window_ends_by_the_time_of_the_events_in_whatever_order_they_come() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    // 08:00 is the start of a window of 30 minutes.
    let start = app.app.clock.now();
    app.advance(TimeDelta::minutes(45));
    let late = start + TimeDelta::minutes(30);
    let at = |at| event_of(&made, at, "a");
    for (when, expected) in [
        (late, "COUNTED"),
        (late - TimeDelta::milliseconds(1), "COUNTED"),
        (start, "REPEAT"),
        (late + TimeDelta::minutes(14), "REPEAT"),
        (start - TimeDelta::milliseconds(1), "COUNTED"),
    ] {
        assert_eq!(verdicts(&report(&app.anon, &at(when)).await), [expected], "{when}");
    }
    assert_eq!(shown(&app.anon, &made).await, 3);
}

#[tokio::test]
async fn old_events_are_refused_those_of_apps_later_and_those_of_wrong_clocks() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let now = app.app.clock.now();
    let at = |seconds| event(&made, now - TimeDelta::seconds(seconds));
    let known = |seconds| event_of(&made, now - TimeDelta::seconds(seconds), "a");
    for (event, expected) in [
        (at(3600), "COUNTED"),
        (at(3601), "TOO_OLD"),
        (known(86_400), "COUNTED"),
        (known(86_401), "TOO_OLD"),
        (at(-120), "COUNTED"),
        (at(-121), "INVALID eventId"),
    ] {
        assert_eq!(verdicts(&report(&app.anon, &event).await), [expected], "{event}");
    }
}

#[tokio::test]
async fn one_bad_event_spoils_no_other() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let draft = article("草稿").draft(&app).await;
    let now = app.app.clock.now();
    let id = || event_id(now);
    let answer = report(
        &app.anon,
        &json!([
            { "eventId": "1", "article": made.id },
            { "eventId": "00000000-0000-4000-8000-000000000000", "article": made.id },
            { "eventId": id(), "article": "nothing-like-this" },
            { "eventId": id(), "article": draft.id },
            { "eventId": id(), "article": 5 },
            { "eventId": id() },
            7,
            { "eventId": id(), "article": made.id, "visitorId": "" },
            { "eventId": id(), "article": "" },
            { "eventId": id(), "article": made.id, "reader": { "ip": "203.0.113.5" } },
            { "eventId": id(), "article": made.slug },
        ]),
    )
    .await;
    let invalid = "INVALID ";
    assert_eq!(
        verdicts(&answer),
        [
            "INVALID eventId",
            "INVALID eventId",
            "UNKNOWN_ARTICLE",
            "UNKNOWN_ARTICLE",
            invalid,
            invalid,
            invalid,
            "INVALID visitorId",
            "INVALID article",
            "INVALID reader",
            "COUNTED",
        ]
    );
    let message = answer.json["results"][1]["message"].as_str().unwrap();
    assert!(message.contains("UUIDv7"), "{message}");
    assert_eq!(shown(&app.anon, &made).await, 1);
}

#[tokio::test]
async fn a_fault_of_the_whole_request_is_a_coded_error() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let view = event(&made, app.app.clock.now());
    for (content_type, body, status, code) in [
        ("application/json", "{".to_owned(), 400, "BAD_REQUEST"),
        ("application/json", "[]".to_owned(), 400, "BAD_REQUEST"),
        ("application/json", json!(vec![&view; 101]).to_string(), 400, "BAD_REQUEST"),
        ("application/xml", view.to_string(), 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let answer = app.anon.post("/v1/views", content_type, body).await;
        assert_eq!((answer.status, answer.code()), (status, code));
    }
    let wrong = app.with_token("redian_0");
    let answer = wrong.post("/v1/views", "text/plain", view.to_string()).await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(shown(&app.anon, &made).await, 0);
}

#[tokio::test]
async fn a_beacon_needs_no_preflight_and_any_origin_may_read_the_answer() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let view = event(&made, app.app.clock.now());
    let request = app.anon.request(reqwest::Method::POST, "/v1/views");
    let request = request.header("content-type", "text/plain;charset=UTF-8");
    let request = request.header("origin", "https://news.example").header("user-agent", BROWSER);
    let response = request.body(view.to_string()).send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let totals = app.anon.get(&format!("/v1/views?ids={},nothing,{}", made.slug, made.id)).await;
    assert_eq!(
        totals.json,
        json!({ "totals": { made.slug.clone(): 1, "nothing": null, made.id.clone(): 1 } })
    );
    assert_eq!(app.anon.get("/v1/views").await.status, 400);
}

#[tokio::test]
async fn what_does_not_fit_into_the_queue_is_refused_whole() {
    let app = TestApp::start_with(|config| config.view_queue = 2).await;
    let made = article("灯会").published(&app).await;
    let now = app.app.clock.now();
    let events =
        |count| json!(vec![(); count].iter().map(|()| event(&made, now)).collect::<Vec<_>>());
    let request = app.anon.request(reqwest::Method::POST, "/v1/views");
    let request = request.header("content-type", "text/plain").body(events(3).to_string());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(shown(&app.anon, &made).await, 0);
    assert_eq!(verdicts(&report(&app.anon, &events(2)).await).len(), 2);
}

#[tokio::test]
async fn the_mutation_counts_as_the_beacon_does() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let view = event_of(&made, app.app.clock.now(), "a");
    let query = json!({ "events": [view, { "eventId": "1", "article": made.id }] });
    let selection = "results { eventId verdict reason first message total }";
    let first = app.anon.mutate("recordViews", query.clone(), selection).await;
    // The test's client has no name of a browser.
    assert_eq!(first.data("/recordViews/results/0/verdict"), "EXCLUDED");
    assert_eq!(first.data("/recordViews/results/0/reason"), "BOT");
    assert_eq!(first.data("/recordViews/results/0/total"), 0);
    assert_eq!(first.data("/recordViews/results/1/verdict"), "INVALID");
    assert!(first.data("/recordViews/results/1/message").is_string());
    let again = app.anon.mutate("recordViews", query, selection).await;
    assert_eq!(again.data("/recordViews/results/0/verdict"), "DUPLICATE");
    assert_eq!(again.data("/recordViews/results/0/first"), "BOT");
    let none = app.anon.mutate("recordViews", json!({ "events": [] }), selection).await;
    assert_eq!(none.user_errors(), ["events: INVALID"]);
}
