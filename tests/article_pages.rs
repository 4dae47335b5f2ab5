//! Paging: forward and backward give one and the same sequence, also while
//! articles are published between the pages.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make;

/// Every kind of list that pages: the query around its arguments, and where
/// its connection stands.
const LISTS: [(&str, &str); 7] = [
    ("articles(ARGUMENTS) { FIELDS }", "/articles"),
    ("articles(filter: { tag: \"同\" }, ARGUMENTS) { FIELDS }", "/articles"),
    ("articles(filter: { source: \"某报\" }, ARGUMENTS) { FIELDS }", "/articles"),
    ("articles(filter: { region: \"hebei\" }, ARGUMENTS) { FIELDS }", "/articles"),
    ("region(code: \"130000\") { articles(ARGUMENTS) { FIELDS } }", "/region/articles"),
    (
        "region(code: \"130104\") { articles(includeDescendants: false, ARGUMENTS) { FIELDS } }",
        "/region/articles",
    ),
    ("channel(slug: \"news\") { articles(ARGUMENTS) { FIELDS } }", "/channel/articles"),
];

async fn publish(app: &TestApp, title: &str) {
    make::article(title)
        .about(&["130104"])
        .with("channel", "news")
        .with("tags", vec!["同"])
        .with("source", json!({ "name": "某报" }))
        .published(app)
        .await;
}

/// Seven articles, of which three share an instant; the oldest first.
async fn portal(app: &TestApp) -> Vec<String> {
    make::channel(app, "news", "新闻").await;
    let mut titles = Vec::new();
    for number in 1..=7 {
        let title = format!("第{number}篇");
        publish(app, &title).await;
        titles.push(title);
        if !(3..5).contains(&number) {
            app.advance(TimeDelta::milliseconds(1));
        }
    }
    titles
}

async fn page(app: &TestApp, list: (&str, &str), arguments: &str) -> Value {
    let fields = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } \
                  edges { cursor node { title } } nodes { title }";
    let query =
        format!("{{ {} }}", list.0.replace("ARGUMENTS", arguments).replace("FIELDS", fields));
    app.anon.query(&query).await.data(list.1).clone()
}

fn titles(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
}

/// All pages one after the other, in the list's order. Behind each of the first
/// three pages, but the last one, an article is published.
async fn walk(
    app: &TestApp,
    list: (&str, &str),
    order: &str,
    size: usize,
    backward: bool,
) -> Vec<String> {
    let (limit, bound) = if backward { ("last", "before") } else { ("first", "after") };
    let (cursor_name, more_name) =
        if backward { ("startCursor", "hasPreviousPage") } else { ("endCursor", "hasNextPage") };
    let mut found: Vec<String> = Vec::new();
    let mut arguments = format!("orderBy: {order}, {limit}: {size}");
    for number in 0..40 {
        let page = page(app, list, &arguments).await;
        let mut titles = titles(&page);
        assert!(titles.len() <= size, "{titles:?}");
        if backward {
            titles.append(&mut found);
            found = titles;
        } else {
            found.append(&mut titles);
        }
        if page["pageInfo"][more_name] == false {
            return found;
        }
        let cursor = &page["pageInfo"][cursor_name];
        arguments = format!("orderBy: {order}, {limit}: {size}, {bound}: {cursor}");
        if number < 3 {
            app.advance(TimeDelta::milliseconds(1));
            publish(app, &format!("其间{}", app.app.clock.now().timestamp_millis())).await;
        }
    }
    panic!("no end: {found:?}");
}

#[tokio::test]
async fn pages_in_both_directions_give_one_sequence_while_articles_are_published() {
    let app = TestApp::start().await;
    portal(&app).await;
    for list in LISTS {
        for size in [1, 2, 3] {
            for (order, backward) in
                [("NEWEST", false), ("NEWEST", true), ("OLDEST", false), ("OLDEST", true)]
            {
                let all = format!("orderBy: {order}, first: 100");
                let before = titles(&page(&app, list, &all).await);
                assert_eq!(before.len(), 7, "{before:?}");
                let walked = walk(&app, list, order, size, backward).await;
                let after = titles(&page(&app, list, &all).await);
                assert!(after.len() >= before.len() + 2, "{after:?}");
                // A walk away from the new articles does not meet them, one
                // towards them does.
                let away = (order == "NEWEST") != backward;
                let expected = if away { before } else { after };
                assert_eq!(walked, expected, "{list:?} {order} {size} backward: {backward}");
                forget_new_ones(&app).await;
            }
        }
    }
}

