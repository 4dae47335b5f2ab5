//! Articles appear and vanish by the clock alone.

use chrono::TimeDelta;
use redian::event;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::database;
use crate::helpers::make;
use crate::helpers::make::Made;

const HOUR: TimeDelta = TimeDelta::hours(1);
const MILLISECOND: TimeDelta = TimeDelta::milliseconds(1);

fn common(title: &str) -> make::ArticleBuilder {
    make::article(title).about(&["130104"]).with("tags", vec!["同"])
}

/// The titles of every kind of list, which must be the same.
async fn seen(app: &TestApp) -> Vec<String> {
    let query = "{ all: articles { nodes { title } } \
                 tag: articles(filter: { tag: \"同\" }) { nodes { title } } \
                 region: articles(filter: { region: \"hebei\" }) { nodes { title } } \
                 site { articleCount { value } } }";
    let answer = app.anon.query(query).await;
    let titles = answer.each("/all/nodes", "title");
    assert_eq!(answer.each("/tag/nodes", "title"), titles);
    assert_eq!(answer.each("/region/nodes", "title"), titles);
    assert_eq!(answer.data("/site/articleCount/value"), titles.len());
    titles
}

async fn is_seen(app: &TestApp, made: &Made) -> bool {
    let query = format!(
        "{{ article(id: \"{}\") {{ id }} slug: article(slug: \"{}\") {{ id }} node(id: \"{0}\") {{ id }} }}",
        made.id, made.slug
    );
    let answer = app.anon.query(&query).await;
    let found = answer.data("/article");
    assert_eq!(answer.data("/slug"), found);
    assert_eq!(answer.data("/node"), found);
    !found.is_null()
}

async fn times(app: &TestApp, made: &Made) -> Value {
    let query =
        format!("{{ article(id: \"{}\") {{ state publishAt unpublishAt publishedAt }} }}", made.id);
    app.editor.query(&query).await.data("/article").clone()
}

/// An instant of the first day, as GraphQL writes it.
fn at(time: &str) -> Value {
    json!(format!("2026-03-01T{time}+00:00"))
}

#[tokio::test]
async fn a_scheduled_article_appears_at_its_instant_at_the_top() {
    let app = TestApp::start().await;
    common("早").published(&app).await;
    let times = json!({ "publishAt": app.in_time(HOUR) });
    let scheduled = common("定时").published_with(&app, times).await;
    app.advance(HOUR / 2);
    common("其间").published(&app).await;
    assert_eq!(seen(&app).await, ["其间", "早"]);
    app.advance(HOUR / 2 - MILLISECOND);
    assert_eq!(seen(&app).await, ["其间", "早"]);
    assert!(!is_seen(&app, &scheduled).await);
    app.advance(MILLISECOND);
    assert_eq!(seen(&app).await, ["定时", "其间", "早"]);
    assert!(is_seen(&app, &scheduled).await);
    app.advance(MILLISECOND);
    common("晚").published(&app).await;
    assert_eq!(seen(&app).await, ["晚", "定时", "其间", "早"]);
}

#[tokio::test]
async fn an_article_vanishes_exactly_when_its_time_is_over() {
    let app = TestApp::start().await;
    let times = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    let made = common("限时").published_with(&app, times).await;
    for (advance, expected) in [
        (HOUR - MILLISECOND, false),
        (MILLISECOND, true),
        (HOUR - MILLISECOND, true),
        (MILLISECOND, false),
        (TimeDelta::days(1000), false),
    ] {
        app.advance(advance);
        let now = app.app.clock.now();
        assert_eq!(is_seen(&app, &made).await, expected, "{now}");
        assert_eq!(seen(&app).await.len(), usize::from(expected), "{now}");
    }
}

