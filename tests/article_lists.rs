//! Lists of articles: which ones, in which order, in pages that neither repeat
//! nor skip anything.

use chrono::TimeDelta;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::database;
use crate::helpers::make;
use crate::helpers::make::Made;

async fn titles(client: &Client, arguments: &str) -> Vec<String> {
    let query = format!("{{ articles({arguments}) {{ nodes {{ title }} }} }}");
    client.query(&query).await.each("/articles/nodes", "title")
}

/// Six articles, one a minute.
async fn portal(app: &TestApp) -> Vec<Made> {
    make::channel(app, "news", "新闻").await;
    make::channel(app, "tech", "科技").await;
    let agency = json!({ "name": "新华社" });
    let articles = [
        make::article("石家庄")
            .about(&["130100"])
            .with("channel", "news")
            .with("source", agency.clone()),
        make::article("桥西").about(&["130104"]).with("channel", "tech").with("tags", vec!["经济"]),
        make::article("河北")
            .about(&["130000"])
            .with("channel", "news")
            .with("tags", vec!["经济", "快讯"]),
        make::article("深圳").about(&["440300", "130102"]).with("source", agency),
        make::article("东城").about(&["110101"]).with("tags", vec!["快讯"]),
        make::article("无"),
    ];
    let mut made = Vec::new();
    for article in articles {
        made.push(article.published(app).await);
        app.advance(TimeDelta::minutes(1));
    }
    made
}

#[tokio::test]
async fn filters_give_what_they_name_the_newest_first() {
    let app = TestApp::start().await;
    let made = portal(&app).await;
    let (first, fourth) = (&made[0].id, made[3].uuid());
    let minute = |minute: i64| app.in_time(TimeDelta::minutes(minute - 6));
    let cases: Vec<(String, Vec<&str>)> = vec![
        ("".into(), vec!["无", "东城", "深圳", "河北", "桥西", "石家庄"]),
        ("region: \"130100\"".into(), vec!["深圳", "桥西", "石家庄"]),
        ("region: \"130100\", includeDescendants: false".into(), vec!["石家庄"]),
        ("region: \"130104\", includeDescendants: false".into(), vec!["桥西"]),
        ("region: \"hebei\"".into(), vec!["深圳", "河北", "桥西", "石家庄"]),
        ("region: \"/hebei/\"".into(), vec!["深圳", "河北", "桥西", "石家庄"]),
        ("region: \"hebei\", includeDescendants: false".into(), vec!["河北"]),
        ("region: \"hebei/shijiazhuang/qiaoxi\"".into(), vec!["桥西"]),
        ("region: \"beijing\"".into(), vec!["东城"]),
        ("region: \"110000\"".into(), vec!["东城"]),
        ("region: \"beijing\", includeDescendants: false".into(), vec![]),
        ("channel: \"news\"".into(), vec!["河北", "石家庄"]),
        ("channel: \"tech\"".into(), vec!["桥西"]),
        ("tag: \"快讯\"".into(), vec!["东城", "河北"]),
        ("tag: \"快\"".into(), vec![]),
        ("source: \"新华社\"".into(), vec!["深圳", "石家庄"]),
        ("source: \"新华\"".into(), vec![]),
        (format!("ids: [\"{first}\", \"{fourth}\"]"), vec!["深圳", "石家庄"]),
        (format!("ids: [\"{}\"]", database::nobody()), vec![]),
        ("ids: []".into(), vec![]),
        (format!("publishedFrom: \"{}\"", minute(4)), vec!["无", "东城"]),
        (format!("publishedUntil: \"{}\"", minute(1)), vec!["石家庄"]),
        (
            format!("publishedFrom: \"{}\", publishedUntil: \"{}\"", minute(1), minute(3)),
            vec!["河北", "桥西"],
        ),
        (format!("publishedFrom: \"{}\", publishedUntil: \"{0}\"", minute(1)), vec![]),
        (format!("region: \"hebei\", publishedFrom: \"{}\"", minute(2)), vec!["深圳", "河北"]),
        (format!("tag: \"经济\", publishedUntil: \"{}\"", minute(2)), vec!["桥西"]),
        (format!("channel: \"news\", publishedFrom: \"{}\"", minute(1)), vec!["河北"]),
        (format!("source: \"新华社\", publishedUntil: \"{}\"", minute(1)), vec!["石家庄"]),
        (format!("ids: [\"{first}\"], publishedFrom: \"{}\"", minute(1)), vec![]),
    ];
    for (filter, mut expected) in cases {
        let newest = titles(&app.anon, &format!("filter: {{ {filter} }}")).await;
        assert_eq!(newest, expected, "{filter}");
        expected.reverse();
        let oldest = titles(&app.anon, &format!("orderBy: OLDEST, filter: {{ {filter} }}")).await;
        assert_eq!(oldest, expected, "{filter}, oldest first");
    }
}

