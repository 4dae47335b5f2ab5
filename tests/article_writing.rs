//! Creating, changing, publishing and deleting articles.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::database;
use crate::helpers::make;

const ALL: &str = "{ articles(orderBy: RECENTLY_UPDATED) { nodes { id title version } } }";

async fn create(client: &Client, input: Value) -> Answer {
    client.mutate("createArticle", input, "article { id title version }").await
}

async fn update(app: &TestApp, input: Value) -> Answer {
    app.editor.mutate("updateArticle", input, "article { id title version }").await
}

async fn count(app: &TestApp) -> usize {
    app.editor.query(ALL).await.data("/articles/nodes").as_array().unwrap().len()
}

#[tokio::test]
async fn a_created_article_is_a_draft_with_all_that_was_given() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let image = json!({
        "url": "https://example.org/a.jpg", "alt": "图", "caption": "说明", "credit": "记者",
        "width": 1200, "height": 800,
    });
    let input = json!({
        "title": "  标题 ", "body": "正文。", "slug": "my-slug", "byline": " 记者 ",
        "source": { "name": " 新华社 ", "url": " https://example.org/x?a=1&b=2#c " },
        "leadImage": image, "channel": "news", "tags": ["乙", " 甲 ", "乙"],
        "regions": ["440300", "130104", "440300"], "metadata": { "a": [1, null, { "b": "c" }] },
    });
    let selection = "article { title slug slugs byline source { name url } \
                     leadImage { url alt caption credit width height } channel { slug } tags \
                     regions { code } metadata state version reviewReason publishAt unpublishAt \
                     publishedAt createdAt updatedAt body { markdown } }";
    let answer = app.editor.mutate("createArticle", input, selection).await;
    let expected = json!({
        "title": "标题", "slug": "my-slug", "slugs": ["my-slug"], "byline": "记者",
        "source": { "name": "新华社", "url": "https://example.org/x?a=1&b=2#c" },
        "leadImage": image, "channel": { "slug": "news" }, "tags": ["乙", "甲"],
        "regions": [{ "code": "130104" }, { "code": "440300" }],
        "metadata": { "a": [1, null, { "b": "c" }] }, "state": "DRAFT", "version": 1,
        "reviewReason": null, "publishAt": null, "unpublishAt": null, "publishedAt": null,
        "createdAt": "2026-03-01T08:00:00+00:00", "updatedAt": "2026-03-01T08:00:00+00:00",
        "body": { "markdown": "正文。" },
    });
    assert_eq!(answer.data("/createArticle/article"), &expected);
}

