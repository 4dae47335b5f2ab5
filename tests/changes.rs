//! The feed of changes, for those who come by now and then.

use chrono::TimeDelta;
use entity::article;
use redian::article::flip;
use redian::article::publish;
use redian::event;
use redian::follow;
use redian::live::cursor::Cursor;
use redian::webhook::body::Told;
use redian::webhook::body::told;
use sea_orm::EntityTrait;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::changes::Follower;
use crate::helpers::changes::Which;
use crate::helpers::import::CLOSED_REGION;
use crate::helpers::import::Folder;
use crate::helpers::import::run;
use crate::helpers::make;
use crate::helpers::make::Made;

const HOUR: TimeDelta = TimeDelta::hours(1);
const NOTHING: [&str; 0] = [];

async fn change(app: &TestApp, made: &Made, field: &str, value: impl Into<Value>) -> Made {
    let mut input = json!({ "id": made.id, "version": made.version });
    input[field] = value.into();
    let answer = app.editor.mutate("updateArticle", input, "article { version }").await;
    let version = answer.data("/updateArticle/article/version").as_i64().unwrap();
    Made { version, ..made.clone() }
}

async fn code(app: &TestApp, arguments: &str) -> String {
    let query = format!("{{ changes({arguments}) {{ nodes {{ kind }} }} }}");
    app.anon.query(&query).await.code().to_owned()
}

fn cursor(app: &TestApp, id: i64, by: TimeDelta) -> String {
    Cursor { id, at: app.app.clock.now() + by }.encode()
}

/// What webhooks would be told of all articles.
async fn told_of_articles(app: &TestApp) -> Vec<Told> {
    let events = event::after(&app.app.db.read, 0).await.unwrap();
    events.iter().filter(|event| event.article_id.is_some()).filter_map(told).collect()
}

#[tokio::test]
async fn a_client_hears_what_changed_for_readers_and_nothing_else() {
    let app = TestApp::quiet().await;
    let there = make::article("旧").published(&app).await;
    follow::run(app.app.clone()).await.unwrap();
    let mut phone = Follower::begin(&app.anon, Which::All).await;
    assert_eq!(phone.shown.len(), 1);
    let draft = make::article("稿").draft(&app).await;
    change(&app, &draft, "title", "改稿").await;
    assert_eq!(phone.catch_up(&app.anon).await, NOTHING, "drafts are nothing to readers");
    let seen = make::article("甲").published(&app).await;
    assert_eq!(phone.catch_up(&app.anon).await, ["PUBLISHED 甲"]);
    let seen = change(&app, &seen, "title", "乙").await;
    change(&app, &seen, "title", "丙").await;
    // Articles are told as they are now.
    assert_eq!(phone.catch_up(&app.anon).await, ["UPDATED 丙", "UPDATED 丙"]);
    make::withdraw(&app, &seen).await;
    make::delete(&app, &there).await;
    assert_eq!(phone.catch_up(&app.anon).await, ["WITHDRAWN", "DELETED"]);
    make::delete(&app, &seen).await;
    assert_eq!(phone.catch_up(&app.anon).await, NOTHING, "it was gone already");
    assert!(phone.shown.is_empty());
}

#[tokio::test]
async fn what_the_clock_brings_about_is_told_too() {
    let app = TestApp::quiet().await;
    let mut phone = Follower::begin(&app.anon, Which::Region("hebei")).await;
    let times = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    let made = make::article("甲").about(&["130104"]).published_with(&app, times).await;
    assert_eq!(phone.catch_up(&app.anon).await, NOTHING);
    app.advance(HOUR);
    flip::run(&app.app.db, app.app.clock.now()).await.unwrap();
    assert_eq!(phone.catch_up(&app.anon).await, ["PUBLISHED 甲"]);
    // Nobody is there when it ends, and then it moves, and then it is deleted.
    app.advance(HOUR);
    let made = change(&app, &made, "regions", json!(["440300"])).await;
    make::delete(&app, &made).await;
    assert_eq!(phone.catch_up(&app.anon).await, ["EXPIRED"]);
    assert!(phone.shown.is_empty());
}

