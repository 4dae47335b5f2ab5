//! Who a reader is, and who is none.

use redian::view::class::Class;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::views::BROWSER;
use crate::helpers::views::event;
use crate::helpers::views::event_of;
use crate::helpers::views::report;
use crate::helpers::views::report_with;
use crate::helpers::views::shown;
use crate::helpers::views::verdicts;

/// A server and a published article.
async fn portal() -> (TestApp, Made) {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    (app, made)
}

/// A display now.
fn display(app: &TestApp, made: &Made) -> Value {
    event(made, app.app.clock.now())
}

/// The verdict of a display that is reported with these headers besides.
async fn verdict(app: &TestApp, made: &Made, headers: &[(&str, &str)]) -> String {
    let headers = [&[("user-agent", BROWSER)], headers].concat();
    let answer = report_with(&app.anon, &display(app, made), &headers).await;
    verdicts(&answer).remove(0)
}

/// Excluded events of a class, as an editor sees them.
async fn excluded(app: &TestApp, made: &Made, class: Class) -> i64 {
    let query =
        format!("{{ article(id: \"{}\") {{ views {{ excluded {{ reason count }} }} }} }}", made.id);
    let answer = app.editor.query(&query).await;
    let classes = answer.data("/article/views/excluded").as_array().unwrap().clone();
    let of_class = classes.iter().find(|found| found["reason"] == class.name());
    of_class.map_or(0, |found| found["count"].as_i64().unwrap())
}

