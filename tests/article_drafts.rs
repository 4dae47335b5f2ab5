//! What is not public cannot be seen by readers, by any road.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::make;
use crate::helpers::make::Made;

const SEEN: &str = "看得见";
const CODE: &str = "130104";

/// An article that readers do not see.
struct Hidden {
    title: &'static str,
    made: Made,
    old_slug: String,
}

/// One of each kind, and a published one, all of the same channel, tag, source
/// and region.
struct Portal {
    app: TestApp,
    hidden: Vec<Hidden>,
    seen: Made,
}

async fn portal() -> Portal {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let mut hidden = Vec::new();
    for title in ["草稿", "未到点", "已过期", "已撤回", "已删除"] {
        let draft = common(title).draft(&app).await;
        let made = make::renamed(&app, &draft, &format!("{}-2026", draft.slug)).await;
        let (soon, later) = (TimeDelta::minutes(1), TimeDelta::hours(1));
        let made = match title {
            "草稿" => made,
            "未到点" => {
                make::publish(&app, &made, json!({ "publishAt": app.in_time(later) })).await
            }
            "已过期" => {
                make::publish(&app, &made, json!({ "unpublishAt": app.in_time(soon) })).await
            }
            "已撤回" => {
                let made = make::publish(&app, &made, json!({})).await;
                make::withdraw(&app, &made).await
            }
            _ => {
                let made = make::publish(&app, &made, json!({})).await;
                make::delete(&app, &made).await;
                made
            }
        };
        hidden.push(Hidden { title, made, old_slug: draft.slug });
    }
    let seen = common(SEEN).published(&app).await;
    app.advance(TimeDelta::minutes(1));
    Portal { app, hidden, seen }
}

fn common(title: &str) -> make::ArticleBuilder {
    make::article(title)
        .about(&[CODE])
        .with("channel", "news")
        .with("tags", vec!["同一标签"])
        .with("source", json!({ "name": "某报" }))
}

/// Every list a reader can ask for, and where its connection stands.
fn lists(ids: &[&str]) -> Vec<(String, &'static str)> {
    let ids = serde_json::to_string(ids).unwrap();
    let filters = [
        "{}".to_owned(),
        format!("{{ region: \"{CODE}\", includeDescendants: false }}"),
        format!("{{ region: \"{CODE}\", includeDescendants: true }}"),
        "{ region: \"hebei\" }".into(),
        "{ region: \"130000\" }".into(),
        "{ channel: \"news\" }".into(),
        "{ tag: \"同一标签\" }".into(),
        "{ source: \"某报\" }".into(),
        format!("{{ ids: {ids} }}"),
        "{ publishedFrom: \"2000-01-01T00:00:00Z\", publishedUntil: \"2100-01-01T00:00:00Z\" }"
            .into(),
        "{ region: \"hebei\", publishedUntil: \"2100-01-01T00:00:00Z\" }".into(),
        "{ tag: \"同一标签\", publishedUntil: \"2100-01-01T00:00:00Z\" }".into(),
    ];
    let orders = ["NEWEST", "OLDEST"];
    let parts = ["first: 100", "last: 100", "first: 1", "last: 1"];
    let mut lists = Vec::new();
    for order in orders {
        for part in parts {
            let arguments = format!("{part}, orderBy: {order}");
            for filter in &filters {
                lists.push((
                    format!("articles({arguments}, filter: {filter}) {{ FIELDS }}"),
                    "/articles",
                ));
            }
            for (code, descendants) in [(CODE, false), (CODE, true), ("130000", true)] {
                let inner = format!(
                    "articles({arguments}, includeDescendants: {descendants}) {{ FIELDS }}"
                );
                lists.push((format!("region(code: \"{code}\") {{ {inner} }}"), "/region/articles"));
                let id = redian::id::encode("Region", code);
                let node = format!("node(id: \"{id}\") {{ ... on Region {{ {inner} }} }}");
                lists.push((node, "/node/articles"));
            }
            let inner = format!("articles({arguments}) {{ FIELDS }}");
            lists.push((format!("channel(slug: \"news\") {{ {inner} }}"), "/channel/articles"));
            lists.push((format!("channels {{ {inner} }}"), "/channels/0/articles"));
        }
    }
    lists
}

async fn assert_sees_only_the_public_one(portal: &Portal, client: &Client) {
    let mut ids: Vec<&str> = portal.hidden.iter().map(|hidden| &*hidden.made.id).collect();
    ids.push(&portal.seen.id);
    for (list, pointer) in lists(&ids) {
        let fields = "pageInfo { hasNextPage hasPreviousPage } edges { node { title } } \
                      nodes { title }";
        let query = format!("{{ {} }}", list.replace("FIELDS", fields));
        let answer = client.query(&query).await;
        let expected = json!({
            "pageInfo": { "hasNextPage": false, "hasPreviousPage": false },
            "edges": [{ "node": { "title": SEEN } }],
            "nodes": [{ "title": SEEN }],
        });
        assert_eq!(answer.data(pointer), &expected, "{query}");
    }
}

