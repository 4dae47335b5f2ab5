//! Answers to the public that are kept: what is asked again is not made again, and nothing
//! that is stale is sent.

use std::sync::atomic::Ordering::Relaxed;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::cache::followed;
use crate::helpers::cache::get;
use crate::helpers::cache::header;
use crate::helpers::cache::hits;
use crate::helpers::cache::page;
use crate::helpers::cache::quiet;
use crate::helpers::cache::quiet_with;
use crate::helpers::cache::view;
use crate::helpers::import::Page;
use crate::helpers::import::import;
use crate::helpers::make;

const HOUR: TimeDelta = TimeDelta::hours(1);
const NEWEST: &str = "{ articles { nodes { title } } }";

async fn titles(client: &Client) -> Vec<String> {
    client.query(NEWEST).await.each("/articles/nodes", "title")
}

#[tokio::test]
async fn what_is_asked_again_asks_no_database() {
    let app = quiet().await;
    make::article("甲").published(&app).await;
    followed(&app).await;
    let first = app.anon.query(NEWEST).await;
    let statements = app.app.db.statements();
    for _ in 0..3 {
        let again = app.anon.query(NEWEST).await;
        assert_eq!(again.json, first.json);
    }
    assert_eq!(app.app.db.statements(), statements);
    assert_eq!(hits(&app), 3);
}