#[tokio::test]
async fn robots_and_prefetches_are_counted_apart_and_once() {
    let (app, made) = portal().await;
    let robot =
        [("user-agent", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com)")];
    let view = display(&app, &made);
    assert_eq!(verdicts(&report_with(&app.anon, &view, &robot).await), ["EXCLUDED BOT"]);
    assert_eq!(verdicts(&report_with(&app.anon, &view, &robot).await), ["DUPLICATE BOT"]);
    assert_eq!(
        verdicts(&report_with(&app.anon, &display(&app, &made), &[]).await),
        ["EXCLUDED BOT"]
    );
    for header in [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
        ("x-purpose", "preview"),
        ("next-router-prefetch", "1"),
    ] {
        assert_eq!(verdict(&app, &made, &[header]).await, "EXCLUDED PREFETCH", "{header:?}");
    }
    // Nobody of them was a visitor.
    assert_eq!(verdict(&app, &made, &[]).await, "COUNTED");
    assert_eq!(shown(&app.anon, &made).await, 1);
    assert_eq!(excluded(&app, &made, Class::Bot).await, 2);
    assert_eq!(excluded(&app, &made, Class::Prefetch).await, 5);
}

#[tokio::test]
async fn agents_of_apps_count_and_those_of_robots_do_not() {
    let (app, made) = portal().await;
    for (agents, expected) in [
        (include_str!("agents/people.txt"), "COUNTED"),
        (include_str!("agents/robots.txt"), "EXCLUDED BOT"),
    ] {
        let agents = agents.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for agent in agents {
            // Which agents are the same visitor is not asked here.
            let view = event_of(&made, app.app.clock.now(), agent.get(..100).unwrap_or(agent));
            let answer = report_with(&app.anon, &view, &[("user-agent", agent)]).await;
            let found = verdicts(&answer).remove(0);
            assert!(found == expected || found == "REPEAT", "{agent}: {found}");
        }
    }
}

#[tokio::test]
async fn views_of_staff_are_counted_apart() {
    let (app, made) = portal().await;
    assert_eq!(verdicts(&report(&app.editor, &display(&app, &made)).await), ["EXCLUDED STAFF"]);
    let reader = app.with_scopes(&["read-drafts"]).await;
    assert_eq!(verdicts(&report(&reader, &display(&app, &made)).await), ["EXCLUDED STAFF"]);
    let mutation = json!({ "events": [display(&app, &made)] });
    let answer = app.editor.mutate("recordViews", mutation, "results { verdict reason }").await;
    let expected = json!([{ "verdict": "EXCLUDED", "reason": "STAFF" }]);
    assert_eq!(answer.data("/recordViews/results"), &expected);
}

#[tokio::test]
async fn those_who_ask_not_to_be_followed_count_without_a_visitor() {
    let (app, made) = portal().await;
    for header in [("sec-gpc", "1"), ("dnt", "1")] {
        for _ in 0..2 {
            assert_eq!(verdict(&app, &made, &[header]).await, "COUNTED");
        }
    }
    // Retries are still told apart.
    let view = display(&app, &made);
    let headers = [("user-agent", BROWSER), ("dnt", "1")];
    assert_eq!(verdicts(&report_with(&app.anon, &view, &headers).await), ["COUNTED"]);
    assert_eq!(verdicts(&report_with(&app.anon, &view, &headers).await), ["DUPLICATE COUNTED"]);
    assert_eq!(shown(&app.anon, &made).await, 5);
}

#[tokio::test]
async fn only_a_token_with_the_scope_count_tells_of_a_reader() {
    let (app, made) = portal().await;
    let told = |ip: &str, agent: &str| {
        let mut view = display(&app, &made);
        view["reader"] = json!({ "ip": ip, "userAgent": agent });
        view
    };
    let front_end = app.with_scopes(&["count"]).await;
    for (view, expected) in [
        (told("203.0.113.5", BROWSER), "COUNTED"),
        (told("203.0.113.5", BROWSER), "REPEAT"),
        (told("203.0.113.6", BROWSER), "COUNTED"),
        (told("2001:db8::1", BROWSER), "COUNTED"),
        (told("2001:db8::2", BROWSER), "REPEAT"),
        (told("203.0.113.5", "Googlebot/2.1"), "EXCLUDED BOT"),
        (told("nowhere", BROWSER), "INVALID reader.ip"),
        // Without a reader nobody knows whose view it is.
        (display(&app, &made), "COUNTED"),
        (display(&app, &made), "COUNTED"),
    ] {
        assert_eq!(verdicts(&report(&front_end, &view).await), [expected], "{view}");
    }
    for client in [&app.anon, &app.editor] {
        let forged = report(client, &told("203.0.113.9", BROWSER)).await;
        assert_eq!(verdicts(&forged), ["INVALID reader"]);
    }
    // Its articles are those that readers see: the token shows no drafts.
    let draft = article("草稿").draft(&app).await;
    let answer = report(&front_end, &display(&app, &draft)).await;
    assert_eq!(verdicts(&answer), ["UNKNOWN_ARTICLE"]);
}

#[tokio::test]
async fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
    let app = TestApp::start_with(|config| {
        config.trusted_proxies =
            vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let made = article("灯会").published(&app).await;
    for (chain, expected) in [
        ("203.0.113.1", "COUNTED"),
        ("203.0.113.1", "REPEAT"),
        // The reader wrote the first address, our proxy the second.
        ("198.51.100.7, 203.0.113.1", "REPEAT"),
        ("203.0.113.2, 10.1.2.3", "COUNTED"),
        ("203.0.113.2:4711, 10.9.9.9", "REPEAT"),
        ("10.1.2.3", "COUNTED"),
    ] {
        let header = ("x-forwarded-for", chain);
        assert_eq!(verdict(&app, &made, &[header]).await, expected, "{chain}");
    }
}

#[tokio::test]
async fn readers_behind_a_proxy_that_nobody_named_count_without_a_visitor() {
    let (app, made) = portal().await;
    let header = ("x-forwarded-for", "203.0.113.1");
    for _ in 0..3 {
        assert_eq!(verdict(&app, &made, &[header]).await, "COUNTED");
    }
    assert_eq!(verdict(&app, &made, &[]).await, "COUNTED");
    assert_eq!(verdict(&app, &made, &[]).await, "REPEAT");
}

#[tokio::test]
async fn one_network_counts_up_to_its_cap_however_its_views_are_sent() {
    let app = TestApp::start_with(|config| config.view_network_cap = 5).await;
    let made = article("灯会").published(&app).await;
    let other = article("书市").published(&app).await;
    let now = app.app.clock.now();
    let of = |from: usize, to: usize| -> Value {
        (from..to).map(|number| event_of(&made, now, &format!("phone {number}"))).collect()
    };
    let first = verdicts(&report(&app.anon, &of(0, 3)).await);
    assert_eq!(first, ["COUNTED"; 3]);
    let events = of(2, 9);
    let mut second = verdicts(&report(&app.anon, &events).await);
    second.sort();
    let capped = ["EXCLUDED NETWORK_CAP"; 4];
    assert_eq!(second, [&["COUNTED", "COUNTED"][..], &capped, &["REPEAT"]].concat());
    let again = verdicts(&report(&app.anon, &events).await);
    assert!(again.iter().all(|verdict| verdict.starts_with("DUPLICATE")), "{again:?}");
    assert_eq!(shown(&app.anon, &made).await, 5);
    // Each article and each window has its own.
    let elsewhere = report(&app.anon, &event_of(&other, now, "phone 1")).await;
    assert_eq!(verdicts(&elsewhere), ["COUNTED"]);
    app.advance(chrono::TimeDelta::minutes(30));
    let later = report(&app.anon, &event_of(&made, app.app.clock.now(), "phone 1")).await;
    assert_eq!(verdicts(&later), ["COUNTED"]);
}