#[tokio::test]
async fn who_follows_a_region_or_a_channel_hears_what_leaves_it() {
    let app = TestApp::quiet().await;
    for (slug, name) in [("news", "新闻"), ("tech", "科技")] {
        make::channel(&app, slug, name).await;
    }
    let mut region = Follower::begin(&app.anon, Which::Region("130000")).await;
    let mut channel = Follower::begin(&app.anon, Which::Channel("news")).await;
    let made = make::article("甲").about(&["130104"]).with("channel", "news").published(&app).await;
    make::article("别处").about(&["440300"]).with("channel", "tech").published(&app).await;
    for follower in [&mut region, &mut channel] {
        assert_eq!(follower.catch_up(&app.anon).await, ["PUBLISHED 甲"]);
    }
    let made = change(&app, &made, "regions", json!(["130102", "440300"])).await;
    assert_eq!(region.catch_up(&app.anon).await, ["UPDATED 甲"], "it is still there");
    channel.catch_up(&app.anon).await;
    let made = change(&app, &made, "regions", json!(["440300"])).await;
    assert_eq!(region.catch_up(&app.anon).await, ["LEFT"]);
    assert_eq!(channel.catch_up(&app.anon).await, ["UPDATED 甲"]);
    let made = change(&app, &made, "channel", "tech").await;
    assert_eq!(region.catch_up(&app.anon).await, NOTHING);
    assert_eq!(channel.catch_up(&app.anon).await, ["LEFT"]);
    let made = change(&app, &made, "channel", "news").await;
    assert_eq!(channel.catch_up(&app.anon).await, ["UPDATED 甲"]);
    // Moved while nobody saw it.
    make::withdraw(&app, &made).await;
    let answer =
        app.editor.query(&format!("{{ article(id: \"{}\") {{ version }} }}", made.id)).await;
    let version = answer.data("/article/version").as_i64().unwrap();
    let made = change(&app, &Made { version, ..made }, "channel", "tech").await;
    make::publish(&app, &made, json!({})).await;
    assert_eq!(channel.catch_up(&app.anon).await, ["WITHDRAWN"]);
    assert!(region.shown.is_empty() && channel.shown.is_empty());
}

#[tokio::test]
async fn both_filters_together_have_what_is_in_both() {
    let app = TestApp::quiet().await;
    for (slug, name) in [("news", "新闻"), ("tech", "科技")] {
        make::channel(&app, slug, name).await;
    }
    let begin = app.anon.query("{ changes { pageInfo { endCursor } } }").await;
    let after = begin.data("/changes/pageInfo/endCursor");
    let query = format!(
        "{{ changes(after: {after}, region: \"hebei\", channel: \"news\") {{ \
         nodes {{ kind }} }} }}"
    );
    let there =
        make::article("甲").about(&["130104"]).with("channel", "news").published(&app).await;
    make::article("乙").about(&["130104"]).with("channel", "tech").published(&app).await;
    make::article("丙").about(&["440300"]).with("channel", "news").published(&app).await;
    let kinds = async || app.anon.query(&query).await.each("/changes/nodes", "kind");
    assert_eq!(kinds().await, ["PUBLISHED"]);
    change(&app, &there, "channel", "tech").await;
    assert_eq!(kinds().await, ["LEFT"]);
}

#[tokio::test]
async fn a_cursor_of_a_quiet_time_stays_good_and_one_of_long_ago_does_not() {
    let app = TestApp::quiet().await;
    make::article("甲").published(&app).await;
    let newest = event::newest(&app.app.db.read).await.unwrap();
    let mut phone = Follower::begin(&app.anon, Which::All).await;
    phone.catch_up(&app.anon).await;
    for _ in 0..3 {
        app.advance(TimeDelta::days(20));
        assert_eq!(phone.catch_up(&app.anon).await, NOTHING);
    }
    let arguments = |cursor| format!("after: \"{cursor}\"");
    let old = cursor(&app, newest, -TimeDelta::days(30));
    assert_eq!(code(&app, &arguments(old)).await, "RESYNC_REQUIRED");
    // A backup was restored that did not have it.
    let unknown = cursor(&app, newest + 1, TimeDelta::zero());
    assert_eq!(code(&app, &arguments(unknown)).await, "RESYNC_REQUIRED");
}

