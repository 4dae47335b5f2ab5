//! Receivers that are down, slow, wrong or gone: each event comes at least once, of each
//! article in order, and never to who is not there any more.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::receiver::Receiver;
use crate::helpers::webhooks::Hook;
use crate::helpers::webhooks::hook;
use crate::helpers::webhooks::hook_at;
use crate::helpers::webhooks::kinds;
use crate::helpers::webhooks::local;
use crate::helpers::webhooks::server;

/// Longer than the pause after the first attempt, with what chance adds.
const PAUSE: TimeDelta = TimeDelta::milliseconds(5_500);
const DAY: TimeDelta = TimeDelta::days(2);

/// Waits until the first delivery has so many attempts behind it.
async fn tried(hook: &Hook, times: usize) -> Value {
    let enough = |told: &[Value]| {
        told.first().is_some_and(|first| first["attempts"].as_array().unwrap().len() >= times)
    };
    hook.until(enough).await.remove(0)
}

fn next(delivery: &Value) -> DateTime<Utc> {
    delivery["nextAttemptAt"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_after_longer_and_longer_pauses() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.answer_in_turn(&[500, 302, 404, 200]);
    let (other, none) = (Receiver::start().await, json!({ "events": ["REGIONS_CHANGED"] }));
    let (hook, others) = (hook(&app, &receiver, json!({})).await, hook(&app, &other, none).await);
    make::article("甲").published(&app).await;
    let mut pauses = Vec::new();
    for times in 1..=3 {
        tried(&hook, times).await;
        let now = app.app.clock.now();
        // The list is read by two statements: of before and of after the attempt.
        let told = hook.until(|told| next(&told[0]) > now).await.remove(0);
        assert_eq!(told["state"], "PENDING");
        let pause = next(&told) - now;
        pauses.push(pause.num_milliseconds());
        // Not before its time.
        app.advance(pause - TimeDelta::milliseconds(1));
        assert_eq!(others.mutate("testWebhook", json!({})).await, [""; 0]);
        others.delivered(times).await;
        assert_eq!(receiver.received().len(), times);
        app.advance(TimeDelta::milliseconds(1));
    }
    for (pause, base) in pauses.iter().zip([5_000, 30_000, 120_000]) {
        assert!((base..=base + base / 10).contains(pause), "{pauses:?}");
    }
    let told = hook.until(|told| told[0]["state"] == "DELIVERED").await.remove(0);
    let column = |name: &str| -> Vec<Value> {
        told["attempts"].as_array().unwrap().iter().map(|one| one[name].clone()).collect()
    };
    assert_eq!(column("status"), [500, 302, 404, 200]);
    let errors = [json!("it answered 500"), json!("it answered 302"), json!("it answered 404")];
    assert_eq!(column("error"), [&errors[..], &[Value::Null]].concat());
    // The same message each time.
    let received = receiver.received();
    assert!(received.iter().all(|request| request.header("webhook-id") == told["messageId"]));
    assert!(received.iter().all(|request| hook.verify(request)));
}

#[tokio::test]
async fn a_receiver_that_asks_to_wait_is_left_alone_for_so_long() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.answer_with(429, "");
    receiver.ask_to_wait(3600);
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    tried(&hook, 1).await;
    let now = app.app.clock.now();
    let told = hook.until(|told| next(&told[0]) > now).await.remove(0);
    assert_eq!(next(&told) - now, TimeDelta::hours(1));
}

#[tokio::test]
async fn four_are_sent_at_once_and_one_by_one_to_who_failed() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.hold(true);
    let hook = hook(&app, &receiver, json!({})).await;
    for title in ["甲", "乙", "丙", "丁", "戊", "己"] {
        make::article(title).published(&app).await;
    }
    receiver.has(4).await;
    hook.until(|told| told.len() == 6).await;
    app.turns().await;
    assert_eq!(receiver.received().len(), 4);
    receiver.answer_with(500, "");
    // Those that are here were answered before that.
    receiver.hold(false);
    receiver.has(6).await;
    tried(&hook, 1).await;
    hook.until(|told| told.iter().all(|one| one["attempts"] != json!([]))).await;
    receiver.hold(true);
    app.advance(TimeDelta::hours(1));
    receiver.has(7).await;
    app.turns().await;
    assert_eq!(receiver.received().len(), 7);
}

