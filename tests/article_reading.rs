//! One article, with all that belongs to it.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::database;
use crate::helpers::make;

async fn article(app: &TestApp, by: &str, fields: &str) -> Value {
    let query = format!("{{ article({by}) {{ {fields} }} }}");
    app.anon.query(&query).await.data("/article").clone()
}

#[tokio::test]
async fn an_article_is_found_by_global_id_uuid_slug_and_node() {
    let app = TestApp::start().await;
    let made = make::article("甲").with("slug", "地铁-1").published(&app).await;
    make::article("乙").published(&app).await;
    let expected = json!({ "id": made.id, "slug": "地铁-1", "title": "甲" });
    let uuid = made.uuid();
    for by in [
        format!("id: \"{}\"", made.id),
        format!("id: \"{uuid}\""),
        format!("id: \"{}\"", uuid.to_string().to_uppercase()),
        "slug: \"地铁-1\"".into(),
    ] {
        assert_eq!(article(&app, &by, "id slug title").await, expected, "{by}");
    }
    let query = "query($slug: String!) { article(slug: $slug) { id slug title } }";
    let answer = app.anon.query_with(query, json!({ "slug": "地铁-1" })).await;
    assert_eq!(answer.data("/article"), &expected);
    let query = format!("{{ node(id: \"{}\") {{ __typename id }} }}", made.id);
    let expected = json!({ "__typename": "Article", "id": made.id });
    assert_eq!(app.anon.query(&query).await.data("/node"), &expected);
}

#[tokio::test]
async fn what_does_not_exist_is_null() {
    let app = TestApp::start().await;
    let nobody = database::nobody();
    let unknown = redian::id::encode("Article", &nobody.to_string());
    for by in [
        format!("id: \"{nobody}\""),
        format!("id: \"{unknown}\""),
        "slug: \"nowhere\"".into(),
        "slug: \"\"".into(),
        format!("slug: \"{}\"", "长".repeat(5000)),
    ] {
        assert_eq!(article(&app, &by, "id").await, Value::Null, "{by}");
    }
    for id in [unknown, nobody.to_string(), "nonsense".into(), String::new()] {
        let query = format!("{{ node(id: \"{id}\") {{ id }} nodes(ids: [\"{id}\"]) {{ id }} }}");
        let answer = app.anon.query(&query).await;
        assert_eq!(answer.data(""), &json!({ "node": null, "nodes": [null] }), "{id:?}");
    }
}

#[tokio::test]
async fn exactly_one_of_id_and_slug_is_needed() {
    let app = TestApp::start().await;
    let made = make::article("甲").published(&app).await;
    let cases = [
        ("article".to_owned(), "Pass exactly one of `id` and `slug`."),
        ("article(id: null, slug: null)".into(), "Pass exactly one of `id` and `slug`."),
        (
            format!("article(id: \"{}\", slug: \"{}\")", made.id, made.slug),
            "Pass exactly one of `id` and `slug`.",
        ),
        ("article(id: \"nonsense\")".into(), "`id` is not the id of Article"),
        (
            format!("article(id: \"{}\")", redian::id::encode("Region", "130104")),
            "`id` is not the id of Article",
        ),
    ];
    for (field, message) in cases {
        let answer = app.anon.query(&format!("{{ {field} {{ id }} }}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{field}");
        assert!(answer.message().contains(message), "{field}: {}", answer.message());
    }
}

#[tokio::test]
async fn an_article_shows_what_the_editor_gave() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let image = json!({
        "url": "https://example.org/图.jpg?a=1&b=2", "alt": "图", "caption": "说明",
        "credit": "记者", "width": 1200, "height": 800,
    });
    let metadata = json!({ "编号": [1, 2.5, null], "nested": { "z": 1, "a": true } });
    let source = json!({ "name": "新华社", "url": "https://example.org/" });
    let made = make::article("甲")
        .with("byline", "本报记者")
        .with("source", source.clone())
        .with("leadImage", image.clone())
        .with("channel", "news")
        .with("tags", vec!["乙", "甲"])
        .with("metadata", metadata.clone())
        .about(&["440300", "110101"])
        .published(&app)
        .await;
    let fields = "byline source { name url } leadImage { url alt caption credit width height } \
                  channel { slug name } tags metadata state reviewReason publishedAt updatedAt \
                  createdAt unpublishAt version importedFrom { importedAt } \
                  regions { code name level type path parent { name } ancestors { name } }";
    let at = "2026-03-01T08:00:00+00:00";
    let expected = json!({
        "byline": "本报记者", "source": source, "leadImage": image,
        "channel": { "slug": "news", "name": "新闻" }, "tags": ["乙", "甲"],
        "metadata": metadata, "state": "PUBLISHED", "reviewReason": null, "publishedAt": at,
        "updatedAt": at, "createdAt": at, "unpublishAt": null, "version": 2,
        "importedFrom": null,
        "regions": [
            {
                "code": "110101", "name": "东城区", "level": "COUNTY", "type": "DISTRICT",
                "path": "beijing/dongcheng", "parent": { "name": "北京市" },
                "ancestors": [{ "name": "北京市" }],
            },
            {
                "code": "440300", "name": "深圳市", "level": "PREFECTURE",
                "type": "PREFECTURE_CITY", "path": "guangdong/shenzhen",
                "parent": { "name": "广东省" }, "ancestors": [{ "name": "广东省" }],
            },
        ],
    });
    assert_eq!(article(&app, &format!("id: \"{}\"", made.id), fields).await, expected);
}