#[tokio::test]
async fn the_asked_times_are_kept_to_the_millisecond() {
    let app = TestApp::start().await;
    let null = Value::Null;
    let cases = [
        (json!({}), null.clone(), null.clone(), at("08:00:00")),
        (json!({ "publishAt": null }), null.clone(), null.clone(), at("08:00:00")),
        // Past and present: from now on.
        (json!({ "publishAt": at("07:59:59.999") }), null.clone(), null.clone(), at("08:00:00")),
        (json!({ "publishAt": at("08:00:00") }), null.clone(), null.clone(), at("08:00:00")),
        (
            json!({ "publishAt": "1999-01-01T00:00:00Z" }),
            null.clone(),
            null.clone(),
            at("08:00:00"),
        ),
        (
            json!({ "publishAt": at("08:00:00.001") }),
            at("08:00:00.001"),
            null.clone(),
            at("08:00:00.001"),
        ),
        (
            json!({ "publishAt": "2026-03-01T17:00:00.0019+08:00", "unpublishAt": at("09:00:00.002") }),
            at("09:00:00.001"),
            at("09:00:00.002"),
            at("09:00:00.001"),
        ),
        (
            json!({ "unpublishAt": "9999-12-31T23:59:59.999Z" }),
            null,
            json!("9999-12-31T23:59:59.999+00:00"),
            at("08:00:00"),
        ),
    ];
    for (asked, publish_at, unpublish_at, published_at) in cases {
        let made = common("题").published_with(&app, asked.clone()).await;
        let expected = json!({
            "state": "PUBLISHED", "publishAt": publish_at, "unpublishAt": unpublish_at,
            "publishedAt": published_at,
        });
        assert_eq!(times(&app, &made).await, expected, "{asked}");
    }
}

#[tokio::test]
async fn times_that_make_no_sense_are_refused() {
    let app = TestApp::start().await;
    let draft = common("题").draft(&app).await;
    let cases = [
        (json!({ "unpublishAt": at("08:00:00") }), "unpublishAt: INVALID"),
        (json!({ "unpublishAt": at("07:00:00") }), "unpublishAt: INVALID"),
        (json!({ "unpublishAt": at("08:00:00.0009") }), "unpublishAt: INVALID"),
        (
            json!({ "publishAt": at("09:00:00"), "unpublishAt": at("09:00:00") }),
            "unpublishAt: INVALID",
        ),
        (
            json!({ "publishAt": at("10:00:00"), "unpublishAt": at("09:00:00") }),
            "unpublishAt: INVALID",
        ),
        (json!({ "publishAt": "+10000-01-01T00:00:00Z" }), "publishAt: INVALID"),
        (json!({ "unpublishAt": "+10000-01-01T00:00:00Z" }), "unpublishAt: INVALID"),
    ];
    for (mut input, error) in cases {
        input["id"] = draft.id.clone().into();
        let answer = app.editor.mutate("publishArticle", input.clone(), "article { id }").await;
        assert_eq!(answer.user_errors(), [error], "{input}");
    }
    let expected =
        json!({ "state": "DRAFT", "publishAt": null, "unpublishAt": null, "publishedAt": null });
    assert_eq!(times(&app, &draft).await, expected);
    assert_eq!(seen(&app).await, [""; 0]);
}

#[tokio::test]
async fn lists_and_cursors_know_no_years_beyond_9999() {
    let app = TestApp::start().await;
    common("题").published(&app).await;
    for year in ["+10000", "+262000", "-0001", "-262000"] {
        for field in ["publishedFrom", "publishedUntil"] {
            let query = format!(
                "{{ articles(filter: {{ {field}: \"{year}-01-01T00:00:00Z\" }}) {{ nodes {{ id }} }} }}"
            );
            let answer = app.anon.query(&query).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{query}");
            assert!(answer.message().contains(&format!("`{field}`")), "{}", answer.message());
        }
        let instant: chrono::DateTime<chrono::Utc> =
            format!("{year}-01-01T00:00:00Z").parse().unwrap();
        let cursor = redian::page::Cursor { at: instant, id: database::nobody() }.encode();
        let query = format!("{{ articles(after: \"{cursor}\") {{ nodes {{ id }} }} }}");
        assert_eq!(app.anon.query(&query).await.code(), "BAD_USER_INPUT", "{year}");
    }
}

#[tokio::test]
async fn a_published_article_keeps_its_place_when_it_is_published_again() {
    let app = TestApp::start().await;
    let first = common("甲").published(&app).await;
    app.advance(HOUR);
    common("乙").published(&app).await;
    app.advance(HOUR);
    make::publish(&app, &first, json!({ "unpublishAt": app.in_time(HOUR) })).await;
    assert_eq!(seen(&app).await, ["乙", "甲"]);
    assert_eq!(times(&app, &first).await["publishedAt"], at("08:00:00"));
    app.advance(HOUR - MILLISECOND);
    // Left out: without end.
    make::publish(&app, &first, json!({})).await;
    app.advance(HOUR);
    assert_eq!(seen(&app).await, ["乙", "甲"]);
}

