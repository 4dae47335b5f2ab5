//! JSON Lines through `redian import`, read back over GraphQL.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::Folder;
use crate::helpers::import::articles;
use crate::helpers::import::import;
use crate::helpers::import::last_event;
use crate::helpers::import::lines;
use crate::helpers::import::only_article;
use crate::helpers::import::record;
use crate::helpers::import::run;
use crate::helpers::import::run_with_input;
use crate::helpers::import::texts;

#[tokio::test]
async fn every_field_of_an_article_is_imported() {
    let app = TestApp::start().await;
    let image = json!({
        "url": "https://example.org/a.jpg", "alt": "船", "caption": "渡船", "credit": "某人",
        "width": 1200, "height": 800,
    });
    let article = record(json!({
        "id": "0194f3c2-1111-7222-8333-444455556666",
        "slugs": ["du-kou-today", "渡口旧址", "old"],
        "byline": "本报记者",
        "source": { "name": "邻市日报", "url": "https://example.org/1" },
        "leadImage": image,
        "channel": "wenhua",
        "tags": ["船", "河"],
        "regions": ["130104", "x-delta-1"],
        "metadata": { "desk": { "no": 3 } },
        "body": "第一段。\n\n<!--more-->\n\n第**二**段。",
        "state": "PUBLISHED",
        "unpublishAt": "2030-01-01T00:00:00Z",
        "updatedAt": "2026-01-03T00:00:00+08:00",
        "createdAt": "2026-01-01T00:00:00Z",
        "version": 7,
        "importedViews": 5_000_000_000_i64,
    }));
    let file = lines(&[
        json!({ "type": "channel", "slug": "wenhua", "name": "文化" }),
        json!({
            "type": "region", "code": "x-delta", "name": "三角洲", "level": "province",
            "path": "delta",
        }),
        json!({
            "type": "region", "code": "x-delta-1", "name": "新港", "level": "prefecture",
            "regionType": "functional_area", "parent": "x-delta", "path": "delta/new-port",
        }),
        article,
    ]);
    import(&app, &file).await;
    app.app.refresh_tree().await.unwrap();
    let query = "{ article(slug: \"old\") { id slug slugs title byline source { name url }
        leadImage { url alt caption credit width height } channel { slug name } tags
        regions { code name level type path ancestors { name } } metadata
        state publishAt unpublishAt publishedAt updatedAt createdAt version
        views { imported total } body { markdown foldAt } importedFrom { site } } }";
    let answer = app.anon.query(query).await;
    let mut found = answer.data("/article").clone();
    let id = found.as_object_mut().unwrap().shift_remove("id").unwrap();
    let expected = json!({
        "slug": "du-kou-today",
        "slugs": ["old", "渡口旧址", "du-kou-today"],
        "title": "渡口",
        "byline": "本报记者",
        "source": { "name": "邻市日报", "url": "https://example.org/1" },
        "leadImage": image,
        "channel": { "slug": "wenhua", "name": "文化" },
        "tags": ["船", "河"],
        "regions": [
            {
                "code": "130104", "name": "桥西区", "level": "COUNTY", "type": "DISTRICT",
                "path": "hebei/shijiazhuang/qiaoxi",
                "ancestors": [{ "name": "河北省" }, { "name": "石家庄市" }],
            },
            {
                "code": "x-delta-1", "name": "新港", "level": "PREFECTURE",
                "type": "FUNCTIONAL_AREA", "path": "delta/new-port",
                "ancestors": [{ "name": "三角洲" }],
            },
        ],
        "metadata": { "desk": { "no": 3 } },
        "state": "PUBLISHED",
        "publishAt": null,
        "unpublishAt": "2030-01-01T00:00:00+00:00",
        "publishedAt": "2026-01-02T03:04:05.678+00:00",
        "updatedAt": "2026-01-02T16:00:00+00:00",
        "createdAt": "2026-01-01T00:00:00+00:00",
        "version": 7,
        "views": { "imported": 5_000_000_000_i64, "total": 5_000_000_000_i64 },
        "body": { "markdown": "第一段。\n\n<!--more-->\n\n第**二**段。", "foldAt": 1 },
        "importedFrom": null,
    });
    assert_eq!(found, expected);
    let by_uuid = "{ article(id: \"0194f3c2-1111-7222-8333-444455556666\") { id } }";
    assert_eq!(app.anon.query(by_uuid).await.data("/article/id"), &id);
    let listed = "{ articles(filter: { region: \"delta\" }) { nodes { slug } } }";
    assert_eq!(app.anon.query(listed).await.each("/articles/nodes", "slug"), ["du-kou-today"]);
}

