//! The feed of changes, for those who come by now and then.

use chrono::TimeDelta;
use redian::article::flip;
use redian::event;
use redian::live::cursor::Cursor;
use redian::server;
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

#[tokio::test]
async fn a_client_hears_what_changed_for_readers_and_nothing_else() {
    let app = TestApp::quiet().await;
    let there = make::article("旧").published(&app).await;
    server::follow(app.app.clone()).await.unwrap();
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
    server::follow(app.app.clone()).await.unwrap();
    let arguments = format!("after: \"{}\", region: \"330105\"", region.cursor);
    assert_eq!(code(&app, &arguments).await, "RESYNC_REQUIRED");
    assert_eq!(all.catch_up(&app.anon).await, ["PUBLISHED 甲"]);
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