/// Every way to ask for one article.
fn single_roads(hidden: &Hidden) -> Vec<String> {
    let Made { id, slug, .. } = &hidden.made;
    vec![
        format!("article(id: \"{id}\")"),
        format!("article(id: \"{}\")", hidden.made.uuid()),
        format!("article(slug: \"{slug}\")"),
        format!("article(slug: \"{}\")", hidden.old_slug),
        format!("node(id: \"{id}\")"),
    ]
}

async fn by_road(client: &Client, road: &str) -> Value {
    let query = format!("{{ found: {road} {{ ... on Article {{ title }} }} }}");
    client.query(&query).await.data("/found").clone()
}

#[tokio::test]
async fn readers_find_nothing_that_is_not_public_by_id_or_slug() {
    let portal = portal().await;
    for hidden in &portal.hidden {
        for road in single_roads(hidden) {
            let found = by_road(&portal.app.anon, &road).await;
            assert_eq!(found, Value::Null, "{}: {road}", hidden.title);
        }
    }
    let seen = by_road(&portal.app.anon, &format!("node(id: \"{}\")", portal.seen.id)).await;
    assert_eq!(seen, json!({ "title": SEEN }));
}

#[tokio::test]
async fn nodes_has_a_null_in_the_place_of_each_hidden_article() {
    let portal = portal().await;
    let mut ids: Vec<&str> = portal.hidden.iter().map(|hidden| &*hidden.made.id).collect();
    ids.insert(2, &portal.seen.id);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Article { title } } }";
    let answer = portal.app.anon.query_with(query, json!({ "ids": ids })).await;
    let seen = json!({ "title": SEEN });
    assert_eq!(answer.data("/nodes"), &json!([null, null, seen, null, null, null]));
}

#[tokio::test]
async fn every_list_of_a_reader_has_only_the_public_article() {
    let portal = portal().await;
    assert_sees_only_the_public_one(&portal, &portal.app.anon).await;
}

#[tokio::test]
async fn a_token_that_may_not_read_drafts_sees_what_a_reader_sees() {
    let portal = portal().await;
    let client = portal.app.with_scopes(&["count"]).await;
    assert_sees_only_the_public_one(&portal, &client).await;
    for hidden in &portal.hidden {
        for road in single_roads(hidden) {
            assert_eq!(by_road(&client, &road).await, Value::Null, "{}: {road}", hidden.title);
        }
    }
}

#[tokio::test]
async fn an_editors_token_does_not_mix_hidden_articles_into_public_lists() {
    let portal = portal().await;
    assert_sees_only_the_public_one(&portal, &portal.app.editor).await;
}

#[tokio::test]
async fn the_count_of_articles_is_of_the_public_ones() {
    let portal = portal().await;
    for client in [&portal.app.anon, &portal.app.editor] {
        let answer = client.query("{ site { articleCount { value exact } } }").await;
        assert_eq!(answer.data("/site/articleCount"), &json!({ "value": 1, "exact": true }));
    }
}

#[tokio::test]
async fn cursors_of_an_editors_list_open_nothing_to_readers() {
    let portal = portal().await;
    let query = "{ articles(orderBy: RECENTLY_UPDATED) { edges { cursor node { title } } } }";
    let answer = portal.app.editor.query(query).await;
    let edges = answer.data("/articles/edges").as_array().unwrap().clone();
    assert_eq!(edges.len(), 5);
    for edge in edges {
        for arguments in ["first: 100, after", "last: 100, before"] {
            let cursor = &edge["cursor"];
            let query = format!("{{ articles({arguments}: {cursor}) {{ nodes {{ title }} }} }}");
            let titles = portal.app.anon.query(&query).await.each("/articles/nodes", "title");
            assert!(titles.iter().all(|title| title == SEEN), "{query}: {titles:?}");
        }
    }
}

#[tokio::test]
async fn a_recommended_entry_links_to_no_hidden_article() {
    let app = TestApp::start().await;
    let page = "01900000-0000-7000-8000-000000000001";
    let published = "2026-02-01T00:00:00Z";
    let mut lines = vec![json!({
        "type": "page", "id": page, "raw": "原页", "importedAt": published,
        "recommended": [{ "rank": 1, "title": "乙" }, { "rank": 2, "title": "丙" }],
    })];
    for title in ["甲", "乙", "丙"] {
        lines.push(json!({
            "type": "article", "title": title, "body": format!("{title}文"), "page": page,
            "publishedAt": published,
        }));
    }
    let input: Vec<String> = lines.iter().map(Value::to_string).collect();
    let output =
        cli::redian_with_input(&app.database.url, &["import", "-"], input.join("\n").as_bytes());
    assert!(output.status.success(), "{}", cli::text(&output.stderr));
    let answer = app.editor.query("{ articles { nodes { id title } } }").await;
    let ids = answer.data("/articles/nodes").as_array().unwrap();
    let of = |title: &str| ids.iter().find(|node| node["title"] == title).unwrap()["id"].clone();
    let input = json!({ "id": of("乙") });
    app.editor.mutate("withdrawArticle", input, "article { id }").await.user_errors();

    let query = format!(
        "{{ article(id: {}) {{ importedFrom {{ recommended {{ title article {{ title }} }} }} }} }}",
        of("甲")
    );
    let pointer = "/article/importedFrom/recommended";
    let other = json!({ "title": "丙", "article": { "title": "丙" } });
    let for_readers = json!([{ "title": "乙", "article": null }, other]);
    assert_eq!(app.anon.query(&query).await.data(pointer), &for_readers);
    let for_editors = json!([{ "title": "乙", "article": { "title": "乙" } }, other]);
    assert_eq!(app.editor.query(&query).await.data(pointer), &for_editors);
}