#[tokio::test]
async fn a_change_of_the_region_directory_makes_who_follows_a_region_begin_anew() {
    let app = TestApp::quiet().await;
    make::article("甲").about(&["330102"]).published(&app).await;
    let mut all = Follower::begin(&app.anon, Which::All).await;
    let region = Follower::begin(&app.anon, Which::Region("330105")).await;
    let folder = Folder::new();
    let file = folder.write("r.csv", CLOSED_REGION);
    assert_eq!(run(&app.database.url, &["regions", "load", "--yes", &file]).await.status, Some(0));
    follow::run(app.app.clone()).await.unwrap();
    let arguments = format!("after: \"{}\", region: \"330105\"", region.cursor);
    assert_eq!(code(&app, &arguments).await, "RESYNC_REQUIRED");
    assert_eq!(all.catch_up(&app.anon).await, NOTHING);
    let mut region = Follower::begin(&app.anon, Which::Region("330105")).await;
    assert_eq!(region.shown.len(), 1);
    make::article("乙").about(&["330105"]).published(&app).await;
    assert_eq!(region.catch_up(&app.anon).await, ["PUBLISHED 乙"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let app = TestApp::quiet().await;
    for (arguments, expected) in [
        ("after: \"x\"", "BAD_USER_INPUT"),
        ("after: \"\"", "BAD_USER_INPUT"),
        ("first: 0", "BAD_USER_INPUT"),
        ("first: 101", "BAD_USER_INPUT"),
        ("region: \"nowhere\"", "NOT_FOUND"),
        ("channel: \"nothing\"", "NOT_FOUND"),
    ] {
        assert_eq!(code(&app, arguments).await, expected, "{arguments}");
    }
}

#[tokio::test]
async fn a_page_goes_on_where_the_one_before_ended_also_when_little_of_much_is_wanted() {
    let app = TestApp::quiet().await;
    let mut phone = Follower::begin(&app.anon, Which::Region("440300")).await;
    let folder = Folder::new();
    let line = |number: usize| {
        let region = if number.is_multiple_of(100) { "440300" } else { "130104" };
        format!(r#"{{"type":"article","title":"第{number}篇","body":"文","regions":["{region}"]}}"#)
    };
    let lines: Vec<String> = (1..=1500).map(line).collect();
    let file = folder.write("a.jsonl", lines.join("\n"));
    assert_eq!(run(&app.database.url, &["import", &file]).await.status, Some(0));
    let told = phone.catch_up(&app.anon).await;
    let expected: Vec<String> =
        (1..=15).map(|part| format!("PUBLISHED 第{}篇", part * 100)).collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_small_page_is_read_by_few_statements_however_much_is_nothing_to_readers() {
    let app = TestApp::quiet().await;
    let phone = Follower::begin(&app.anon, Which::All).await;
    let folder = Folder::new();
    let line = |number| format!(r#"{{"type":"article","title":"第{number}篇","body":"文"}}"#);
    let lines: Vec<String> = (1..=500).map(line).collect();
    let file = folder.write("a.jsonl", lines.join("\n"));
    assert_eq!(run(&app.database.url, &["import", &file]).await.status, Some(0));
    // Gone, and their ends are not in the log.
    let txn = app.app.db.begin().await.unwrap();
    article::Entity::delete_many().exec(&txn.db).await.unwrap();
    txn.commit().await.unwrap();
    let query =
        format!("{{ changes(after: \"{}\", first: 1) {{ nodes {{ kind }} }} }}", phone.cursor);
    let before = app.app.db.statements();
    let answer = app.anon.query(&query).await;
    let statements = app.app.db.statements() - before;
    assert_eq!(answer.data("/changes/nodes"), &json!([]));
    assert!(statements < 20, "{statements}");
}

#[tokio::test]
async fn a_request_may_not_ask_for_many_pages_at_once() {
    let app = TestApp::quiet().await;
    let phone = Follower::begin(&app.anon, Which::All).await;
    let pages = |number| {
        let page = |alias| {
            format!(
                "a{alias}: changes(after: \"{}\", first: 1) {{ nodes {{ kind }} }} ",
                phone.cursor
            )
        };
        format!("{{ {} }}", (0..number).map(page).collect::<String>())
    };
    app.anon.query(&pages(10)).await.data("/a9/nodes");
    assert_eq!(app.anon.query(&pages(20)).await.code(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn where_nothing_happened_for_long_a_cursor_stays_good() {
    let app = TestApp::quiet().await;
    make::article("甲").published(&app).await;
    make::article("乙").published(&app).await;
    let mut phone = Follower::begin(&app.anon, Which::All).await;
    phone.catch_up(&app.anon).await;
    let prune = async || {
        let txn = app.app.db.begin().await.unwrap();
        event::prune(&txn, app.app.clock.now()).await.unwrap();
        txn.commit().await.unwrap();
    };
    for _ in 0..2 {
        app.advance(TimeDelta::days(20));
        prune().await;
        assert_eq!(phone.catch_up(&app.anon).await, NOTHING);
    }
    assert_eq!(told_of_articles(&app).await.len(), 1, "all but the newest are gone");
    make::article("丙").published(&app).await;
    assert_eq!(phone.catch_up(&app.anon).await, ["PUBLISHED 丙"]);
}

#[tokio::test]
async fn what_is_imported_appears_if_readers_see_it_however_long_ago_its_time_was() {
    let app = TestApp::quiet().await;
    let mut phone = Follower::begin(&app.anon, Which::All).await;
    let folder = Folder::new();
    let line = |title: &str, times: Value| {
        let mut line = json!({ "type": "article", "title": title, "body": "文" });
        line.as_object_mut().unwrap().extend(times.as_object().unwrap().clone());
        line.to_string()
    };
    let lines = [
        line("旧", json!({ "publishAt": "2020-01-01T00:00:00Z" })),
        line(
            "过",
            json!({ "publishedAt": "2020-01-01T00:00:00Z", "unpublishAt": "2021-01-01T00:00:00Z" }),
        ),
        line(
            "去",
            json!({ "publishAt": "2020-01-01T00:00:00Z", "unpublishAt": "2021-01-01T00:00:00Z" }),
        ),
        line("来", json!({ "publishAt": "2200-01-01T00:00:00Z" })),
    ];
    let file = folder.write("a.jsonl", lines.join("\n"));
    assert_eq!(run(&app.database.url, &["import", &file]).await.status, Some(0));
    assert_eq!(told_of_articles(&app).await, [Told::ArticlePublished]);
    assert_eq!(phone.catch_up(&app.anon).await, ["PUBLISHED 旧"]);
}

/// A server, and another one whose clock is three seconds ahead: it shows an article of 河北省
/// that the first one does not show yet.
async fn two_clocks() -> (TestApp, TestApp, Made, Follower) {
    let app = TestApp::quiet().await;
    let times = json!({ "publishAt": app.in_time(HOUR) });
    let made = make::article("甲").about(&["130104"]).published_with(&app, times).await;
    let ahead = app.second_quiet_server().await;
    let mut phone = Follower::begin(&ahead.anon, Which::Region("hebei")).await;
    app.advance(HOUR - TimeDelta::seconds(3));
    ahead.advance(HOUR);
    flip::run(&ahead.app.db, ahead.app.clock.now()).await.unwrap();
    assert_eq!(phone.catch_up(&ahead.anon).await, ["PUBLISHED 甲"]);
    (app, ahead, made, phone)
}

#[tokio::test]
async fn what_the_clock_of_another_instance_shows_already_is_told_when_it_goes() {
    let (app, ahead, made, mut phone) = two_clocks().await;
    make::withdraw(&app, &made).await;
    assert_eq!(phone.catch_up(&ahead.anon).await, ["WITHDRAWN"]);

    let (app, ahead, made, mut phone) = two_clocks().await;
    make::delete(&app, &made).await;
    assert_eq!(phone.catch_up(&ahead.anon).await, ["DELETED"]);

    let (app, ahead, made, mut phone) = two_clocks().await;
    make::publish(&app, &made, json!({ "publishAt": app.in_time(HOUR) })).await;
    assert_eq!(phone.catch_up(&ahead.anon).await, ["WITHDRAWN"]);

    let (app, ahead, made, mut phone) = two_clocks().await;
    change(&app, &made, "regions", json!(["440300"])).await;
    assert_eq!(phone.catch_up(&ahead.anon).await, ["LEFT"]);
    assert!(phone.shown.is_empty());
}

#[tokio::test]
async fn what_is_withdrawn_while_its_time_comes_is_not_told_as_published() {
    let app = TestApp::quiet().await;
    let times = json!({ "publishAt": app.in_time(HOUR) });
    let made = make::article("甲").published_with(&app, times).await;
    app.advance(HOUR - TimeDelta::minutes(1));
    let before = app.app.clock.now();
    app.advance(TimeDelta::minutes(1));
    let now = app.app.clock.now();
    let txn = app.app.db.begin().await.unwrap();
    publish::withdraw(&txn, made.uuid(), None, before).await.unwrap();
    let read = app.app.db.statements() + 4;
    let withdrawing = async {
        // The flip was found to be due, and not yet written down.
        while app.app.db.statements() < read {
            tokio::task::yield_now().await;
        }
        txn.commit().await.unwrap();
    };
    let (flipped, ()) = tokio::join!(flip::run(&app.app.db, now), withdrawing);
    flipped.unwrap();
    assert_eq!(told_of_articles(&app).await, []);
}