#[tokio::test]
async fn metrics_tell_how_requests_of_the_public_went() {
    let app = quiet().await;
    for _ in 0..3 {
        titles(&app.anon).await;
    }
    app.editor.query(NEWEST).await;
    let told = app.anon.request(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(header(&told, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let told = told.text().await.unwrap();
    let lines: Vec<_> = told.lines().filter(|line| !line.starts_with('#')).collect();
    let counts = ["hit\"} 2", "miss\"} 1", "bypass\"} 0"];
    for (line, count) in lines.iter().zip(counts) {
        assert_eq!(*line, format!("redian_cache_requests_total{{result=\"{count}"));
    }
    let bytes = lines[3].strip_prefix("redian_cache_bytes ").unwrap().parse::<u64>().unwrap();
    assert!((100..10_000).contains(&bytes), "{bytes}");
    let late = quiet_with(|config| config.cache_lag = 0).await;
    titles(&late.anon).await;
    let told = late.anon.request(Method::GET, "/metrics").send().await.unwrap();
    assert!(told.text().await.unwrap().contains("{result=\"bypass\"} 1\n"));
}

#[tokio::test]
async fn views_are_of_the_moment_in_an_answer_that_is_kept() {
    let app = quiet().await;
    let made = make::article("甲").published(&app).await;
    followed(&app).await;
    for total in 0..3 {
        let answer = app.anon.query(&page(&made)).await;
        let expected = json!({ "total": total, "counted": total, "imported": 0 });
        assert_eq!(answer.data("/article/views"), &expected);
        view(&app, &made).await;
    }
    assert_eq!(hits(&app), 2);
    let input = json!({ "id": made.id, "imported": 40, "reason": "数错了" });
    app.editor.mutate("correctImportedViews", input, "").await.user_errors();
    let answer = app.anon.query(&page(&made)).await;
    let expected = json!({ "total": 43, "counted": 3, "imported": 40 });
    assert_eq!(answer.data("/article/views"), &expected);
}

#[tokio::test]
async fn what_was_not_there_appears_when_it_is_published() {
    let app = quiet().await;
    make::channel(&app, "news", "新闻").await;
    let made = make::article("甲").with("slug", "one").about(&["130104"]);
    let made = made.with("channel", "news").with("tags", vec!["芯片"]).draft(&app).await;
    let questions = [
        "{ found: article(slug: \"one\") { title } }".to_owned(),
        format!("{{ found: article(id: \"{}\") {{ title }} }}", made.id),
        format!("{{ found: node(id: \"{}\") {{ id }} }}", made.id),
        "{ found: articles(filter: { region: \"hebei\" }) { nodes { title } } }".into(),
        "{ found: articles(filter: { channel: \"news\" }) { nodes { title } } }".into(),
        "{ found: articles(filter: { tag: \"芯片\" }) { nodes { title } } }".into(),
        "{ found: articles { nodes { title } } }".into(),
        "{ found: channels { articles { nodes { title } } } }".into(),
        "{ found: region(code: \"130000\") { articleCount { value } } }".into(),
        "{ found: site { articleCount { value } } }".into(),
    ];
    let mut before = Vec::new();
    for question in &questions {
        before.push(app.anon.query(question).await.json);
        assert_eq!(&app.anon.query(question).await.json, before.last().unwrap());
    }
    assert_eq!(hits(&app), questions.len() as u64);
    make::publish(&app, &made, json!({})).await;
    for (question, before) in questions.iter().zip(&before) {
        assert_ne!(&app.anon.query(question).await.json, before, "{question}");
    }
}

#[tokio::test]
async fn what_a_page_recommends_is_linked_when_it_comes() {
    let app = quiet().await;
    import(&app, &Page::default().file()).await;
    let question = "{ articles { nodes { slug importedFrom { recommended { title \
                    article { title } } } } } }";
    let slug = app.anon.query(question).await.data("/articles/nodes/0/slug").clone();
    let of_first = format!(
        "{{ article(slug: {slug}) {{ importedFrom {{ recommended {{ title article {{ title }} }} }} }} }}"
    );
    let link = async || {
        let answer = app.anon.query(&of_first).await;
        answer.data("/article/importedFrom/recommended/0/article").clone()
    };
    assert_eq!(link().await, Value::Null);
    assert_eq!(link().await, Value::Null);
    assert_eq!(hits(&app), 1);
    let page = Page { title: "雨后的集市", text: "集市散了。", ..Page::default() };
    import(&app, &page.file()).await;
    assert_eq!(link().await["title"], "雨后的集市");
}

#[tokio::test]
async fn an_answer_lives_no_longer_than_until_something_appears_by_itself() {
    let app = quiet().await;
    let times = json!({ "publishAt": app.in_time(HOUR), "unpublishAt": app.in_time(HOUR * 2) });
    make::article("甲").published_with(&app, times).await;
    followed(&app).await;
    let none: [&str; 0] = [];
    assert_eq!(titles(&app.anon).await, none);
    for (expected, by) in [(&none[..], -1), (&["甲"], 0), (&["甲"], 1)] {
        app.advance(TimeDelta::milliseconds(if by < 0 { 3_600_000 + by } else { 1 }));
        assert_eq!(titles(&app.anon).await, expected, "{by}");
    }
    followed(&app).await;
    assert_eq!(titles(&app.anon).await, ["甲"]);
    let before = hits(&app);
    assert_eq!(titles(&app.anon).await, ["甲"]);
    assert_eq!(hits(&app), before + 1, "it is kept until the next time");
    app.advance(HOUR);
    assert_eq!(titles(&app.anon).await, none);
}

#[tokio::test]
async fn another_instance_follows_and_one_that_does_not_keeps_nothing() {
    let app = quiet().await;
    let other = app.second_server_with(|config| config.cache_size = 64).await;
    titles(&other.anon).await;
    make::article("甲").published(&app).await;
    other.caught_up().await;
    assert_eq!(titles(&other.anon).await, ["甲"]);
    // One that cannot read the change log makes each answer anew.
    assert_eq!(titles(&app.anon).await, ["甲"]);
    make::article("乙").published(&other).await;
    app.app.cache.close();
    let before = hits(&app);
    for _ in 0..2 {
        assert_eq!(titles(&app.anon).await, ["乙", "甲"]);
    }
    assert_eq!(hits(&app), before);
    assert_eq!(app.app.cache.counts.bypassed.load(Relaxed), 2);
}

#[tokio::test]
async fn who_has_not_looked_into_the_change_log_in_time_keeps_nothing() {
    let app = quiet_with(|config| config.cache_lag = 0).await;
    for _ in 0..2 {
        app.anon.query(NEWEST).await;
    }
    assert_eq!((hits(&app), app.app.cache.counts.bypassed.load(Relaxed)), (0, 2));
}

#[tokio::test]
async fn no_more_is_kept_than_the_setting_allows() {
    let app = quiet_with(|config| config.cache_size = 1).await;
    let made = make::article("甲").with("body", "长".repeat(30_000)).published(&app).await;
    followed(&app).await;
    for number in 0..30 {
        let question =
            format!("{{ a{number}: article(id: \"{}\") {{ body {{ text }} }} }}", made.id);
        app.anon.query(&question).await;
        let weight = app.app.cache.weight();
        assert!((100_000..=1 << 20).contains(&weight), "{weight} after {number}");
    }
}

#[tokio::test]
async fn an_answer_that_was_begun_before_a_change_is_not_kept() {
    let app = quiet().await;
    let cache = &app.app.cache;
    let moment = cache.moment();
    let reads = redian::cache::reads::Reads::kept();
    reads.tag("articles");
    make::article("甲").published(&app).await;
    assert!(cache.made(&reads.noted(), moment).is_none());
    assert!(cache.made(&reads.noted(), cache.moment()).is_some());
}

#[tokio::test]
async fn who_may_see_more_is_neither_answered_from_what_is_kept_nor_kept() {
    let app = quiet().await;
    let made = make::article("甲").with("slug", "one").draft(&app).await;
    followed(&app).await;
    let question = "{ article(slug: \"one\") { title } }";
    for _ in 0..2 {
        assert_eq!(app.anon.query(question).await.data("/article"), &Value::Null);
        assert_eq!(app.editor.query(question).await.data("/article/title"), "甲");
    }
    let input = json!({ "id": made.id });
    let answer = app.editor.mutate("createArticlePreview", input, "preview { secret }").await;
    let preview =
        app.with_token(answer.data("/createArticlePreview/preview/secret").as_str().unwrap());
    assert_eq!(preview.query(question).await.data("/article/title"), "甲");
    // A build of the site sees what the public sees.
    let before = hits(&app);
    let build = app.with_scopes(&["unlimited"]).await;
    assert_eq!(build.query(question).await.data("/article"), &Value::Null);
    assert_eq!(hits(&app), before + 1);
}

#[tokio::test]
async fn what_is_true_once_or_is_wrong_is_made_each_time() {
    let app = quiet().await;
    let made = make::article("甲").published(&app).await;
    followed(&app).await;
    let series = format!(
        "{{ article(id: \"{}\") {{ views {{ total series(from: \"2026-03-01T00:00:00Z\", \
         to: \"2026-03-02T00:00:00Z\") {{ points {{ views }} }} }} }} }}",
        made.id
    );
    for question in [
        series.as_str(),
        "{ changes { pageInfo { endCursor } } }",
        "{ articles(first: 0) { nodes { title } } }",
        "{ site { name } tokens { nodes { name } } }",
        "{ nothing }",
        "mutation { recordViews(input: { events: [] }) { results { verdict } } }",
    ] {
        for _ in 0..2 {
            app.anon.query(question).await;
        }
    }
    assert_eq!(hits(&app), 0);
    view(&app, &made).await;
    assert_eq!(app.anon.query(&series).await.data("/article/views/total"), 1);
}

#[tokio::test]
async fn all_that_decides_an_answer_tells_it_from_others() {
    let app = quiet().await;
    make::article("甲").published(&app).await;
    followed(&app).await;
    for _ in 0..2 {
        let plain = get(&app.anon, NEWEST, &[("accept", "application/json")]).await;
        assert_eq!(header(&plain, "content-type"), "application/json; charset=utf-8");
        let accept = "application/graphql-response+json";
        let other = get(&app.anon, NEWEST, &[("accept", accept)]).await;
        assert!(header(&other, "content-type").starts_with(accept));
        let cost = get(&app.anon, NEWEST, &[("graphql-cost", "report")]).await;
        let cost: Value = cost.json().await.unwrap();
        assert!(cost["extensions"]["cost"]["requested"].is_number(), "{cost}");
        let packed = get(&app.anon, NEWEST, &[("accept-encoding", "gzip")]).await;
        assert_eq!(header(&packed, "content-encoding"), "gzip");
        let refused =
            app.anon.post("/graphql", "text/plain", json!({ "query": NEWEST }).to_string());
        assert_eq!(refused.await.status, 415);
    }
    let query = "query($first: Int) { articles(first: $first) { nodes { title } } }";
    make::article("乙").published(&app).await;
    for first in [1, 2, 1, 2] {
        let answer = app.anon.query_with(query, json!({ "first": first })).await;
        assert_eq!(answer.data("/articles/nodes").as_array().unwrap().len(), first);
    }
}

#[tokio::test]
async fn many_who_ask_the_same_at_once_wait_for_one_answer() {
    let app = quiet().await;
    for title in ["甲", "乙"] {
        make::article(title).about(&["130104"]).published(&app).await;
    }
    followed(&app).await;
    let question = "{ articles { nodes { title regions { name } slugs } } }";
    let before = app.app.db.statements();
    app.anon.query(question).await;
    let alone = app.app.db.statements() - before;
    app.app.cache.drop_all();
    let asking = (0..50).map(|_| {
        let client = app.anon.clone();
        tokio::spawn(async move { client.query(question).await.json })
    });
    let answers = futures_util::future::join_all(asking.collect::<Vec<_>>()).await;
    let first = answers[0].as_ref().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == first));
    assert_eq!(app.app.db.statements() - before, 2 * alone);
}

#[tokio::test]
async fn the_rate_limit_holds_for_what_is_kept() {
    let app = quiet_with(|config| config.rate_limit = 3).await;
    for _ in 0..3 {
        assert_eq!(app.anon.query(NEWEST).await.status, 200);
    }
    assert_eq!(app.anon.query(NEWEST).await.status, 429);
}

#[tokio::test]
async fn an_operation_that_is_not_registered_is_refused_whatever_is_kept() {
    let folder = crate::helpers::import::Folder::new();
    let file = folder.write("list.json", json!({ "known": NEWEST }).to_string());
    let app = quiet_with(|config| config.safelist = Some(file.into())).await;
    for _ in 0..2 {
        assert_eq!(app.anon.query(NEWEST).await.status, 200);
        let other = app.anon.query("{ site { name } }").await;
        assert_eq!(other.code(), "PERSISTED_QUERY_NOT_IN_LIST");
    }
    assert_eq!(hits(&app), 1);
}