#[tokio::test]
async fn what_was_not_given_is_null_or_empty() {
    let app = TestApp::start().await;
    let made = make::article("甲").with("body", "").published(&app).await;
    let fields = "byline source { name } leadImage { url } channel { slug } tags regions { code } \
                  metadata teaser views { total counted imported } \
                  body { markdown html text blocks { text } foldAt wordCount }";
    let expected = json!({
        "byline": null, "source": null, "leadImage": null, "channel": null, "tags": [],
        "regions": [], "metadata": {}, "teaser": "",
        "views": { "total": 0, "counted": 0, "imported": 0 },
        "body": {
            "markdown": "", "html": "", "text": "", "blocks": [], "foldAt": null, "wordCount": 0,
        },
    });
    assert_eq!(article(&app, &format!("id: \"{}\"", made.id), fields).await, expected);
}

#[tokio::test]
async fn ancestors_go_from_the_province_down_without_summary_groups() {
    let app = TestApp::start().await;
    make::article("甲").about(&["130104"]).with("slug", "a").published(&app).await;
    let found = article(&app, "slug: \"a\"", "regions { ancestors { name path } }").await;
    let expected = json!([
        { "name": "河北省", "path": "hebei" },
        { "name": "石家庄市", "path": "hebei/shijiazhuang" },
    ]);
    assert_eq!(found["regions"][0]["ancestors"], expected);
}

#[tokio::test]
async fn the_teaser_is_what_stands_before_the_fold_or_the_first_paragraph() {
    let app = TestApp::start().await;
    let cases = [
        ("第一段。\n\n第二段。", "第一段。"),
        ("## 标题\n\n- 项\n\n第一*段*。\n\n第二段。", "第一段。"),
        ("一。\n\n二。\n\n<!--more-->\n\n三。", "一。\n二。"),
        ("## 题\n\n一。\n\n<!--more-->\n\n二。\n\n<!--more-->\n\n三。", "题\n一。"),
        ("<!--more-->\n\n一。", ""),
        ("一。\n\n<!--more-->", "一。"),
        ("![图](https://example.org/a.jpg)\n\n文。", "文。"),
        ("```\n<!--more-->\n```\n\n文。", "文。"),
        ("- 只有\n- 列表", ""),
    ];
    for (number, (body, teaser)) in cases.into_iter().enumerate() {
        let slug = format!("t{number}");
        make::article("题").with("body", body).with("slug", &*slug).published(&app).await;
        let found = article(&app, &format!("slug: \"{slug}\""), "teaser").await;
        assert_eq!(found["teaser"], teaser, "{body:?}");
    }
}

#[tokio::test]
async fn a_teaser_is_cut_by_characters_with_an_ellipsis() {
    let app = TestApp::start().await;
    let body = "石家庄地铁🚇 二号线开通";
    make::article("题").with("body", body).with("slug", "a").published(&app).await;
    let cases = [
        (0, "…"),
        (1, "石…"),
        (5, "石家庄地铁…"),
        (6, "石家庄地铁🚇…"),
        // No blank stands before the ellipsis.
        (7, "石家庄地铁🚇…"),
        (8, "石家庄地铁🚇 二…"),
        (11, "石家庄地铁🚇 二号线开…"),
        (12, body),
        (13, body),
        (2_147_483_647_u32, body),
    ];
    for (most, expected) in cases {
        let found = article(&app, "slug: \"a\"", &format!("teaser(maxLength: {most})")).await;
        assert_eq!(found["teaser"], expected, "{most}");
    }
    let answer = app.anon.query("{ articles { nodes { teaser(maxLength: -1) } } }").await;
    assert!(answer.json.get("errors").is_some());
}

#[tokio::test]
async fn views_beyond_two_thousand_million_are_told_exactly() {
    let app = TestApp::start().await;
    let cases = [0, 1, 2_147_483_647, 2_147_483_648, 9_007_199_254_740_991, i64::MAX];
    for (number, views) in cases.into_iter().enumerate() {
        let slug = format!("v{number}");
        let made = make::article("题").with("slug", &*slug).published(&app).await;
        let txn = app.app.db.begin().await.unwrap();
        let now = app.app.clock.now();
        redian::view::base::observe(&txn, vec![(made.uuid(), views)], now).await.unwrap();
        txn.commit().await.unwrap();
        app.caught_up().await;
        let fields = "views { total counted imported }";
        let found = article(&app, &format!("slug: \"{slug}\""), fields).await;
        let expected = json!({ "total": views, "counted": 0, "imported": views });
        assert_eq!(found["views"], expected);
    }
}
