//! The change log: everything that happens is in it once, in order; also what
//! the clock alone brings about.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use redian::article::flip;
use redian::event;
use redian::event::Kind;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::app::start_of_time;
use crate::helpers::database;
use crate::helpers::make;
use crate::helpers::make::Made;

const HOUR: TimeDelta = TimeDelta::hours(1);
const MILLISECOND: TimeDelta = TimeDelta::milliseconds(1);

/// What happened to an article, and when.
async fn log(app: &TestApp, made: &Made) -> Vec<(String, DateTime<Utc>)> {
    let events = event::after(&app.app.db.read, 0).await.unwrap();
    let of_article = events.into_iter().filter(|event| event.article_id == Some(made.uuid()));
    of_article.map(|event| (event.kind, event.at)).collect()
}

async fn kinds(app: &TestApp, made: &Made) -> Vec<String> {
    log(app, made).await.into_iter().map(|(kind, _)| kind).collect()
}

/// What the background loop of an instance does.
async fn flip(app: &TestApp) {
    flip::run(&app.app.db, app.app.clock.now()).await.unwrap();
}

#[tokio::test]
async fn changes_are_in_the_log_once_and_in_order() {
    let app = TestApp::quiet().await;
    let draft = make::article("甲").draft(&app).await;
    app.advance(HOUR);
    let renamed = make::renamed(&app, &draft, "one").await;
    app.advance(HOUR);
    make::publish(&app, &renamed, json!({})).await;
    let published =
        make::publish(&app, &renamed, json!({ "unpublishAt": app.in_time(HOUR) })).await;
    make::renamed(&app, &published, "two").await;
    make::withdraw(&app, &published).await;
    make::withdraw(&app, &published).await;
    make::publish(&app, &published, json!({})).await;
    make::publish(&app, &published, json!({ "publishAt": app.in_time(HOUR) })).await;
    make::delete(&app, &published).await;
    let expected = [
        ("article.created", 0),
        ("article.updated", 1),
        ("article.published", 2),
        ("article.updated", 2),
        ("article.updated", 2),
        ("article.withdrawn", 2),
        ("article.published", 2),
        ("article.scheduled", 2),
        ("article.deleted", 2),
    ];
    let expected: Vec<(String, DateTime<Utc>)> = expected
        .into_iter()
        .map(|(kind, hour)| (kind.to_owned(), start_of_time() + HOUR * hour))
        .collect();
    assert_eq!(log(&app, &draft).await, expected);
}

#[tokio::test]
async fn events_carry_what_listeners_need() {
    let app = TestApp::quiet().await;
    make::channel(&app, "news", "新闻").await;
    make::article("甲")
        .about(&["130104"])
        .with("slug", "one")
        .with("channel", "news")
        .published(&app)
        .await;
    let answer = app.anon.query("{ channel(slug: \"news\") { id } }").await;
    let (_, channel) = redian::id::decode(answer.data("/channel/id").as_str().unwrap()).unwrap();
    let events = event::after(&app.app.db.read, 0).await.unwrap();
    let told: Vec<_> = events.iter().filter(|event| event.kind.starts_with("article.")).collect();
    assert_eq!(told.len(), 2);
    for event in told {
        let seen = event.kind == "article.published";
        let expected = json!({
            "slug": "one", "channel": channel, "seen": seen, "version": 1 + i64::from(seen),
            "regions": ["130000", "130100", "130104"],
        });
        assert_eq!(event.data, expected, "{}", event.kind);
    }
}

#[tokio::test]
async fn each_change_of_a_channel_is_in_the_log() {
    let app = TestApp::quiet().await;
    make::channel(&app, "news", "新闻").await;
    let answer = app.anon.query("{ channel(slug: \"news\") { id } }").await;
    let id = answer.data("/channel/id");
    let input = json!({ "id": id, "slug": "top" });
    app.editor.mutate("updateChannel", input, "channel { id }").await.user_errors();
    let input = json!({ "id": id });
    app.editor.mutate("deleteChannel", input, "channel { id }").await.user_errors();
    let events = event::after(&app.app.db.read, 0).await.unwrap();
    let slugs: Vec<_> = events
        .iter()
        .filter(|event| event.kind == "channel.changed")
        .map(|event| event.data["slug"].as_str().unwrap())
        .collect();
    assert_eq!(slugs, ["news", "top", "top"]);
}

