//! Views over time, and corrections of what was imported.

use chrono::TimeDelta;
use redian::server;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::import::import;
use crate::helpers::import::record;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::views::event_of;
use crate::helpers::views::fold;
use crate::helpers::views::report;
use crate::helpers::views::report_with;

/// So many visitors see the article now.
async fn crowd(app: &TestApp, made: &Made, size: usize) {
    let now = app.app.clock.now();
    let events: Value =
        (0..size).map(|visitor| event_of(made, now, &visitor.to_string())).collect();
    assert_eq!(report(&app.anon, &events).await.status, 200);
}

async fn series(app: &TestApp, made: &Made, arguments: &str) -> Answer {
    let query = format!(
        "{{ article(id: \"{}\") {{ views {{ series({arguments}) {{ timeZone
         points {{ start end views partial visitors {{ value exact }} }} }} }} }} }}",
        made.id
    );
    app.anon.query(&query).await
}

/// `start views`, with a star if it is partial.
fn points(answer: &Answer) -> Vec<String> {
    let points = answer.data("/article/views/series/points").as_array().unwrap();
    let text = |point: &Value| {
        let star = if point["partial"].as_bool().unwrap() { "*" } else { "" };
        format!("{} {}{star}", point["start"].as_str().unwrap(), point["views"])
    };
    points.iter().map(text).collect()
}

/// A server, and an article that was seen twice at 08:00, three times at 15:59 and
/// once at 16:00 of the first of March, by UTC.
async fn portal() -> (TestApp, Made) {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 2).await;
    app.advance(TimeDelta::minutes(8 * 60 - 1));
    crowd(&app, &made, 3).await;
    app.advance(TimeDelta::minutes(1));
    crowd(&app, &made, 1).await;
    fold(&app).await;
    (app, made)
}

#[tokio::test]
async fn days_are_those_of_the_site_without_gaps() {
    let (app, made) = portal().await;
    let found = series(
        &app,
        &made,
        "from: \"2026-02-28T00:00:00+08:00\", to: \"2026-03-03T00:00:00+08:00\"",
    )
    .await;
    assert_eq!(
        points(&found),
        [
            "2026-02-27T16:00:00+00:00 0",
            "2026-02-28T16:00:00+00:00 5",
            "2026-03-01T16:00:00+00:00 1*",
        ]
    );
    let of_day = &found.data("/article/views/series/points")[1];
    // The two of the morning came again in the afternoon.
    assert_eq!(of_day["visitors"], json!({ "value": 3, "exact": true }));
    assert_eq!(found.data("/article/views/series/timeZone"), "Asia/Shanghai");
}

#[tokio::test]
async fn hours_are_exact_and_a_cut_one_is_partial() {
    let (app, made) = portal().await;
    app.advance(TimeDelta::hours(2));
    let found = series(
        &app,
        &made,
        "granularity: HOUR, from: \"2026-03-01T15:30:00Z\", to: \"2026-03-01T18:00:00Z\"",
    )
    .await;
    assert_eq!(
        points(&found),
        [
            "2026-03-01T15:00:00+00:00 3*",
            "2026-03-01T16:00:00+00:00 1",
            "2026-03-01T17:00:00+00:00 0",
        ]
    );
}

#[tokio::test]
async fn days_of_other_time_zones_are_exact_or_refused() {
    let (app, made) = portal().await;
    app.advance(TimeDelta::days(2));
    let span = "from: \"2026-03-01T00:00:00Z\", to: \"2026-03-02T00:00:00Z\"";
    let utc = series(&app, &made, &format!("{span}, timeZone: \"UTC\"")).await;
    assert_eq!(points(&utc), ["2026-03-01T00:00:00+00:00 6"]);
    // The same midnights as the site's.
    let taipei = "from: \"2026-03-01T00:00:00+08:00\", to: \"2026-03-02T00:00:00+08:00\"";
    let taipei = series(&app, &made, &format!("{taipei}, timeZone: \"Asia/Taipei\"")).await;
    assert_eq!(points(&taipei), ["2026-02-28T16:00:00+00:00 5"]);
    for (arguments, code) in [
        (format!("{span}, timeZone: \"Asia/Kolkata\""), "TIME_ZONE_NOT_REPRESENTABLE"),
        (
            format!("{span}, granularity: HOUR, timeZone: \"Asia/Kolkata\""),
            "TIME_ZONE_NOT_REPRESENTABLE",
        ),
        (format!("{span}, timeZone: \"Mars/Olympus\""), "BAD_USER_INPUT"),
        ("from: \"2026-03-02T00:00:00Z\", to: \"2026-03-01T00:00:00Z\"".into(), "BAD_USER_INPUT"),
        ("from: \"2020-03-02T00:00:00Z\", to: \"2026-03-01T00:00:00Z\"".into(), "BAD_USER_INPUT"),
        (
            "granularity: HOUR, from: \"2026-01-01T00:00:00Z\", to: \"2026-01-02T00:00:00Z\""
                .into(),
            "NO_LONGER_KEPT",
        ),
        ("from: \"2023-01-01T00:00:00Z\", to: \"2023-01-02T00:00:00Z\"".into(), "NO_LONGER_KEPT"),
    ] {
        assert_eq!(series(&app, &made, &arguments).await.code(), code, "{arguments}");
    }
}