#[tokio::test]
async fn editors_and_those_who_read_drafts_see_all_that_exists() {
    let portal = portal().await;
    let reader_of_drafts = portal.app.with_scopes(&["read-drafts"]).await;
    for client in [&portal.app.editor, &reader_of_drafts] {
        for hidden in &portal.hidden {
            let expected = match hidden.title {
                "已删除" => Value::Null,
                title => json!({ "title": title }),
            };
            for road in single_roads(hidden) {
                assert_eq!(by_road(client, &road).await, expected, "{}: {road}", hidden.title);
            }
        }
        let lists = [
            ("filter: { state: DRAFT }, orderBy: RECENTLY_UPDATED", vec!["草稿"]),
            ("filter: { state: WITHDRAWN }", vec!["已撤回"]),
            ("filter: { state: PUBLISHED }, orderBy: OLDEST", vec!["已过期", SEEN, "未到点"]),
            ("orderBy: RECENTLY_UPDATED, last: 4", vec![SEEN, "已撤回", "已过期", "草稿"]),
        ];
        for (arguments, expected) in lists {
            let query = format!("{{ articles({arguments}) {{ nodes {{ title }} }} }}");
            assert_eq!(client.query(&query).await.each("/articles/nodes", "title"), expected);
        }
    }
}

/// A valid input for every mutation.
fn mutations(portal: &Portal, channel: &str) -> Vec<(&'static str, Value, &'static str)> {
    let Made { id, version, .. } = &portal.seen;
    vec![
        ("createArticle", json!({ "title": "新", "body": "文" }), "article { id }"),
        ("updateArticle", json!({ "id": id, "version": version, "title": "改" }), "article { id }"),
        ("publishArticle", json!({ "id": portal.hidden[0].made.id }), "article { id }"),
        ("withdrawArticle", json!({ "id": id }), "article { id }"),
        ("deleteArticle", json!({ "id": id }), "deletedId"),
        ("createChannel", json!({ "slug": "tech", "name": "科技" }), "channel { id }"),
        ("updateChannel", json!({ "id": channel, "name": "改" }), "channel { id }"),
        ("deleteChannel", json!({ "id": channel }), "channel { id }"),
    ]
}

#[tokio::test]
async fn who_may_not_write_changes_nothing() {
    let portal = portal().await;
    let channels = portal.app.anon.query("{ channels { id slug name } }").await;
    let channel = channels.data("/channels/0/id").as_str().unwrap();
    let all = "{ articles(orderBy: RECENTLY_UPDATED) { nodes { id version } } }";
    let before = portal.app.editor.query(all).await.json;
    let reader_of_drafts = portal.app.with_scopes(&["read-drafts"]).await;
    let clients = [(&portal.app.anon, "UNAUTHENTICATED"), (&reader_of_drafts, "FORBIDDEN")];
    for (client, code) in clients {
        for (mutation, input, selection) in mutations(&portal, channel) {
            let answer = client.mutate(mutation, input, selection).await;
            assert_eq!(answer.code(), code, "{mutation}");
            assert_eq!(answer.json["data"], Value::Null, "{mutation}");
        }
    }
    assert_eq!(portal.app.editor.query(all).await.json, before);
    assert_eq!(portal.app.anon.query("{ channels { id slug name } }").await.json, channels.json);
    for (mutation, input, selection) in mutations(&portal, channel) {
        let answer = portal.app.editor.mutate(mutation, input, selection).await;
        assert_eq!(answer.json.get("errors"), None, "{mutation}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused_rather_than_taken_for_a_reader() {
    let app = TestApp::start().await;
    make::article(SEEN).published(&app).await;
    let headers = ["Bearer wrong", "Bearer ", "Bearer", "wrong", "Basic cmVkaWFuOnJlZGlhbg==", ""];
    let body = json!({ "query": "{ articles { nodes { title } } }" }).to_string();
    for header in headers {
        let request = app.anon.request(reqwest::Method::POST, "/graphql");
        let request = request.header("content-type", "application/json").body(body.clone());
        let response = request.header("authorization", header).send().await.unwrap();
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let answer = crate::helpers::app::Answer::of(response).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{header:?}");
        assert_eq!(answer.json.get("data"), None, "{header:?}");
    }
    let answer = app.with_token("wrong").get("/graphql?query=%7Bsite%7Bname%7D%7D").await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
}