#[tokio::test]
async fn what_was_refused_or_changed_nothing_is_not_in_the_log() {
    let app = TestApp::quiet().await;
    let made = make::article("甲").with("idempotencyKey", "k").draft(&app).await;
    let input = json!({ "title": "甲", "body": "甲的正文。", "idempotencyKey": "k" });
    let refused = [
        ("createArticle", input, "article { id }"),
        ("createArticle", json!({ "title": "", "body": "" }), "article { id }"),
        ("updateArticle", json!({ "id": made.id, "version": 7, "title": "乙" }), "article { id }"),
        ("updateArticle", json!({ "id": made.id, "version": 1, "slug": "/" }), "article { id }"),
        ("withdrawArticle", json!({ "id": made.id }), "article { id }"),
        ("deleteArticle", json!({ "id": made.id, "version": 7 }), "deletedId"),
        ("createChannel", json!({ "slug": "", "name": "" }), "channel { id }"),
    ];
    let before = redian::event::newest(&app.app.db.read).await.unwrap();
    for (mutation, input, selection) in refused {
        app.editor.mutate(mutation, input.clone(), selection).await.user_errors();
        let answer = app.anon.mutate(mutation, input, selection).await;
        assert_eq!(answer.code(), "UNAUTHENTICATED");
    }
    assert_eq!(redian::event::newest(&app.app.db.read).await.unwrap(), before);
    assert_eq!(kinds(&app, &made).await, ["article.created"]);
}

#[tokio::test]
async fn an_appearance_and_an_end_are_in_the_log_once_however_often_one_looks() {
    let app = TestApp::quiet().await;
    let times = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    let made = make::article("甲").published_with(&app, times).await;
    let mut expected = vec!["article.created", "article.scheduled"];
    let steps = [
        (TimeDelta::zero(), None),
        (HOUR - MILLISECOND, None),
        (MILLISECOND, Some("article.published")),
        (HOUR - MILLISECOND, None),
        (MILLISECOND, Some("article.expired")),
        (TimeDelta::minutes(5), None),
        (TimeDelta::minutes(6), None),
        (TimeDelta::days(40), None),
    ];
    for (advance, kind) in steps {
        app.advance(advance);
        for _ in 0..3 {
            flip(&app).await;
        }
        expected.extend(kind);
        assert_eq!(kinds(&app, &made).await, expected, "{}", app.app.clock.now());
    }
    assert_eq!(log(&app, &made).await[2].1, start_of_time() + HOUR);
}

#[tokio::test]
async fn several_instances_write_an_appearance_once() {
    let app = TestApp::quiet().await;
    let other = app.second_instance().await;
    let mut all = Vec::new();
    for number in 1..=5 {
        let times = json!({ "publishAt": app.in_time(HOUR * number) });
        all.push(make::article("甲").published_with(&app, times).await);
    }
    for _ in 0..5 {
        app.advance(HOUR);
        let now = app.app.clock.now();
        let (one, two) = tokio::join!(flip::run(&app.app.db, now), flip::run(&other.db, now));
        one.unwrap();
        two.unwrap();
    }
    for made in &all {
        let expected = ["article.created", "article.scheduled", "article.published"];
        assert_eq!(kinds(&app, made).await, expected);
    }
}

#[tokio::test]
async fn what_fell_due_while_nothing_ran_is_made_up_for() {
    for downtime in [TimeDelta::minutes(9), TimeDelta::hours(7), TimeDelta::days(3)] {
        for ran_before in [true, false] {
            let app = TestApp::quiet().await;
            if ran_before {
                flip(&app).await;
            }
            let end = downtime - TimeDelta::minutes(1);
            let times = json!({
                "publishAt": app.in_time(TimeDelta::minutes(1)), "unpublishAt": app.in_time(end),
            });
            let made = make::article("甲").published_with(&app, times).await;
            app.advance(downtime);
            flip(&app).await;
            flip(&app).await;
            let expected =
                ["article.created", "article.scheduled", "article.published", "article.expired"];
            assert_eq!(kinds(&app, &made).await, expected, "{downtime} {ran_before}");
        }
    }
}

#[tokio::test]
async fn an_instance_whose_clock_is_ahead_makes_nobody_miss_an_appearance() {
    let app = TestApp::quiet().await;
    let ahead = app.app.clock.now() + TimeDelta::minutes(5);
    flip::run(&app.app.db, ahead).await.unwrap();
    let times = json!({ "publishAt": app.in_time(TimeDelta::minutes(1)) });
    let made = make::article("甲").published_with(&app, times).await;
    app.advance(TimeDelta::minutes(1));
    flip(&app).await;
    let expected = ["article.created", "article.scheduled", "article.published"];
    assert_eq!(kinds(&app, &made).await, expected);
}