#[tokio::test]
async fn a_retry_with_the_same_key_gives_the_same_article() {
    let app = TestApp::start().await;
    let input = json!({ "title": "甲", "body": "文", "tags": ["一"], "idempotencyKey": "k-1" });
    let first = create(&app.editor, input.clone()).await;
    app.advance(TimeDelta::days(2));
    let second = create(&app.editor, input.clone()).await;
    assert_eq!(first.data("/createArticle"), second.data("/createArticle"));
    assert_eq!(count(&app).await, 1);

    // The members' order is no difference, other values are.
    let text = "mutation { createArticle(input: { idempotencyKey: \"k-1\", tags: [\"一\"], \
                body: \"文\", title: \"甲\" }) { article { id title version } \
                userErrors { field message code } } }";
    assert_eq!(app.editor.query(text).await.data("/createArticle"), first.data("/createArticle"));
    for (field, value) in
        [("title", json!("乙")), ("tags", json!(["一", "二"])), ("byline", json!("记者"))]
    {
        let mut other = input.clone();
        other[field] = value;
        let answer = create(&app.editor, other).await;
        assert_eq!(answer.user_errors(), ["idempotencyKey: KEY_REUSED"], "{field}");
        assert_eq!(answer.data("/createArticle/article"), &Value::Null);
    }
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn a_key_belongs_to_its_token() {
    let app = TestApp::start().await;
    let other = app.with_scopes(&["publish"]).await;
    let first = create(&app.editor, json!({ "title": "甲", "body": "", "idempotencyKey": "k" }));
    let second = create(&other, json!({ "title": "乙", "body": "", "idempotencyKey": "k" }));
    assert_eq!(first.await.data("/createArticle/article/title"), "甲");
    assert_eq!(second.await.data("/createArticle/article/title"), "乙");
    assert_eq!(count(&app).await, 2);
}

#[tokio::test]
async fn without_a_key_or_with_another_one_the_same_input_makes_another_article() {
    let app = TestApp::start().await;
    for key in [json!(null), json!(null), json!("1"), json!("2")] {
        let input = json!({ "title": "甲", "body": "文", "idempotencyKey": key });
        assert_eq!(create(&app.editor, input).await.user_errors(), [""; 0]);
    }
    assert_eq!(count(&app).await, 4);
}

#[tokio::test]
async fn concurrent_retries_create_one_article() {
    let app = TestApp::start().await;
    let input = json!({ "title": "甲", "body": "文", "idempotencyKey": "k" });
    let retries: Vec<_> = (0..8)
        .map(|_| {
            let (client, input) = (app.editor.clone(), input.clone());
            tokio::spawn(async move { create(&client, input).await })
        })
        .collect();
    let mut ids = Vec::new();
    for retry in retries {
        let answer = retry.await.unwrap();
        // Where writers do not wait for each other, whoever comes at the very
        // same time may be asked to come again.
        if answer.json.get("errors").is_some() {
            assert!(database::on_postgres());
            assert_eq!(answer.code(), "UNAVAILABLE");
        } else {
            ids.push(answer.data("/createArticle/article/id").clone());
        }
    }
    let again = create(&app.editor, input).await.data("/createArticle/article/id").clone();
    assert!(ids.iter().all(|id| *id == again), "{ids:?}");
    assert!(!ids.is_empty());
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn a_refused_creation_does_not_use_up_its_key() {
    let app = TestApp::start().await;
    let wrong = json!({ "title": "", "body": "", "idempotencyKey": "k" });
    assert_eq!(create(&app.editor, wrong).await.user_errors(), ["title: REQUIRED"]);
    let right = json!({ "title": "甲", "body": "", "idempotencyKey": "k" });
    assert_eq!(create(&app.editor, right.clone()).await.user_errors(), [""; 0]);
    let answer = app.editor.query(ALL).await;
    let input = json!({ "id": answer.data("/articles/nodes/0/id") });
    app.editor.mutate("deleteArticle", input, "deletedId").await.user_errors();
    let answer = create(&app.editor, right).await;
    assert_eq!(answer.user_errors(), ["idempotencyKey: NOT_FOUND"]);
    for key in ["", "k\0", &"k".repeat(201)] {
        let input = json!({ "title": "甲", "body": "", "idempotencyKey": key });
        let errors = create(&app.editor, input).await.user_errors();
        assert_eq!(errors, ["idempotencyKey: INVALID"], "{key:?}");
    }
    assert_eq!(count(&app).await, 0);
}

#[tokio::test]
async fn a_change_of_an_old_version_is_refused_and_told_the_current_one() {
    let app = TestApp::start().await;
    let made = make::article("甲").published(&app).await;
    for title in ["乙", "丙"] {
        let version = if title == "乙" { 2 } else { 3 };
        let input = json!({ "id": made.id, "version": version, "title": title });
        let answer = update(&app, input).await;
        assert_eq!(answer.data("/updateArticle/article/version"), version + 1);
    }
    for version in [1, 2, 3, 5, 1_i64 << 40, -1] {
        let input = json!({ "id": made.id, "version": version, "title": "丁" });
        let answer = update(&app, input).await;
        assert_eq!(answer.user_errors(), ["version: STALE_VERSION"], "{version}");
        assert_eq!(answer.data("/updateArticle/article"), &Value::Null);
        let message = answer.data("/updateArticle/userErrors/0/message").as_str().unwrap();
        assert!(message.contains("has version 4"), "{message}");
        for (mutation, selection) in [
            ("publishArticle", "article { id }"),
            ("withdrawArticle", "article { id }"),
            ("deleteArticle", "deletedId"),
        ] {
            let input = json!({ "id": made.id, "version": version });
            let answer = app.editor.mutate(mutation, input, selection).await;
            assert_eq!(answer.user_errors(), ["version: STALE_VERSION"], "{mutation} {version}");
        }
    }
    let answer = app.anon.query("{ articles { nodes { title version state } } }").await;
    let expected = json!([{ "title": "丙", "version": 4, "state": "PUBLISHED" }]);
    assert_eq!(answer.data("/articles/nodes"), &expected);
}

#[tokio::test]
async fn of_concurrent_changes_of_one_version_exactly_one_wins() {
    let app = TestApp::start().await;
    let made = make::article("甲").about(&["130104"]).draft(&app).await;
    for version in 1..4 {
        let changes: Vec<_> = (0..6)
            .map(|number| {
                let title = format!("{version}-{number}");
                let input = json!({
                    "id": made.id, "version": version, "title": title, "body": title,
                    "tags": [title], "regions": ["440300"],
                });
                let client = app.editor.clone();
                let selection = "article { title version }";
                tokio::spawn(async move { client.mutate("updateArticle", input, selection).await })
            })
            .collect();
        let mut winners = Vec::new();
        for change in changes {
            let answer = change.await.unwrap();
            if answer.user_errors().is_empty() {
                winners.push(answer.data("/updateArticle/article").clone());
            } else {
                assert_eq!(answer.user_errors(), ["version: STALE_VERSION"]);
            }
        }
        let query =
            format!("{{ article(id: \"{}\") {{ title version tags body {{ text }} }} }}", made.id);
        let now = app.editor.query(&query).await.data("/article").clone();
        assert_eq!(winners, [json!({ "title": now["title"], "version": version + 1 })]);
        assert_eq!(now["tags"][0], now["title"]);
        assert_eq!(now["body"]["text"], now["title"]);
    }
}

#[tokio::test]
async fn a_change_keeps_what_is_left_out_and_null_clears() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let fields = "title slug byline source { name url } leadImage { url alt } channel { slug } \
                  tags regions { code } metadata body { markdown }";
    let made = make::article("甲")
        .with("byline", "记者")
        .with("source", json!({ "name": "新华社", "url": "https://example.org/" }))
        .with("leadImage", json!({ "url": "https://example.org/a.jpg", "alt": "图" }))
        .with("channel", "news")
        .with("tags", vec!["一", "二"])
        .with("metadata", json!({ "a": 1 }))
        .about(&["130104"])
        .draft(&app)
        .await;
    let query = format!("{{ article(id: \"{}\") {{ {fields} }} }}", made.id);
    let mut expected = app.editor.query(&query).await.data("/article").clone();
    let steps = [
        ("byline", json!("另一位"), json!("另一位")),
        ("byline", json!(null), json!(null)),
        ("slug", json!(null), json!(made.slug)),
        ("source", json!({ "name": "某报" }), json!({ "name": "某报", "url": null })),
        ("source", json!(null), json!(null)),
        (
            "leadImage",
            json!({ "url": "http://example.org/b.png" }),
            json!({ "url": "http://example.org/b.png", "alt": null }),
        ),
        ("leadImage", json!(null), json!(null)),
        ("channel", json!(null), json!(null)),
        ("channel", json!("news"), json!({ "slug": "news" })),
        ("tags", json!(["三"]), json!(["三"])),
        ("tags", json!(null), json!([])),
        ("regions", json!(["440300"]), json!([{ "code": "440300" }])),
        ("regions", json!(null), json!([])),
        ("metadata", json!({ "b": 2 }), json!({ "b": 2 })),
        ("metadata", json!(null), json!({})),
        ("body", json!("新文"), json!({ "markdown": "新文" })),
        ("body", json!(""), json!({ "markdown": "" })),
        ("title", json!("新题"), json!("新题")),
    ];
    let mut version = 1;
    for (field, given, becomes) in steps {
        let input = json!({ "id": made.id, "version": version, field: given });
        let answer = update(&app, input).await;
        assert_eq!(answer.user_errors(), [""; 0], "{field}: {given}");
        version += 1;
        expected[field] = becomes;
        assert_eq!(app.editor.query(&query).await.data("/article"), &expected, "{field}: {given}");
    }
    for field in ["title", "body"] {
        let answer = update(&app, json!({ "id": made.id, "version": version, field: null })).await;
        assert_eq!(answer.user_errors(), [format!("{field}: REQUIRED")]);
    }
    assert_eq!(app.editor.query(&query).await.data("/article"), &expected);
}

#[tokio::test]
async fn a_change_moves_the_article_between_lists() {
    let app = TestApp::start().await;
    let made =
        make::article("甲").about(&["130104"]).with("tags", vec!["旧"]).published(&app).await;
    let input =
        json!({ "id": made.id, "version": made.version, "tags": ["新"], "regions": ["440300"] });
    assert_eq!(update(&app, input).await.user_errors(), [""; 0]);
    for (filter, found) in [
        ("tag: \"旧\"", 0),
        ("tag: \"新\"", 1),
        ("region: \"130104\"", 0),
        ("region: \"hebei\"", 0),
        ("region: \"guangdong\"", 1),
        ("region: \"440300\", includeDescendants: false", 1),
    ] {
        let query = format!("{{ articles(filter: {{ {filter} }}) {{ nodes {{ id }} }} }}");
        let nodes = app.anon.query(&query).await.data("/articles/nodes").clone();
        assert_eq!(nodes.as_array().unwrap().len(), found, "{filter}");
    }
}

#[tokio::test]
async fn only_articles_that_exist_can_be_changed() {
    let app = TestApp::start().await;
    let region = redian::id::encode("Region", "130104");
    let gone = make::article("甲").published(&app).await;
    make::delete(&app, &gone).await;
    for (id, code) in [
        (gone.id, "id: NOT_FOUND"),
        (database::nobody().to_string(), "id: NOT_FOUND"),
        ("nonsense".into(), "id: INVALID"),
        (region, "id: INVALID"),
        (String::new(), "id: INVALID"),
    ] {
        for (mutation, selection) in [
            ("updateArticle", "article { id }"),
            ("publishArticle", "article { id }"),
            ("withdrawArticle", "article { id }"),
            ("deleteArticle", "deletedId"),
        ] {
            let input = json!({ "id": id, "version": 1 });
            let answer = app.editor.mutate(mutation, input, selection).await;
            assert_eq!(answer.user_errors(), [code], "{mutation} {id}");
        }
    }
}