#[tokio::test]
async fn months_stay_when_their_days_are_folded() {
    let (app, made) = portal().await;
    let span = "granularity: MONTH, from: \"2026-02-15T00:00:00+08:00\", \
                to: \"2026-04-01T00:00:00+08:00\"";
    let expected = ["2026-01-31T16:00:00+00:00 0*", "2026-02-28T16:00:00+00:00 6"];
    app.advance(TimeDelta::days(60));
    assert_eq!(points(&series(&app, &made, span).await), expected);
    app.advance(TimeDelta::days(800));
    server::keep_views(app.app.clone()).await.unwrap();
    assert_eq!(points(&series(&app, &made, span).await), expected);
}

#[tokio::test]
async fn a_day_at_whose_midnight_clocks_are_set_forward_is_whole() {
    let app = TestApp::start_with(|config| config.time_zone = "Asia/Beirut".parse().unwrap()).await;
    let made = article("灯会").published(&app).await;
    app.advance(TimeDelta::days(27) + TimeDelta::hours(15));
    // 2026-03-28, 23:00 UTC is 02:00 of the day that began at 01:00.
    crowd(&app, &made, 2).await;
    app.advance(TimeDelta::days(2));
    let span = "from: \"2026-03-27T22:00:00Z\", to: \"2026-03-29T21:00:00Z\"";
    let found = series(&app, &made, span).await;
    let expected = ["2026-03-27T22:00:00+00:00 0", "2026-03-28T22:00:00+00:00 2"];
    assert_eq!(points(&found), expected);
}

#[tokio::test]
async fn editors_see_what_was_excluded_and_readers_do_not() {
    let (app, made) = portal().await;
    let robot = [("user-agent", "Googlebot/2.1")];
    report_with(&app.anon, &event_of(&made, app.app.clock.now(), "r"), &robot).await;
    crowd(&app, &made, 1).await;
    let query =
        format!("{{ article(id: \"{}\") {{ views {{ excluded {{ reason count }} }} }} }}", made.id);
    let found = app.editor.query(&query).await;
    let expected = json!([{ "reason": "REPEAT", "count": 1 }, { "reason": "BOT", "count": 1 }]);
    assert_eq!(found.data("/article/views/excluded"), &expected);
    assert_eq!(app.anon.query(&query).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn imported_views_can_be_corrected_and_no_import_undoes_it() {
    let app = TestApp::start().await;
    let text = record(json!({ "externalId": "1", "title": "书市", "importedViews": 4892 }));
    import(&app, &text.to_string()).await;
    let found = app.anon.query("{ articles { nodes { id } } }").await;
    let id = found.data("/articles/nodes/0/id").clone();
    let input = json!({ "id": id, "imported": 489, "reason": "一位数字录错了" });
    let before = redian::event::newest(&app.app.db.read).await.unwrap();
    let answer = app
        .editor
        .mutate(
            "correctImportedViews",
            input,
            "article { version updatedAt views {
        total imported corrections { before after reason by } } }",
        )
        .await;
    let views = answer.data("/correctImportedViews/article/views");
    assert_eq!((&views["total"], &views["imported"]), (&json!(489), &json!(489)));
    let correction = &views["corrections"][0];
    assert_eq!(correction["before"], 4892);
    assert_eq!(correction["after"], 489);
    assert!(correction["by"].is_string());
    assert_eq!(answer.data("/correctImportedViews/article/version"), 1);
    assert!(redian::event::newest(&app.app.db.read).await.unwrap() > before);
    import(&app, &text.to_string()).await;
    let found = app.anon.query("{ articles { nodes { views { total } } } }").await;
    assert_eq!(found.data("/articles/nodes/0/views/total"), 489);
    for (field, value, error) in [
        ("imported", json!(-1), "imported: INVALID"),
        ("reason", json!(" "), "reason: REQUIRED"),
        ("id", json!("x"), "id: INVALID"),
    ] {
        let mut input = json!({ "id": id, "imported": 1, "reason": "why" });
        input[field] = value;
        let answer = app.editor.mutate("correctImportedViews", input, "article { id }").await;
        assert_eq!(answer.user_errors(), [error]);
    }
    let input = json!({ "id": id, "imported": 1, "reason": "why" });
    let answer = app.anon.mutate("correctImportedViews", input, "article { id }").await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
}