#[tokio::test]
async fn states_and_times_decide_what_readers_see() {
    for (fields, state, seen) in [
        (json!({}), "PUBLISHED", true),
        (json!({ "state": "DRAFT" }), "DRAFT", false),
        (json!({ "state": "WITHDRAWN" }), "WITHDRAWN", false),
        (json!({ "title": "" }), "DRAFT", false),
        (json!({ "title": "", "state": "PUBLISHED" }), "DRAFT", false),
        (json!({ "unpublishAt": "2026-02-01T00:00:00Z" }), "PUBLISHED", false),
        (json!({ "publishedAt": "2026-03-02T00:00:00Z" }), "PUBLISHED", false),
        (json!({ "publishedAt": null, "publishAt": "2100-01-01T00:00:00Z" }), "PUBLISHED", false),
        (json!({ "publishedAt": null, "updatedAt": "2020-01-01T00:00:00Z" }), "PUBLISHED", true),
    ] {
        let app = TestApp::start().await;
        import(&app, &record(fields.clone()).to_string()).await;
        assert_eq!(only_article(&app).await["state"], state, "{fields}");
        let answer = app.anon.query("{ articles { nodes { id } } }").await;
        let count = answer.data("/articles/nodes").as_array().unwrap().len();
        assert_eq!(count, usize::from(seen), "{fields}");
    }
}

#[tokio::test]
async fn html_becomes_markdown_and_is_sanitised() {
    for (html, markdown, rendered) in [
        (
            "<h2>题</h2><p>一<b>重</b>点</p>",
            "## 题\n\n一**重**点",
            "<h2>题</h2>\n<p>一<strong>重</strong>点</p>\n",
        ),
        (
            "<ul><li>甲</li><li>乙</li></ul>",
            "*   甲\n*   乙",
            "<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>\n",
        ),
        (
            "<p>看<a href=\"https://example.org/?a=1&amp;b=2\" onclick=\"x()\">这里</a></p>",
            "看[这里](https://example.org/?a=1&b=2)",
            "<p>看<a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer\">这里</a></p>\n",
        ),
        ("<p>字</p><script>alert(1)</script><style>p{}</style>", "字", "<p>字</p>\n"),
        (
            "<p>a<a href=\"javascript:alert(1)\">b</a></p>",
            "a[b](javascript:alert\\(1\\))",
            "<p>a<a rel=\"noopener noreferrer\">b</a></p>\n",
        ),
    ] {
        let app = TestApp::start().await;
        let mut article = record(json!({ "bodyHtml": html }));
        article.as_object_mut().unwrap().shift_remove("body");
        import(&app, &article.to_string()).await;
        let body = &only_article(&app).await["body"];
        assert_eq!(body["markdown"], markdown, "{html}");
        assert_eq!(body["html"], rendered, "{html}");
    }
}