#[tokio::test]
async fn a_start_moved_to_the_future_hides_the_article_until_then() {
    let app = TestApp::start().await;
    let made = common("甲").published(&app).await;
    make::publish(&app, &made, json!({ "publishAt": app.in_time(HOUR) })).await;
    assert!(!is_seen(&app, &made).await);
    assert_eq!(seen(&app).await, [""; 0]);
    app.advance(HOUR);
    assert_eq!(seen(&app).await, ["甲"]);
    assert_eq!(times(&app, &made).await["publishedAt"], at("09:00:00"));
}

#[tokio::test]
async fn a_scheduled_article_may_be_published_at_once_or_earlier() {
    let app = TestApp::start().await;
    let later = json!({ "publishAt": app.in_time(HOUR * 5) });
    let first = common("甲").published_with(&app, later.clone()).await;
    let second = common("乙").published_with(&app, later).await;
    make::publish(&app, &second, json!({ "publishAt": app.in_time(HOUR) })).await;
    make::publish(&app, &first, json!({})).await;
    assert_eq!(seen(&app).await, ["甲"]);
    app.advance(HOUR);
    assert_eq!(seen(&app).await, ["乙", "甲"]);
    app.advance(HOUR * 4);
    assert_eq!(seen(&app).await, ["乙", "甲"]);
}

#[tokio::test]
async fn a_withdrawn_article_comes_back_at_the_top() {
    let app = TestApp::start().await;
    let first = common("甲").published(&app).await;
    app.advance(HOUR);
    common("乙").published(&app).await;
    app.advance(HOUR);
    let withdrawn = make::withdraw(&app, &first).await;
    assert_eq!(seen(&app).await, ["乙"]);
    assert_eq!(times(&app, &first).await["state"], "WITHDRAWN");
    // Again: nothing to do.
    assert_eq!(make::withdraw(&app, &first).await.version, withdrawn.version);
    make::publish(&app, &first, json!({})).await;
    assert_eq!(seen(&app).await, ["甲", "乙"]);
    assert_eq!(times(&app, &first).await["publishedAt"], at("10:00:00"));
}

#[tokio::test]
async fn a_draft_cannot_be_withdrawn_and_a_scheduled_article_can() {
    let app = TestApp::start().await;
    let draft = common("甲").draft(&app).await;
    let input = json!({ "id": draft.id });
    let answer = app.editor.mutate("withdrawArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), ["id: WRONG_STATE"]);
    let scheduled = make::publish(&app, &draft, json!({ "publishAt": app.in_time(HOUR) })).await;
    make::withdraw(&app, &scheduled).await;
    app.advance(HOUR);
    assert_eq!(seen(&app).await, [""; 0]);
}

#[tokio::test]
async fn a_change_of_the_text_keeps_the_times() {
    let app = TestApp::start().await;
    let asked = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    let made = common("甲").published_with(&app, asked).await;
    let before = times(&app, &made).await;
    let input = json!({
        "id": made.id, "version": made.version, "title": "乙", "regions": ["130102"],
        "tags": ["同", "新"],
    });
    let answer = app.editor.mutate("updateArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    assert_eq!(times(&app, &made).await, before);
    assert_eq!(seen(&app).await, [""; 0]);
    app.advance(HOUR);
    assert_eq!(seen(&app).await, ["乙"]);
    app.advance(HOUR);
    assert_eq!(seen(&app).await, [""; 0]);
}

#[tokio::test]
async fn publishing_what_is_published_with_the_same_times_changes_nothing() {
    let app = TestApp::quiet().await;
    let end = json!({ "unpublishAt": app.in_time(HOUR) });
    let made = common("题").published_with(&app, end.clone()).await;
    let newest = event::newest(&app.app.db.read).await.unwrap();
    let again = make::publish(&app, &made, end).await;
    assert_eq!(again.version, made.version);
    assert_eq!(event::newest(&app.app.db.read).await.unwrap(), newest);
    let other = make::publish(&app, &made, json!({})).await;
    assert_eq!(other.version, made.version + 1);
    assert_eq!(times(&app, &made).await["unpublishAt"], Value::Null);
}