#[tokio::test]
async fn after_three_and_a_half_days_it_is_given_up_and_can_be_sent_again_by_hand() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.answer_with(503, "");
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    for times in 1..=12 {
        tried(&hook, times).await;
        app.advance(DAY);
    }
    let told = hook.until(|told| told[0]["state"] == "GIVEN_UP").await.remove(0);
    assert_eq!(told["nextAttemptAt"], Value::Null);
    // Others of the same article do not wait for it any more.
    receiver.answer_with(200, "");
    let id = told["body"]["data"]["id"].clone();
    app.editor.mutate("withdrawArticle", json!({ "id": id }), "").await.user_errors();
    hook.until(|told| told.len() == 2 && told[1]["state"] == "DELIVERED").await;
    let answer = hook.admin.mutate("redeliverWebhook", json!({ "id": told["id"] }), "").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    hook.delivered(2).await;
    let ids: Vec<String> =
        receiver.received().iter().map(|request| request.header("webhook-id")).collect();
    assert_eq!(ids.len(), 14);
    assert_eq!(ids[13], ids[0]);
    let nothing = redian::id::encode("WebhookDelivery", &redian::clock::new_id().to_string());
    let answer = hook.admin.mutate("redeliverWebhook", json!({ "id": nothing }), "").await;
    assert_eq!(answer.user_errors(), ["id: NOT_FOUND"]);
}

#[tokio::test]
async fn what_comes_later_of_an_article_waits_and_others_do_not() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.answer_with(500, "");
    let hook = hook(&app, &receiver, json!({})).await;
    let made = make::article("甲").published(&app).await;
    tried(&hook, 1).await;
    receiver.answer_with(200, "");
    let made = make::renamed(&app, &made, "renamed").await;
    make::withdraw(&app, &made).await;
    make::article("乙").published(&app).await;
    hook.until(|told| told.len() == 4 && told[3]["state"] == "DELIVERED").await;
    let states: Vec<_> =
        hook.deliveries().await.into_iter().map(|told| told["state"].clone()).collect();
    assert_eq!(states, ["PENDING", "PENDING", "PENDING", "DELIVERED"]);
    app.advance(PAUSE);
    hook.delivered(4).await;
    let received = receiver.received();
    let of_first: Vec<_> = received
        .iter()
        .filter(|request| request.json()["data"]["id"] == made.id)
        .cloned()
        .collect();
    let expected =
        ["article.published", "article.published", "article.updated", "article.withdrawn"];
    assert_eq!(kinds(&of_first), expected);
}

#[tokio::test]
async fn a_slow_receiver_holds_up_nobody_else_and_is_cut_off() {
    let app = TestApp::start_with(|config| {
        local(config);
        config.webhook_timeout = 1;
    })
    .await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.hold(true);
    let (slow_hook, quick_hook) =
        (hook(&app, &slow, json!({})).await, hook(&app, &quick, json!({})).await);
    for title in ["甲", "乙", "丙", "丁", "戊", "己"] {
        make::article(title).published(&app).await;
    }
    quick_hook.delivered(6).await;
    let told = tried(&slow_hook, 1).await;
    assert_eq!(told["attempts"][0]["error"], "it took too long to answer");
    slow.hold(false);
    let all = |told: &[Value]| {
        // Some were on their way when it was held, and wait from the end of that.
        app.advance(TimeDelta::seconds(1));
        told.iter().all(|one| one["state"] == "DELIVERED")
    };
    assert_eq!(slow_hook.until(all).await.len(), 6);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let app = server().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let hook = hook_at(&app, &url, json!({})).await;
    let answers = [
        // Closed before it says anything, in the middle, and at last whole.
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
    ];
    let serving = tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut start = [0; 4096];
            assert!(stream.read(&mut start).await.unwrap() > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    make::article("甲").published(&app).await;
    for (times, error) in [(1, "the connection broke"), (2, "the answer broke off")] {
        let told = tried(&hook, times).await;
        assert_eq!(told["attempts"][times - 1]["error"], error);
        app.advance(TimeDelta::minutes(1));
    }
    hook.delivered(1).await;
    serving.await.unwrap();
}

#[tokio::test]
async fn a_receiver_that_is_down_is_told_when_it_is_back() {
    let app = server().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let hook = hook_at(&app, &format!("http://{address}/hook"), json!({})).await;
    make::article("甲").published(&app).await;
    let told = tried(&hook, 1).await;
    let error = told["attempts"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("no connection"), "{error}");
    assert_eq!(told["attempts"][0]["status"], Value::Null);
    let receiver = Receiver::at(&address.to_string()).await;
    app.advance(PAUSE);
    hook.delivered(1).await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn who_is_deleted_or_disabled_is_told_nothing_that_waits() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.answer_with(500, "");
    let deleted = hook(&app, &receiver, json!({})).await;
    let disabled = hook(&app, &receiver, json!({})).await;
    let other = Receiver::start().await;
    let others = hook(&app, &other, json!({})).await;
    make::article("甲").published(&app).await;
    tried(&deleted, 1).await;
    tried(&disabled, 1).await;
    assert_eq!(deleted.mutate("deleteWebhook", json!({})).await, [""; 0]);
    assert_eq!(disabled.mutate("updateWebhook", json!({ "enabled": false })).await, [""; 0]);
    let told = receiver.received().len();
    app.advance(DAY);
    make::article("乙").published(&app).await;
    others.delivered(2).await;
    assert_eq!(receiver.received().len(), told);
    // What waited goes on; what happened meanwhile is not told.
    receiver.answer_with(200, "");
    assert_eq!(disabled.mutate("updateWebhook", json!({ "enabled": true })).await, [""; 0]);
    disabled.delivered(1).await;
    assert_eq!(receiver.received().len(), told + 1);
}

#[tokio::test]
async fn who_answers_410_is_disabled() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.answer_with(410, "");
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    tried(&hook, 1).await;
    let answer = hook.admin.query("{ webhooks { enabled } }").await;
    assert_eq!(answer.data("/webhooks/0/enabled"), false);
}