#[tokio::test]
async fn a_wrong_line_is_reported_with_its_place_and_the_others_are_imported() {
    let good = |title: &str| record(json!({ "title": title })).to_string();
    let wrong = |fields: Value| record(fields).to_string().into_bytes();
    let region = |fields: Value| {
        let mut region = json!({
            "type": "region", "code": "x", "name": "区", "level": "county", "path": "x",
        });
        region.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        region.to_string().into_bytes()
    };
    let app = TestApp::start().await;
    let folder = Folder::new();
    let rows = [
        (wrong(json!({ "author": "某人" })), "unknown field `author`"),
        (wrong(json!({ "type": "video" })), "`video`"),
        (br#"{"title":"untyped"}"#.to_vec(), "`type`"),
        (b"[1]".to_vec(), "JSON object"),
        (br#"{"type":"article","title":"#.to_vec(), "not JSON"),
        (b"{\"type\":\"article\",\"title\":\"\xff\"}".to_vec(), "not UTF-8"),
        (wrong(json!({ "channel": "nirgends" })), "no channel `nirgends`"),
        (wrong(json!({ "regions": ["999999"] })), "`999999`"),
        (wrong(json!({ "title": "长".repeat(301) })), "300"),
        (wrong(json!({ "publishedAt": "yesterday" })), "record is wrong"),
        (wrong(json!({ "state": "draft" })), "`draft`"),
        (wrong(json!({ "version": "1" })), "record is wrong"),
        (wrong(json!({ "bodyHtml": "<p>又</p>" })), "`bodyHtml`"),
        (wrong(json!({ "source": { "url": "javascript:x" } })), "`source.url`"),
        (wrong(json!({ "body": "\0" })), "NUL"),
        (br#"{"type":"channel","slug":"a b","name":"x"}"#.to_vec(), "`slug`"),
        (region(json!({ "level": "village" })), "`level`"),
        (region(json!({ "parent": "y" })), "`parent`"),
        (region(json!({ "code": "130104" })), "built-in"),
        (region(json!({ "path": "hebei" })), "another region"),
        (region(json!({ "regionType": "empire" })), "`regionType`"),
    ];
    let count = rows.len();
    for (row, (bad, said)) in (1..).zip(rows) {
        let first = good(&format!("{row}的第一篇")).into_bytes();
        let second = good(&format!("{row}的第二篇")).into_bytes();
        let file = [&first[..], &bad, b"", &second].join(&b'\n');
        let path = folder.write("records.jsonl", file);
        let run = run(&app.database.url, &["import", &path]).await;
        let place = format!("{path}:2: error: ");
        let line = run.err.lines().find(|line| line.starts_with(&place));
        assert!(line.is_some_and(|line| line.contains(said)), "{said}: {}", run.err);
        assert_eq!(run.status, Some(1), "{said}");
        assert!(run.err.contains("2 created") && run.err.contains("1 failed"), "{}", run.err);
    }
    assert_eq!(articles(&app).await.len(), 2 * count);
}

#[tokio::test]
async fn a_dry_run_reports_and_writes_nothing() {
    let app = TestApp::start().await;
    let event = last_event(&app).await;
    let file = lines(&[
        json!({ "type": "channel", "slug": "wenhua", "name": "文化" }),
        record(json!({ "channel": "wenhua" })),
        record(json!({ "channel": "none", "title": "另一篇" })),
    ]);
    let run =
        run_with_input(&app.database.url, &["import", "--dry-run", "-"], file.as_bytes()).await;
    assert_eq!(run.status, Some(1));
    assert!(run.err.contains("would be: 1 created"), "{}", run.err);
    assert!(run.err.contains("-:3: error: "), "{}", run.err);
    assert_eq!(articles(&app).await, [Value::Null; 0]);
    let answer = app.anon.query("{ channels { slug } }").await;
    assert_eq!(answer.data("/channels"), &json!([]));
    assert_eq!(last_event(&app).await, event);
}

#[tokio::test]
async fn a_channel_or_region_that_comes_again_gets_the_new_name() {
    let app = TestApp::start().await;
    let region = |name: &str| json!({ "type": "region", "code": "x-1", "name": name, "level": "county", "path": "x" });
    let channel = |name: &str| json!({ "type": "channel", "slug": "a", "name": name });
    for name in ["旧名", "新名"] {
        import(&app, &lines(&[channel(name), region(name)])).await;
    }
    app.app.refresh_tree().await.unwrap();
    let event = last_event(&app).await;
    import(&app, &lines(&[channel("新名"), region("新名")])).await;
    assert_eq!(last_event(&app).await, event);
    let answer = app.anon.query("{ channels { name } region(code: \"x-1\") { name path } }").await;
    assert_eq!(answer.data("/channels"), &json!([{ "name": "新名" }]));
    assert_eq!(answer.data("/region"), &json!({ "name": "新名", "path": "x" }));
}

/// What a record may be known by.
fn identities() -> Vec<Value> {
    vec![
        json!({ "externalId": "cms/17" }),
        json!({ "source": { "url": "https://example.org/17" } }),
        json!({ "id": "0194f3c2-1111-7222-8333-444455556666" }),
        json!({ "source": { "name": "邻市日报" } }),
        json!({}),
    ]
}

#[tokio::test]
async fn an_article_that_comes_again_is_known_by_its_identity() {
    for identity in identities() {
        let app = TestApp::start().await;
        import(&app, &record(identity.clone()).to_string()).await;
        let (before, event) = (only_article(&app).await, last_event(&app).await);
        import(&app, &record(identity.clone()).to_string()).await;
        assert_eq!(only_article(&app).await, before, "{identity}");
        assert_eq!(last_event(&app).await, event, "{identity}");

        let mut corrected = record(identity.clone());
        corrected["body"] = "船没有来。".into();
        corrected["byline"] = "某人".into();
        import(&app, &corrected.to_string()).await;
        let after = only_article(&app).await;
        assert_eq!(texts(&after), ["船没有来。"], "{identity}");
        assert_eq!(after["byline"], "某人", "{identity}");
        assert_eq!((&after["id"], &after["slug"]), (&before["id"], &before["slug"]), "{identity}");
        assert_eq!(after["version"], 2, "{identity}");
    }
}

#[tokio::test]
async fn a_record_of_a_deleted_article_does_not_bring_it_back() {
    for identity in identities() {
        let app = TestApp::start().await;
        import(&app, &record(identity.clone()).to_string()).await;
        let id = only_article(&app).await["id"].clone();
        app.editor.mutate("deleteArticle", json!({ "id": id }), "deletedId").await;
        let run = import(&app, &record(identity.clone()).to_string()).await;
        assert!(run.err.contains("left alone: it was deleted"), "{identity}: {}", run.err);
        assert_eq!(articles(&app).await, [Value::Null; 0], "{identity}");
    }
}

#[tokio::test]
async fn other_identities_are_other_articles() {
    let app = TestApp::start().await;
    let file = lines(&[
        record(json!({ "externalId": "1" })),
        record(json!({ "externalId": "2" })),
        record(json!({ "source": { "url": "https://example.org/1" } })),
        record(json!({ "source": { "url": "https://example.org/2" } })),
        record(json!({ "source": { "name": "甲报" }, "body": "甲。" })),
        record(json!({ "source": { "name": "乙报" }, "body": "乙。" })),
    ]);
    import(&app, &file).await;
    let mut slugs: Vec<String> = articles(&app)
        .await
        .iter()
        .map(|article| article["slug"].as_str().unwrap().to_owned())
        .collect();
    slugs.sort();
    assert_eq!(slugs, ["du-kou", "du-kou-2", "du-kou-3", "du-kou-4", "du-kou-5", "du-kou-6"]);
}

#[tokio::test]
async fn of_two_lines_for_one_article_the_first_counts_each_time() {
    let app = TestApp::start().await;
    let file = lines(&[
        record(json!({ "externalId": "1", "body": "先来的。" })),
        record(json!({ "externalId": "1", "body": "后来的。" })),
    ]);
    import(&app, &file).await;
    let (before, event) = (only_article(&app).await, last_event(&app).await);
    assert_eq!(texts(&before), ["先来的。"]);
    for time in 2..4 {
        let run = import(&app, &file).await;
        assert!(run.err.contains("-:2: left alone: the same article"), "{time}: {}", run.err);
        assert_eq!(only_article(&app).await, before, "{time}");
        assert_eq!(last_event(&app).await, event, "{time}");
    }
}
