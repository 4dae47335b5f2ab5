//! Subscriptions to changes of articles: what readers hear, and what they never hear.

use chrono::TimeDelta;
use redian::region::Division;
use redian::region::plan::Change;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::make::Made;
use crate::helpers::socket::Socket;

const HOUR: TimeDelta = TimeDelta::hours(1);

/// A reader who hears what is published.
async fn hears_published(app: &TestApp, arguments: &str) -> Socket {
    let mut socket = Socket::begun(&app.anon).await;
    let query = format!(
        "subscription {{ articlePublished{arguments} {{ cursor at article {{ title }} }} }}"
    );
    let before = app.app.live.listeners();
    socket.subscribe("1", &query).await;
    app.listened_to_by(before + 1).await;
    socket
}

/// A reader who hears of an article.
async fn hears_of(app: &TestApp, article: &Made) -> Socket {
    let mut socket = Socket::begun(&app.anon).await;
    let query = format!(
        "subscription {{ articleChanged(id: \"{}\") {{ cursor at kind articleId article {{ title slug \
         }} }} }}",
        article.id
    );
    let before = app.app.live.listeners();
    socket.subscribe("1", &query).await;
    app.listened_to_by(before + 1).await;
    socket
}

async fn title(socket: &mut Socket) -> Value {
    socket.answer("1").await["articlePublished"]["article"]["title"].clone()
}

async fn kind(socket: &mut Socket) -> Value {
    let change = socket.answer("1").await["articleChanged"].clone();
    let gone = ["WITHDRAWN", "EXPIRED", "DELETED"].iter().any(|kind| change["kind"] == *kind);
    assert_eq!(gone, change["article"].is_null(), "{change}");
    change["kind"].clone()
}

#[tokio::test]
async fn who_listens_hears_what_is_published() {
    let app = TestApp::start().await;
    let mut reader = hears_published(&app, "").await;
    let draft = make::article("甲").draft(&app).await;
    make::publish(&app, &draft, json!({})).await;
    let heard = reader.answer("1").await["articlePublished"].clone();
    assert_eq!(heard["article"]["title"], "甲");
    assert_eq!(heard["at"], "2026-03-01T08:00:00+00:00");
    // A change is nothing new.
    make::renamed(&app, &make::publish(&app, &draft, json!({})).await, "two").await;
    make::article("乙").published(&app).await;
    assert_eq!(title(&mut reader).await, "乙");
}

#[tokio::test]
async fn a_list_is_of_a_region_with_all_below_it_or_of_a_channel_or_of_both() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let mut province = hears_published(&app, "(region: \"130000\")").await;
    let mut county = hears_published(&app, "(region: \"130102\")").await;
    let mut channel = hears_published(&app, "(channel: \"news\")").await;
    let mut both = hears_published(&app, "(region: \"hebei\", channel: \"news\")").await;
    make::article("北京").about(&["110000"]).published(&app).await;
    make::article("河北").about(&["130000"]).published(&app).await;
    make::article("长安").about(&["130102"]).published(&app).await;
    make::article("新闻").with("channel", "news").published(&app).await;
    make::article("石家庄新闻").about(&["130100"]).with("channel", "news").published(&app).await;
    for expected in ["河北", "长安", "石家庄新闻"] {
        assert_eq!(title(&mut province).await, expected);
    }
    assert_eq!(title(&mut county).await, "长安");
    for expected in ["新闻", "石家庄新闻"] {
        assert_eq!(title(&mut channel).await, expected);
    }
    assert_eq!(title(&mut both).await, "石家庄新闻");
    for mut reader in [province, county, channel, both] {
        reader.settle().await;
    }
}

#[tokio::test]
async fn an_article_appears_and_expires_by_the_clock() {
    let app = TestApp::start().await;
    let mut list = hears_published(&app, "").await;
    let draft = make::article("定时").draft(&app).await;
    let mut reader = hears_of(&app, &draft).await;
    let times = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    make::publish(&app, &draft, times).await;
    app.advance(HOUR);
    assert_eq!(title(&mut list).await, "定时");
    assert_eq!(kind(&mut reader).await, "PUBLISHED");
    app.advance(HOUR);
    assert_eq!(kind(&mut reader).await, "EXPIRED");
    list.settle().await;
}