#[tokio::test]
async fn an_address_that_is_private_by_now_is_not_told() {
    let app = TestApp::quiet_with(local).await;
    let receiver = Receiver::start().await;
    let name = receiver.url.replace("127.0.0.1", "localhost");
    let hooks = [hook(&app, &receiver, json!({})).await, hook_at(&app, &name, json!({})).await];
    make::article("甲").published(&app).await;
    // This instance may not go there.
    let strict = app.second_server_with(|config| config.webhook_allow.clear()).await;
    for hook in &hooks {
        let told = tried(hook, 1).await;
        let error = told["attempts"][0]["error"].as_str().unwrap();
        assert!(error.contains("the address is private"), "{error}");
    }
    assert_eq!(receiver.received().len(), 0);
    strict.stop();
}

#[tokio::test]
async fn what_is_sent_again_by_hand_while_it_is_on_its_way_comes_again() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.hold(true);
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    receiver.has(1).await;
    let told = hook.deliveries().await.remove(0);
    // Time passes, so that it is another turn to send it.
    app.advance(TimeDelta::milliseconds(1));
    let again = hook.admin.mutate("redeliverWebhook", json!({ "id": told["id"] }), "").await;
    assert_eq!(again.user_errors(), [""; 0]);
    receiver.hold(false);
    receiver.has(2).await;
    let told = hook.delivered(1).await.remove(0);
    assert_eq!(told["attempts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn who_moved_before_the_old_address_answered_410_is_told_at_the_new_one() {
    let (app, receiver) = (server().await, Receiver::start().await);
    receiver.answer_with(410, "");
    receiver.hold(true);
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    receiver.has(1).await;
    let moved = Receiver::start().await;
    assert_eq!(hook.mutate("updateWebhook", json!({ "url": moved.url })).await, [""; 0]);
    receiver.hold(false);
    tried(&hook, 1).await;
    app.advance(PAUSE);
    moved.has(1).await;
}

#[tokio::test]
async fn nothing_is_sent_again_by_hand_to_who_is_disabled() {
    let (app, receiver) = (server().await, Receiver::start().await);
    let hook = hook(&app, &receiver, json!({})).await;
    make::article("甲").published(&app).await;
    let told = hook.delivered(1).await.remove(0);
    assert_eq!(hook.mutate("updateWebhook", json!({ "enabled": false })).await, [""; 0]);
    let again = hook.admin.mutate("redeliverWebhook", json!({ "id": told["id"] }), "").await;
    assert_eq!(again.user_errors(), ["id: WRONG_STATE"]);
    assert_eq!(hook.mutate("testWebhook", json!({})).await, ["id: WRONG_STATE"]);
    assert_eq!(hook.deliveries().await[0]["state"], "DELIVERED");
}