#[tokio::test]
async fn time_ranges_are_exact_to_the_millisecond() {
    let app = TestApp::start().await;
    let at = |micros: i64| app.in_time(TimeDelta::microseconds(micros)).replace('Z', "");
    let (now, later) = (at(0), at(1000));
    make::article("此刻").published(&app).await;
    let cases = [
        (format!("publishedFrom: \"{now}Z\""), true),
        (format!("publishedFrom: \"{later}Z\""), false),
        (format!("publishedFrom: \"{now}001Z\""), false),
        (format!("publishedUntil: \"{now}Z\""), false),
        (format!("publishedUntil: \"{now}001Z\""), true),
        (format!("publishedUntil: \"{later}Z\""), true),
        (format!("publishedFrom: \"{}+08:00\"", now.replace("T08", "T16")), true),
        (format!("publishedFrom: \"{}+08:00\"", later.replace("T08", "T16")), false),
        ("publishedFrom: \"0001-01-01T00:00:00Z\"".into(), true),
        ("publishedUntil: \"9999-12-31T23:59:59Z\"".into(), true),
    ];
    for (filter, found) in cases {
        let titles = titles(&app.anon, &format!("filter: {{ {filter} }}")).await;
        assert_eq!(titles.len(), usize::from(found), "{filter}");
    }
}

#[tokio::test]
async fn what_nobody_knows_gives_an_empty_list() {
    let app = TestApp::start().await;
    make::article("甲").about(&["130104"]).with("tags", vec!["经济"]).published(&app).await;
    let long = "长".repeat(5000);
    for value in ["", "nowhere", "999999", "' OR 1=1 --", "%", "🎉", "a\0b", "\0", &long] {
        for field in ["region", "channel", "tag", "source"] {
            let query = "query($filter: ArticleFilter) { articles(filter: $filter) { \
                         pageInfo { hasNextPage hasPreviousPage } nodes { id } } }";
            let answer = app.anon.query_with(query, json!({ "filter": { field: value } })).await;
            let expected = json!({
                "pageInfo": { "hasNextPage": false, "hasPreviousPage": false }, "nodes": [],
            });
            assert_eq!(answer.data("/articles"), &expected, "{field}: {value:?}");
        }
        let query = "query($text: String!) { article(slug: $text) { id } \
                     channel(slug: $text) { id } code: region(code: $text) { id } \
                     path: region(path: $text) { id } }";
        let answer = app.anon.query_with(query, json!({ "text": value })).await;
        let nothing = json!({ "article": null, "channel": null, "code": null, "path": null });
        assert_eq!(answer.data(""), &nothing, "{value:?}");
    }
}

#[tokio::test]
async fn wrong_ids_and_too_many_are_refused() {
    let app = TestApp::start().await;
    let many: Vec<String> = (0..101).map(|_| database::nobody().to_string()).collect();
    let region = redian::id::encode("Region", "130104");
    let query = "query($ids: [ID!]) { articles(filter: { ids: $ids }) { nodes { id } } }";
    for (ids, code) in [
        (json!(many), Some("BAD_USER_INPUT")),
        (json!(many[1..]), None),
        (json!(["nonsense"]), Some("BAD_USER_INPUT")),
        (json!([region]), Some("BAD_USER_INPUT")),
    ] {
        let answer = app.anon.query_with(query, json!({ "ids": ids })).await;
        match code {
            Some(code) => {
                assert_eq!(answer.code(), code, "{ids}");
                assert!(answer.message().contains("`ids`"), "{}", answer.message());
            }
            None => assert_eq!(answer.data("/articles/nodes"), &json!([])),
        }
    }
}