/// Withdraws what a walk published.
async fn forget_new_ones(app: &TestApp) {
    let answer = app.editor.query("{ articles(first: 3) { nodes { id title } } }").await;
    for node in answer.data("/articles/nodes").as_array().unwrap() {
        if node["title"].as_str().unwrap().starts_with("其间") {
            let input = json!({ "id": node["id"] });
            let answer = app.editor.mutate("withdrawArticle", input, "article { id }").await;
            assert_eq!(answer.user_errors(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_page_tells_whether_there_are_more_in_each_direction() {
    let app = TestApp::start().await;
    let oldest_first = portal(&app).await;
    for list in LISTS {
        let all = page(&app, list, "orderBy: OLDEST").await;
        let cursor = |at: usize| all["edges"][at]["cursor"].to_string();
        let cases = [
            ("first: 3".to_owned(), 0..3, false, true),
            ("first: 7".into(), 0..7, false, false),
            ("first: 100".into(), 0..7, false, false),
            ("last: 3".into(), 4..7, true, false),
            ("last: 7".into(), 0..7, false, false),
            (format!("first: 3, after: {}", cursor(0)), 1..4, true, true),
            (format!("first: 3, after: {}", cursor(3)), 4..7, true, false),
            (format!("first: 3, after: {}", cursor(6)), 7..7, true, false),
            (format!("last: 3, before: {}", cursor(6)), 3..6, true, true),
            (format!("last: 3, before: {}", cursor(3)), 0..3, false, true),
            (format!("last: 3, before: {}", cursor(0)), 0..0, false, true),
            (format!("first: 2, after: {}, before: {}", cursor(1), cursor(5)), 2..4, true, true),
            (format!("last: 2, after: {}, before: {}", cursor(1), cursor(5)), 3..5, true, true),
        ];
        for (arguments, range, previous, next) in cases {
            let page = page(&app, list, &format!("orderBy: OLDEST, {arguments}")).await;
            assert_eq!(titles(&page), oldest_first[range.clone()], "{list:?} {arguments}");
            let info = &page["pageInfo"];
            assert_eq!(info["hasPreviousPage"], previous, "{list:?} {arguments}");
            assert_eq!(info["hasNextPage"], next, "{list:?} {arguments}");
            let edges = page["edges"].as_array().unwrap();
            let cursor =
                |edge: Option<&Value>| edge.map_or(Value::Null, |edge| edge["cursor"].clone());
            assert_eq!(info["startCursor"], cursor(edges.first()), "{arguments}");
            assert_eq!(info["endCursor"], cursor(edges.last()), "{arguments}");
        }
    }
}

#[tokio::test]
async fn a_cursor_goes_on_working_when_its_article_is_gone() {
    let app = TestApp::start().await;
    let oldest_first = portal(&app).await;
    for list in LISTS {
        let all = page(&app, list, "orderBy: OLDEST").await;
        let cursor = all["edges"][3]["cursor"].to_string();
        let after = format!("orderBy: OLDEST, first: 2, after: {cursor}");
        assert_eq!(titles(&page(&app, list, &after).await), oldest_first[4..6], "{list:?}");
    }
    let all = page(&app, LISTS[0], "orderBy: OLDEST").await;
    let cursor = all["edges"][3]["cursor"].to_string();
    let query = "{ articles(orderBy: OLDEST, first: 4) { nodes { id } } }";
    let ids = app.anon.query(query).await.each("/articles/nodes", "id");
    let answer = app.editor.mutate("deleteArticle", json!({ "id": ids[3] }), "deletedId").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    for list in LISTS {
        let after = format!("orderBy: OLDEST, first: 2, after: {cursor}");
        assert_eq!(titles(&page(&app, list, &after).await), oldest_first[4..6], "{list:?}");
        let before = format!("orderBy: OLDEST, last: 2, before: {cursor}");
        assert_eq!(titles(&page(&app, list, &before).await), oldest_first[1..3], "{list:?}");
    }
}