#[tokio::test]
async fn only_the_last_of_several_schedules_counts() {
    let app = TestApp::quiet().await;
    let first = json!({ "publishAt": app.in_time(HOUR) });
    let second = json!({ "publishAt": app.in_time(HOUR * 2) });
    let made = make::article("甲").published_with(&app, first).await;
    make::publish(&app, &made, second).await;
    let mut expected = vec!["article.created", "article.scheduled", "article.scheduled"];
    app.advance(HOUR);
    flip(&app).await;
    assert_eq!(kinds(&app, &made).await, expected);
    app.advance(HOUR);
    flip(&app).await;
    expected.push("article.published");
    assert_eq!(kinds(&app, &made).await, expected);
    // Scheduled again, it appears again.
    make::publish(&app, &made, json!({ "publishAt": app.in_time(HOUR) })).await;
    flip(&app).await;
    app.advance(HOUR);
    flip(&app).await;
    expected.extend(["article.scheduled", "article.published"]);
    assert_eq!(kinds(&app, &made).await, expected);
}

#[tokio::test]
async fn what_is_withdrawn_or_deleted_before_its_time_does_not_appear() {
    let app = TestApp::quiet().await;
    let times = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    let withdrawn = make::article("甲").published_with(&app, times.clone()).await;
    make::withdraw(&app, &withdrawn).await;
    let deleted = make::article("乙").published_with(&app, times).await;
    make::delete(&app, &deleted).await;
    for _ in 0..3 {
        app.advance(HOUR);
        flip(&app).await;
    }
    let start = ["article.created", "article.scheduled"];
    let of = async |made: &Made| kinds(&app, made).await;
    assert_eq!(of(&withdrawn).await, [start[0], start[1], "article.withdrawn"]);
    assert_eq!(of(&deleted).await, [start[0], start[1], "article.deleted"]);
}

#[tokio::test]
async fn an_appearance_is_not_lost_when_an_editor_comes_before_the_loop() {
    let app = TestApp::quiet().await;
    let times = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    let made = make::article("甲").published_with(&app, times).await;
    app.advance(HOUR);
    make::publish(&app, &made, json!({ "unpublishAt": app.in_time(HOUR) })).await;
    flip(&app).await;
    let mut expected =
        vec!["article.created", "article.scheduled", "article.published", "article.updated"];
    assert_eq!(kinds(&app, &made).await, expected);
    app.advance(HOUR);
    make::publish(&app, &made, json!({})).await;
    flip(&app).await;
    expected.extend(["article.expired", "article.published"]);
    assert_eq!(kinds(&app, &made).await, expected);
}

#[tokio::test]
async fn a_follower_skips_nothing_that_commits_late() {
    let app = TestApp::start().await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    let start = event::newest(&db.read).await.unwrap();
    let early = db.begin().await.unwrap();
    event::record(&early, Kind::ChannelChanged, None, json!({ "n": "early" }), now);
    // SQLite has one writer at a time; on PostgreSQL a transaction that began
    // later may well commit before.
    let mut seen = start;
    let mut heard = Vec::new();
    if database::on_postgres() {
        let late = db.begin().await.unwrap();
        event::record(&late, Kind::ChannelChanged, None, json!({ "n": "late" }), now);
        late.commit().await.unwrap();
        for event in event::after(&db.read, seen).await.unwrap() {
            seen = event.id;
            heard.push(event.data["n"].as_str().unwrap().to_owned());
        }
        assert_eq!(heard, ["late"]);
    }
    early.commit().await.unwrap();
    for event in event::after(&db.read, seen).await.unwrap() {
        assert!(event.id > seen);
        heard.push(event.data["n"].as_str().unwrap().to_owned());
    }
    assert_eq!(heard.last().map(String::as_str), Some("early"));
}

#[tokio::test]
async fn what_is_rolled_back_leaves_no_event() {
    let app = TestApp::start().await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    let start = event::newest(&db.read).await.unwrap();
    let txn = db.begin().await.unwrap();
    event::record(&txn, Kind::ChannelChanged, None, json!({}), now);
    drop(txn);
    assert_eq!(event::newest(&db.read).await.unwrap(), start);
}

#[tokio::test]
async fn events_older_than_thirty_days_are_pruned() {
    let app = TestApp::start().await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    let txn = db.begin().await.unwrap();
    let day = chrono::TimeDelta::days(1);
    event::record(&txn, Kind::ChannelChanged, None, json!({ "n": 31 }), now - day * 31);
    event::record(&txn, Kind::ChannelChanged, None, json!({ "n": 29 }), now - day * 29);
    txn.commit().await.unwrap();
    let txn = db.begin().await.unwrap();
    event::prune(&txn, now).await.unwrap();
    txn.commit().await.unwrap();
    let left = event::after(&db.read, 0).await.unwrap();
    let left: Vec<_> = left.iter().filter_map(|event| event.data["n"].as_i64()).collect();
    assert_eq!(left, [29]);
}