#[tokio::test]
async fn combinations_that_no_index_serves_are_refused() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let lists = [
        ("region", "region: \"hebei\""),
        ("channel", "channel: \"news\""),
        ("tag", "tag: \"经济\""),
        ("source", "source: \"新华社\""),
        ("ids", "ids: []"),
        ("state", "state: PUBLISHED"),
    ];
    let mut cases = Vec::new();
    for (at, (name, one)) in lists.iter().enumerate() {
        for (other_name, other) in &lists[at + 1..] {
            cases.push((format!("filter: {{ {one}, {other} }}"), vec![*name, *other_name]));
        }
        if *name != "state" {
            let arguments = format!("orderBy: RECENTLY_UPDATED, filter: {{ {one} }}");
            cases.push((arguments, vec!["RECENTLY_UPDATED"]));
        }
    }
    for range in ["publishedFrom", "publishedUntil"] {
        let filter = format!("filter: {{ {range}: \"2026-01-01T00:00:00Z\" }}");
        cases.push((format!("orderBy: RECENTLY_UPDATED, {filter}"), vec!["RECENTLY_UPDATED"]));
    }
    cases.push(("filter: { state: DRAFT }".into(), vec!["Drafts", "RECENTLY_UPDATED"]));
    cases.push(("orderBy: OLDEST, filter: { state: DRAFT }".into(), vec!["Drafts"]));
    for (arguments, named) in cases {
        let query = format!("{{ articles({arguments}) {{ nodes {{ id }} }} }}");
        let answer = app.editor.query(&query).await;
        assert_eq!(answer.code(), "UNSUPPORTED_COMBINATION", "{query}");
        let message = answer.message();
        assert!(named.iter().all(|name| message.contains(name)), "{query}: {message}");
    }
    for inside in ["region(code: \"130000\")", "channel(slug: \"news\")"] {
        let list = "articles(orderBy: RECENTLY_UPDATED) { nodes { id } }";
        for client in [&app.anon, &app.editor] {
            let answer = client.query(&format!("{{ {inside} {{ {list} }} }}")).await;
            assert_eq!(answer.code(), "UNSUPPORTED_COMBINATION", "{inside}");
        }
    }
}

#[tokio::test]
async fn limits_of_pages_are_named_when_they_are_broken() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let lists = [
        "articles(ARGUMENTS) { nodes { id } }",
        "region(code: \"130000\") { articles(ARGUMENTS) { nodes { id } } }",
        "channel(slug: \"news\") { articles(ARGUMENTS) { nodes { id } } }",
    ];
    let cases = [
        ("first: 0", "`first` must be from 1 to 100"),
        ("first: 101", "`first` must be from 1 to 100"),
        ("first: -1", "`first` must be from 1 to 100"),
        ("first: 2147483647", "`first` must be from 1 to 100"),
        ("last: 0", "`last` must be from 1 to 100"),
        ("last: 101", "`last` must be from 1 to 100"),
        ("last: -2147483648", "`last` must be from 1 to 100"),
        ("first: 1, last: 1", "`first` or `last`, not both"),
    ];
    for list in lists {
        for (arguments, message) in cases {
            let query = format!("{{ {} }}", list.replace("ARGUMENTS", arguments));
            let answer = app.anon.query(&query).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{query}");
            assert!(answer.message().contains(message), "{query}: {}", answer.message());
        }
        for arguments in ["first: 1", "first: 100", "last: 1", "last: 100"] {
            let answer =
                app.anon.query(&format!("{{ {} }}", list.replace("ARGUMENTS", arguments))).await;
            assert_eq!(answer.json.get("errors"), None, "{arguments}");
        }
    }
    for first in [0, 101, -1] {
        let query = format!("{{ regions(first: {first}) {{ nodes {{ id }} }} }}");
        let answer = app.anon.query(&query).await;
        assert!(answer.message().contains("`first` must be from 1 to 100"), "{first}");
    }
}