#[tokio::test]
async fn who_listens_to_an_article_hears_all_that_becomes_of_it() {
    let app = TestApp::start().await;
    let draft = make::article("甲").draft(&app).await;
    let mut reader = hears_of(&app, &draft).await;
    let published = make::publish(&app, &draft, json!({})).await;
    assert_eq!(kind(&mut reader).await, "PUBLISHED");
    make::renamed(&app, &published, "another").await;
    let change = reader.answer("1").await["articleChanged"].clone();
    assert_eq!(
        (&change["kind"], &change["article"]["slug"]),
        (&json!("UPDATED"), &json!("another"))
    );
    assert_eq!(change["articleId"], draft.id);
    make::withdraw(&app, &published).await;
    assert_eq!(kind(&mut reader).await, "WITHDRAWN");
    make::publish(&app, &published, json!({})).await;
    assert_eq!(kind(&mut reader).await, "PUBLISHED");
    make::publish(&app, &published, json!({ "publishAt": app.in_time(HOUR) })).await;
    assert_eq!(kind(&mut reader).await, "WITHDRAWN");
    app.advance(HOUR);
    assert_eq!(kind(&mut reader).await, "PUBLISHED");
    make::delete(&app, &published).await;
    assert_eq!(kind(&mut reader).await, "DELETED");
}

#[tokio::test]
async fn nobody_hears_of_what_readers_never_saw() {
    let app = TestApp::start().await;
    let mut list = hears_published(&app, "").await;
    let draft = make::article("草稿").draft(&app).await;
    let scheduled = make::article("定时").draft(&app).await;
    let mut readers = [hears_of(&app, &draft).await, hears_of(&app, &scheduled).await];
    make::delete(&app, &make::renamed(&app, &draft, "another").await).await;
    let times = json!({ "publishAt": app.in_time(HOUR) });
    let scheduled = make::publish(&app, &scheduled, times.clone()).await;
    make::publish(&app, &make::renamed(&app, &scheduled, "later").await, times).await;
    make::withdraw(&app, &scheduled).await;
    make::delete(&app, &scheduled).await;
    // All of it was told by the time that this is.
    make::article("公开").published(&app).await;
    assert_eq!(title(&mut list).await, "公开");
    for reader in &mut readers {
        reader.settle().await;
    }
}

#[tokio::test]
async fn an_editor_hears_what_readers_hear() {
    let app = TestApp::start().await;
    let mut socket = Socket::open(&app.anon).await;
    let authorization = format!("Bearer {}", app.editor.token());
    let payload = json!({ "authorization": authorization });
    socket.send(json!({ "type": "connection_init", "payload": payload })).await;
    socket.next().await;
    let draft = make::article("稿").draft(&app).await;
    let query = "subscription($id: ID!) { articleChanged(id: $id) { kind article { state } } }";
    let payload = json!({ "query": query, "variables": { "id": draft.id } });
    socket.send(json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    app.listened_to_by(1).await;
    make::publish(&app, &make::renamed(&app, &draft, "two").await, json!({})).await;
    assert_eq!(socket.answer("1").await["articleChanged"]["kind"], "PUBLISHED");
}

#[tokio::test]
async fn the_root_may_stand_in_fragments_and_under_another_name() {
    let app = TestApp::start().await;
    let mut socket = Socket::begun(&app.anon).await;
    let query = "subscription S { ... on Subscription { ...F } } fragment F on Subscription { new: \
                 articlePublished { article { title } at } }";
    socket.subscribe("1", query).await;
    app.listened_to_by(1).await;
    make::article("甲").published(&app).await;
    let at = "2026-03-01T08:00:00+00:00";
    let expected = json!({ "new": { "article": { "title": "甲" }, "at": at } });
    assert_eq!(socket.answer("1").await.to_string(), expected.to_string());
    socket.settle().await;
}

#[tokio::test]
async fn a_new_region_directory_ends_no_subscription() {
    let app = TestApp::start().await;
    let mut socket = Socket::begun(&app.anon).await;
    let query = "subscription { articlePublished(region: \"130100\") { article { title regions { \
                 name } } } }";
    socket.subscribe("1", query).await;
    app.listened_to_by(1).await;
    let before = Division::clone(app.app.tree().get("130100").unwrap());
    let after = Division { name: "新石家庄市".into(), ..before.clone() };
    let change = Change { before: Some(before), after };
    app.app.change_regions(vec![change], |_| ()).await.unwrap();
    make::article("甲").about(&["130100"]).published(&app).await;
    make::article("乙").about(&["130100"]).published(&app).await;
    for expected in ["甲", "乙"] {
        let article = socket.answer("1").await["articlePublished"]["article"].clone();
        assert_eq!(article["title"], expected);
        assert_eq!(article["regions"][0]["name"], "新石家庄市");
    }
}

#[tokio::test]
async fn what_one_instance_changes_is_heard_at_the_other() {
    let app = TestApp::start().await;
    let second = app.second_server().await;
    let mut reader = hears_published(&second, "(region: \"hebei\")").await;
    make::article("甲").about(&["130100"]).published(&app).await;
    assert_eq!(title(&mut reader).await, "甲");
}

#[tokio::test]
async fn a_clock_that_is_behind_misses_nothing() {
    let app = TestApp::start().await;
    let second = app.second_server().await;
    let mut reader = hears_published(&second, "").await;
    app.advance(TimeDelta::seconds(5));
    make::article("甲").published(&app).await;
    assert_eq!(title(&mut reader).await, "甲");
}
