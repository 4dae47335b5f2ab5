//! Webhooks: who is told of what, signed how.

use chrono::TimeDelta;
use redian::article::flip;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::CLOSED_REGION;
use crate::helpers::import::Folder;
use crate::helpers::import::run;
use crate::helpers::make;
use crate::helpers::make::Made;
use crate::helpers::receiver::Receiver;
use crate::helpers::webhooks;
use crate::helpers::webhooks::hook;
use crate::helpers::webhooks::kinds;
use crate::helpers::webhooks::server;
use crate::helpers::webhooks::verify;

const HOUR: TimeDelta = TimeDelta::hours(1);

async fn update(app: &TestApp, made: &Made, mut input: Value) -> Made {
    input["id"] = json!(made.id);
    input["version"] = json!(made.version);
    let answer = app.editor.mutate("updateArticle", input, "article { slug version }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    let article = answer.data("/updateArticle/article");
    let slug = article["slug"].as_str().unwrap().to_owned();
    Made { id: made.id.clone(), slug, version: article["version"].as_i64().unwrap() }
}

async fn channel_id(app: &TestApp, slug: &str) -> String {
    let answer = app.anon.query(&format!("{{ channel(slug: \"{slug}\") {{ id }} }}")).await;
    redian::id::decode(answer.data("/channel/id").as_str().unwrap()).unwrap().1
}

#[tokio::test]
async fn a_change_is_told_with_all_that_a_front_end_needs_to_make_its_pages_anew() {
    let (app, receiver) = (server().await, Receiver::start().await);
    make::channel(&app, "news", "新闻").await;
    make::channel(&app, "tech", "科技").await;
    let (news, tech) = (channel_id(&app, "news").await, channel_id(&app, "tech").await);
    let hook = hook(&app, &receiver, json!({})).await;
    let made = make::article("甲").with("slug", "one").about(&["130104"]).with("channel", "news");
    let made = made.published(&app).await;
    app.advance(HOUR);
    let change = json!({ "slug": "two", "regions": ["130102"], "channel": "tech" });
    update(&app, &made, change).await;
    let received = receiver.has(2).await;
    let uuid = made.uuid();
    let tags = |others: &[String]| {
        let mut tags = vec![format!("article:{uuid}"), "articles".into()];
        tags.extend_from_slice(others);
        tags
    };
    let text = |text: &str| text.to_owned();
    let expected = json!({
        "type": "article.published", "timestamp": app.in_time(-HOUR),
        "data": {
            "id": made.id, "slug": "one", "slugs": ["one"], "version": 2,
            "regions": ["130000", "130100", "130104"],
            "tags": tags(&[
                format!("channel:{news}"), text("region:130000"), text("region:130100"),
                text("region:130104"),
            ]),
        },
    });
    assert_eq!(received[0].json(), expected);
    // What it left is concerned as well.
    let expected = json!({
        "type": "article.updated", "timestamp": app.in_time(TimeDelta::zero()),
        "data": {
            "id": made.id, "slug": "two", "slugs": ["one", "two"], "version": 3,
            "regions": ["130000", "130100", "130102", "130104"],
            "tags": tags(&[
                format!("channel:{tech}"), format!("channel:{news}"), text("region:130000"),
                text("region:130100"), text("region:130102"), text("region:130104"),
            ]),
        },
    });
    assert_eq!(received[1].json(), expected);
    let told = hook.delivered(2).await;
    assert_eq!(told[1]["body"], expected);
    assert_eq!(told[0]["messageId"], received[0].header("webhook-id"));
    assert_eq!(told[0]["attempts"][0]["status"], 204);
    assert_eq!(received[0].header("content-type"), "application/json");
    assert!(received[0].header("user-agent").starts_with("Redian/"));
}

#[tokio::test]
async fn what_is_sent_is_signed_as_standard_webhooks_wants_it() {
    let (app, receiver) = (server().await, Receiver::start().await);
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    let received = receiver.has(1).await;
    assert!(hook.verify(&received[0]));
    let now = app.app.clock.now().timestamp();
    assert_eq!(received[0].header("webhook-timestamp"), now.to_string());
    let id = received[0].header("webhook-id");
    assert!(id.starts_with("msg_") && !id.contains('.'), "{id}");
    let mut forged = received[0].clone();
    forged.body = String::from_utf8(forged.body.to_vec())
        .unwrap()
        .replace('甲', "乙")
        .replace("\"version\":2", "\"version\":3")
        .into();
    assert!(!hook.verify(&forged));
    let mut later = received[0].clone();
    later.headers.insert("webhook-timestamp", (now + 1).into());
    assert!(!hook.verify(&later));
    // Another secret: both sign for a day.
    let input = json!({ "id": hook.id });
    let answer = hook.admin.mutate("rotateWebhookSecret", input, "secret").await;
    let secret = answer.data("/rotateWebhookSecret/secret").as_str().unwrap().to_owned();
    assert!(secret != hook.secret && secret.starts_with("whsec_"));
    app.advance(TimeDelta::days(1) - TimeDelta::milliseconds(1));
    make::article("乙").published(&app).await;
    let received = receiver.has(2).await;
    assert!(hook.verify(&received[1]) && verify(&secret, &received[1]));
    app.advance(TimeDelta::milliseconds(1));
    make::article("丙").published(&app).await;
    let received = receiver.has(3).await;
    assert!(!hook.verify(&received[2]) && verify(&secret, &received[2]));
}

#[tokio::test]
async fn nothing_is_told_of_what_readers_do_not_see() {
    let (app, receiver) = (server().await, Receiver::start().await);
    let hook = hook(&app, &receiver, json!({})).await;
    let draft = make::article("稿").draft(&app).await;
    let draft = make::renamed(&app, &draft, "secret-draft").await;
    let later = json!({ "publishAt": app.in_time(HOUR) });
    let later = make::article("未到").with("slug", "later").published_with(&app, later).await;
    let seen = make::article("甲").with("slug", "seen").published(&app).await;
    receiver.has(1).await;
    make::withdraw(&app, &seen).await;
    receiver.has(2).await;
    app.advance(TimeDelta::seconds(1));
    let version = seen.version + 1;
    let hidden = make::renamed(&app, &Made { version, ..seen }, "secret-plan").await;
    make::delete(&app, &hidden).await;
    make::delete(&app, &draft).await;
    app.advance(HOUR);
    flip::run(&app.app.db, app.app.clock.now()).await.unwrap();
    // It is told that it appeared, and that it went: moved to the future once more.
    make::publish(&app, &later, json!({ "publishAt": app.in_time(HOUR) })).await;
    let received = receiver.has(4).await;
    let expected =
        ["article.published", "article.withdrawn", "article.published", "article.withdrawn"];
    assert_eq!(kinds(&received), expected);
    assert_eq!(hook.delivered(4).await.len(), 4);
    for request in &received {
        assert!(!request.json().to_string().contains("secret"), "{}", request.json());
    }
    assert_eq!(received[1].json()["data"]["slugs"], json!(["seen"]));
}

#[tokio::test]
async fn a_webhook_is_told_of_the_events_the_region_and_the_channel_that_it_asks_for() {
    let app = server().await;
    make::channel(&app, "news", "新闻").await;
    let receivers = [(); 4].map(|()| Receiver::start());
    let [all, deleted, region, channel] = {
        let mut started = Vec::new();
        for receiver in receivers {
            started.push(receiver.await);
        }
        started.try_into().ok().unwrap()
    };
    let hooks = [
        hook(&app, &all, json!({})).await,
        hook(&app, &deleted, json!({ "events": ["ARTICLE_DELETED", "CHANNEL_CHANGED"] })).await,
        hook(&app, &region, json!({ "region": "hebei" })).await,
        hook(&app, &channel, json!({ "channel": "news" })).await,
    ];
    let made = make::article("甲").about(&["130104"]).with("channel", "news").published(&app).await;
    make::article("乙").about(&["440300"]).published(&app).await;
    let made = update(&app, &made, json!({ "regions": ["440300"] })).await;
    let made = update(&app, &made, json!({ "channel": null })).await;
    make::delete(&app, &made).await;
    make::channel(&app, "tech", "科技").await;
    let (p, u, d) = ("article.published", "article.updated", "article.deleted");
    let expected: [&[&str]; 4] =
        [&[p, p, u, u, d, "channel.changed"], &[d, "channel.changed"], &[p, u], &[p, u, u]];
    for ((receiver, hook), expected) in
        [&all, &deleted, &region, &channel].into_iter().zip(&hooks).zip(expected)
    {
        hook.delivered(expected.len()).await;
        let mut told = kinds(&receiver.received());
        let mut expected = expected.to_vec();
        // Those of different articles come in any order.
        told.sort();
        expected.sort_unstable();
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_webhook_of_a_region_that_is_closed_goes_on_with_what_followed() {
    let (app, receiver) = (server().await, Receiver::start().await);
    let hook = hook(&app, &receiver, json!({ "region": "330102" })).await;
    make::article("甲").about(&["330102"]).published(&app).await;
    hook.delivered(1).await;
    let folder = Folder::new();
    let file = folder.write("r.csv", CLOSED_REGION);
    assert_eq!(run(&app.database.url, &["regions", "load", "--yes", &file]).await.status, Some(0));
    hook.delivered(2).await;
    app.caught_up().await;
    make::article("乙").about(&["330105"]).published(&app).await;
    hook.delivered(3).await;
    let expected = ["article.published", "regions.changed", "article.published"];
    assert_eq!(kinds(&receiver.received()), expected);
    let answer = hook.admin.query("{ webhooks { region { code } } }").await;
    assert_eq!(answer.data("/webhooks/0/region/code"), "330105");
}

#[tokio::test]
async fn each_event_can_be_asked_for_alone_and_what_was_before_is_not_told() {
    let app = server().await;
    make::channel(&app, "old", "旧闻").await;
    make::article("旧").published(&app).await;
    let receiver = Receiver::start().await;
    let events = [
        // One that was over appears once more.
        ("ARTICLE_PUBLISHED", "article.published", 3),
        ("ARTICLE_UPDATED", "article.updated", 1),
        ("ARTICLE_WITHDRAWN", "article.withdrawn", 1),
        ("ARTICLE_EXPIRED", "article.expired", 1),
        ("ARTICLE_DELETED", "article.deleted", 1),
        ("CHANNEL_CHANGED", "channel.changed", 1),
        ("REGIONS_CHANGED", "regions.changed", 1),
    ];
    let mut hooks = Vec::new();
    for (event, ..) in events {
        hooks.push(hook(&app, &receiver, json!({ "events": [event] })).await);
    }
    let made = make::article("甲").published(&app).await;
    let made = make::renamed(&app, &made, "renamed").await;
    make::withdraw(&app, &made).await;
    let soon = json!({ "unpublishAt": app.in_time(HOUR) });
    let ends = make::article("乙").published_with(&app, soon).await;
    app.advance(HOUR);
    flip::run(&app.app.db, app.app.clock.now()).await.unwrap();
    make::publish(&app, &ends, json!({ "unpublishAt": app.in_time(HOUR) })).await;
    make::delete(&app, &ends).await;
    make::channel(&app, "news", "新闻").await;
    let file = Folder::new();
    let path = file.write("r.csv", CLOSED_REGION);
    assert_eq!(run(&app.database.url, &["regions", "load", "--yes", &path]).await.status, Some(0));
    for (hook, (event, kind, number)) in hooks.iter().zip(events) {
        let told = hook.delivered(number).await;
        assert!(told.iter().all(|one| one["event"] == kind), "{event}: {told:#?}");
    }
}

#[tokio::test]
async fn what_is_of_long_ago_is_removed_also_what_waits() {
    let (app, receiver, down) = (server().await, Receiver::start().await, Receiver::start().await);
    down.answer_with(500, "");
    let waiting = hook(&app, &down, json!({})).await;
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    hook.delivered(1).await;
    assert_eq!(waiting.mutate("updateWebhook", json!({ "enabled": false })).await, [""; 0]);
    assert_eq!(waiting.deliveries().await.len(), 1);
    app.advance(TimeDelta::days(30));
    make::article("乙").published(&app).await;
    hook.delivered(2).await;
    app.advance(TimeDelta::milliseconds(1));
    // A server looks for that when it starts, and each hour.
    let other = app.second_server().await;
    let told = hook.until(|told| told.len() == 1).await;
    assert_eq!(told[0]["state"], "DELIVERED");
    waiting.until(<[Value]>::is_empty).await;
    other.stop();
}

#[tokio::test]
async fn an_admin_sees_changes_disables_and_tests_webhooks() {
    let (app, receiver) = (server().await, Receiver::start().await);
    make::channel(&app, "news", "新闻").await;
    let input = json!({
        "description": "官网", "events": ["ARTICLE_PUBLISHED", "REGIONS_CHANGED"],
        "region": "130000", "channel": "news",
    });
    let hook = hook(&app, &receiver, input).await;
    let fields = "id url description events region { code } channel { slug } enabled";
    let webhooks = format!("{{ webhooks {{ {fields} }} }}");
    let expected = json!([{
        "id": hook.id, "url": receiver.url, "description": "官网",
        "events": ["ARTICLE_PUBLISHED", "REGIONS_CHANGED"], "region": { "code": "130000" },
        "channel": { "slug": "news" }, "enabled": true,
    }]);
    assert_eq!(hook.admin.query(&webhooks).await.data("/webhooks"), &expected);
    let change = json!({ "events": [], "region": null, "channel": null, "description": "新" });
    assert_eq!(hook.mutate("updateWebhook", change).await, [""; 0]);
    let answer = hook.admin.query(&webhooks).await;
    let changed = answer.data("/webhooks/0");
    assert_eq!((&changed["events"], &changed["region"]), (&json!([]), &Value::Null));
    assert_eq!((&changed["description"], &changed["url"]), (&json!("新"), &json!(receiver.url)));
    assert_eq!(hook.mutate("testWebhook", json!({})).await, [""; 0]);
    let received = receiver.has(1).await;
    assert_eq!(received[0].json()["type"], "webhook.test");
    assert!(hook.verify(&received[0]));
    // What happens while it is disabled is never told.
    assert_eq!(hook.mutate("updateWebhook", json!({ "enabled": false })).await, [""; 0]);
    assert_eq!(hook.mutate("testWebhook", json!({})).await, ["id: WRONG_STATE"]);
    make::article("甲").published(&app).await;
    assert_eq!(hook.mutate("updateWebhook", json!({ "enabled": true })).await, [""; 0]);
    make::article("乙").with("slug", "second").published(&app).await;
    let received = receiver.has(2).await;
    assert_eq!(received[1].json()["data"]["slug"], "second");
    hook.delivered(2).await;
    assert_eq!(hook.mutate("deleteWebhook", json!({})).await, [""; 0]);
    assert_eq!(hook.admin.query(&webhooks).await.data("/webhooks"), &json!([]));
    assert_eq!(hook.mutate("deleteWebhook", json!({})).await, ["id: NOT_FOUND"]);
}

#[tokio::test]
async fn addresses_that_make_no_sense_or_are_private_are_refused() {
    let app = TestApp::quiet_with(webhooks::local).await;
    let admin = app.with_scopes(&["admin"]).await;
    let create = async |url: &str| {
        let answer = admin.mutate("createWebhook", json!({ "url": url }), "webhook { id }").await;
        answer.user_errors()
    };
    for url in [
        "",
        "news.example",
        "ftp://news.example/",
        "https://",
        "file:///etc/passwd",
        "https://me:secret@93.184.215.14/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://0x0a000001/",
        "http://127.0.0.2/",
        &format!("https://93.184.215.14/{}", "a".repeat(2000)),
    ] {
        assert_eq!(create(url).await, ["url: INVALID"], "{url}");
    }
    for url in ["https://93.184.215.14/hook?a=b", "http://127.0.0.1:9/", "http://localhost:9/"] {
        assert_eq!(create(url).await, [""; 0], "{url}");
    }
    let strict = TestApp::quiet().await;
    let admin = strict.with_scopes(&["admin"]).await;
    for url in ["http://127.0.0.1:9/", "http://localhost:9/"] {
        let answer = admin.mutate("createWebhook", json!({ "url": url }), "webhook { id }").await;
        assert_eq!(answer.user_errors(), ["url: INVALID"], "{url}");
        let message = answer.data("/createWebhook/userErrors/0/message").as_str().unwrap();
        assert!(message.contains("--webhook-allow"), "{message}");
    }
    for (field, value, error) in [
        ("region", json!("nowhere"), "region: NOT_FOUND"),
        ("channel", json!("nothing"), "channel: NOT_FOUND"),
        ("description", json!("长".repeat(201)), "description: TOO_LONG"),
    ] {
        let mut input = json!({ "url": "https://93.184.215.14/" });
        input[field] = value;
        assert_eq!(admin.mutate("createWebhook", input, "").await.user_errors(), [error]);
    }
}

#[tokio::test]
async fn there_are_at_most_fifty() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let input = json!({ "url": "https://93.184.215.14/" });
    for _ in 0..50 {
        assert_eq!(admin.mutate("createWebhook", input.clone(), "").await.user_errors(), [""; 0]);
    }
    let answer = admin.mutate("createWebhook", input, "").await;
    assert_eq!(answer.user_errors(), ["url: WRONG_STATE"]);
}