#[tokio::test]
async fn a_page_has_twenty_articles_when_nobody_says() {
    let app = TestApp::start().await;
    for number in 0..21 {
        make::article(&format!("第{number}篇")).about(&["130104"]).published(&app).await;
    }
    assert_eq!(titles(&app.anon, "filter: {}").await.len(), 20);
    let answer = app.anon.query("{ region(code: \"130000\") { articles { nodes { id } } } }").await;
    assert_eq!(answer.data("/region/articles/nodes").as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn what_is_no_cursor_is_refused() {
    let app = TestApp::start().await;
    let regions = app.anon.query("{ regions(first: 1) { edges { cursor } } }").await;
    let foreign = regions.data("/regions/edges/0/cursor").as_str().unwrap().to_owned();
    let made = make::article("甲").published(&app).await;
    for cursor in ["", "x", "AAAA", "====", "é", "\0", &foreign, &made.id, &"A".repeat(32_000)] {
        for (name, limit) in [("after", "first"), ("before", "last"), ("before", "first")] {
            let query = format!(
                "query($cursor: String) {{ articles({name}: $cursor, {limit}: 5) {{ nodes {{ id }} }} }}"
            );
            let answer = app.anon.query_with(&query, json!({ "cursor": cursor })).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{name}: {cursor:?}");
            assert!(answer.message().contains(&format!("`{name}`")), "{}", answer.message());
        }
    }
    let answer = app.anon.query("{ regions(after: \"x\") { nodes { id } } }").await;
    assert!(answer.message().contains("`after`"), "{}", answer.message());
}

#[tokio::test]
async fn articles_of_the_same_instant_are_ordered_by_id() {
    let app = TestApp::start().await;
    let mut drafts = Vec::new();
    for number in 0..5 {
        let draft = make::article(&format!("第{number}篇")).about(&["130104"]);
        drafts.push(draft.with("tags", vec!["同"]).draft(&app).await);
    }
    // Published in another order than created.
    for at in [3, 0, 4, 1, 2] {
        make::publish(&app, &drafts[at], json!({})).await;
    }
    let mut by_id: Vec<(uuid::Uuid, String)> =
        drafts.iter().map(|draft| (draft.uuid(), draft.id.clone())).collect();
    by_id.sort();
    let mut ids: Vec<String> = by_id.into_iter().map(|(_, id)| id).collect();
    for order in ["OLDEST", "NEWEST"] {
        for filter in ["{}", "{ tag: \"同\" }", "{ region: \"130000\" }"] {
            let query =
                format!("{{ articles(orderBy: {order}, filter: {filter}) {{ nodes {{ id }} }} }}");
            let found = app.anon.query(&query).await.each("/articles/nodes", "id");
            assert_eq!(found, ids, "{order} {filter}");
        }
        ids.reverse();
    }
}

#[tokio::test]
async fn orders_and_states_for_editors_need_a_token_that_may_read_drafts() {
    let app = TestApp::start().await;
    make::article("草稿").draft(&app).await;
    let nothing = app.with_scopes(&["count"]).await;
    let reader_of_drafts = app.with_scopes(&["read-drafts"]).await;
    for arguments in [
        "orderBy: RECENTLY_UPDATED",
        "filter: { state: DRAFT }",
        "filter: { state: DRAFT }, orderBy: RECENTLY_UPDATED",
        "filter: { state: PUBLISHED }",
        "filter: { state: WITHDRAWN }",
        "filter: { state: PUBLISHED, region: \"nowhere\" }",
        "filter: { channel: \"nowhere\" }, orderBy: RECENTLY_UPDATED",
    ] {
        let query = format!("{{ articles({arguments}) {{ nodes {{ title }} }} }}");
        assert_eq!(app.anon.query(&query).await.code(), "UNAUTHENTICATED", "{arguments}");
        let answer = nothing.query(&query).await;
        assert_eq!(answer.code(), "FORBIDDEN", "{arguments}");
        assert!(answer.message().contains("`read-drafts`"), "{}", answer.message());
    }
    for client in [&reader_of_drafts, &app.editor] {
        assert_eq!(titles(client, "orderBy: RECENTLY_UPDATED").await, ["草稿"]);
        assert_eq!(titles(client, "filter: { state: PUBLISHED }").await, [""; 0]);
    }
}

#[tokio::test]
async fn recently_updated_has_the_last_changed_first() {
    let app = TestApp::start().await;
    let mut made = Vec::new();
    for title in ["甲", "乙", "丙"] {
        made.push(make::article(title).draft(&app).await);
        app.advance(TimeDelta::minutes(1));
    }
    assert_eq!(titles(&app.editor, "orderBy: RECENTLY_UPDATED").await, ["丙", "乙", "甲"]);
    let first = make::renamed(&app, &made[0], "changed").await;
    assert_eq!(titles(&app.editor, "orderBy: RECENTLY_UPDATED").await, ["甲", "丙", "乙"]);
    app.advance(TimeDelta::minutes(1));
    make::publish(&app, &made[1], json!({})).await;
    make::publish(&app, &first, json!({})).await;
    let drafts = "orderBy: RECENTLY_UPDATED, filter: { state: DRAFT }";
    assert_eq!(titles(&app.editor, drafts).await, ["丙"]);
    let published = "orderBy: RECENTLY_UPDATED, filter: { state: PUBLISHED }";
    assert_eq!(titles(&app.editor, published).await, ["乙", "甲"]);
}
