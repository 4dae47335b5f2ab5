//! `redian export`: what it writes makes the same database elsewhere.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::app::start_of_time;
use crate::helpers::database;
use crate::helpers::import::Folder;
use crate::helpers::import::Page;
use crate::helpers::import::articles;
use crate::helpers::import::import;
use crate::helpers::import::last_event;
use crate::helpers::import::only_article;
use crate::helpers::import::run;
use crate::helpers::import::run_with_input;
use crate::helpers::make;

async fn export(url: &str) -> Vec<String> {
    let run = run(url, &["export"]).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    run.out.lines().map(str::to_owned).collect()
}

/// Content of every kind and state.
async fn newsroom() -> TestApp {
    let app = TestApp::quiet().await;
    let minutes = chrono::TimeDelta::minutes;
    let at = |offset| (start_of_time() + minutes(offset)).to_rfc3339();
    make::channel(&app, "yaowen", "要闻").await;
    make::channel(&app, "wenhua", "文化").await;
    let region = json!({
        "type": "region", "code": "cn-delta", "name": "三角洲", "level": "province",
        "path": "delta",
    });
    import(&app, &region.to_string()).await;
    app.app.refresh_tree().await.unwrap();
    make::article("草稿").draft(&app).await;
    let rich = make::article("样样都有的一篇")
        .with(
            "body",
            "第一段，有**重点**。\n\n<!--more-->\n\n> 引文\n\n| 甲 | 乙 |\n|-|-|\n| 1 | 2 |\n",
        )
        .with("byline", "本报记者")
        .with("source", json!({ "name": "邻市日报", "url": "https://example.org/a?b=1&c=2" }))
        .with(
            "leadImage",
            json!({
                "url": "https://example.org/a.jpg", "alt": "桥", "caption": "旧桥",
                "credit": "某人", "width": 1200, "height": 800,
            }),
        )
        .with("channel", "wenhua")
        .with("tags", json!(["桥", "老城", "aqueduct"]))
        .with("metadata", json!({ "z": [1, 2.5, null], "a": { "深": true } }))
        .about(&["cn-delta", "130104", "110101"])
        .published(&app)
        .await;
    let mut version = rich.version;
    for slug in ["jiu-qiao", "旧桥", "lao-qiao"] {
        app.advance(minutes(1));
        let input = json!({ "id": rich.id, "version": version, "slug": slug });
        let answer = app.editor.mutate("updateArticle", input, "article { version }").await;
        version = answer.data("/updateArticle/article/version").as_i64().unwrap();
    }
    make::article("预定").published_with(&app, json!({ "publishAt": at(600) })).await;
    let both = json!({ "publishAt": at(5), "unpublishAt": at(10) });
    make::article("到期").published_with(&app, both).await;
    app.advance(minutes(20));
    let shown = make::article("撤下").with("channel", "yaowen").published(&app).await;
    make::withdraw(&app, &shown).await;
    make::article("撤下").published(&app).await;
    let page = Page::default().file();
    let (_, untitled) = page.split_once("更新时间").unwrap();
    import(&app, &page).await;
    import(&app, &format!("更新时间{}", untitled.replace("七点", "八点"))).await;
    for record in [
        json!({ "externalId": "x-1", "title": "有外号的", "body": "一。", "importedViews": 9 }),
        json!({ "title": "有网址的", "body": "二。", "source": { "url": "https://example.org/2" } }),
    ] {
        let mut record = record;
        record["type"] = "article".into();
        record["publishedAt"] = at(-60).into();
        import(&app, &record.to_string()).await;
    }
    app
}

#[tokio::test]
async fn an_export_imported_elsewhere_exports_the_same_lines() {
    let app = newsroom().await;
    let lines = export(&app.database.url).await;
    let kinds: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].clone())
        .collect();
    let expected =
        [vec!["channel"; 2], vec!["region"], vec!["page"; 2], vec!["article"; 10]].concat();
    assert_eq!(kinds, expected, "{lines:#?}");

    let second = database::empty().await;
    let input = lines.join("\n");
    let run = run_with_input(&second.url, &["import", "-"], input.as_bytes()).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert!(run.err.contains("10 created, 0 updated, 0 unchanged, 0 left alone, 0 failed"));
    assert_lines(&export(&second.url).await, &lines);

    let again = run_with_input(&second.url, &["import", "-"], input.as_bytes()).await;
    assert!(again.err.contains("0 created, 0 updated, 10 unchanged"), "{}", again.err);
    assert_lines(&export(&second.url).await, &lines);
}

#[tokio::test]
async fn an_export_tells_states_times_slugs_and_views() {
    let app = newsroom().await;
    let lines = export(&app.database.url).await;
    let of = |title: &str| -> Value {
        let records = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        records.into_iter().find(|record: &Value| record["title"] == title).unwrap()
    };
    let rich = of("样样都有的一篇");
    let first = "yang-yang-dou-you-de-yi-pian";
    assert_eq!(rich["slugs"], json!(["lao-qiao", "旧桥", "jiu-qiao", first]));
    assert_eq!((&rich["version"], &rich["state"]), (&json!(5), &json!("PUBLISHED")));
    assert_eq!(rich["regions"], json!(["110101", "130104", "cn-delta"]));
    assert_eq!(rich["tags"], json!(["桥", "老城", "aqueduct"]));
    assert_eq!(rich["metadata"], json!({ "z": [1, 2.5, null], "a": { "深": true } }));
    assert_eq!(rich["createdAt"], "2026-03-01T08:00:00Z");
    assert_eq!(rich["updatedAt"], "2026-03-01T08:03:00Z");
    for (title, state, publish_at, unpublish_at) in [
        ("草稿", "DRAFT", Value::Null, Value::Null),
        ("预定", "PUBLISHED", json!("2026-03-01T18:00:00Z"), Value::Null),
        ("到期", "PUBLISHED", json!("2026-03-01T08:05:00Z"), json!("2026-03-01T08:10:00Z")),
        ("撤下", "WITHDRAWN", Value::Null, Value::Null),
        ("", "DRAFT", Value::Null, Value::Null),
        ("桥头的修鞋摊", "PUBLISHED", Value::Null, Value::Null),
    ] {
        let record = of(title);
        assert_eq!(record["state"], state, "{title}");
        assert_eq!((&record["publishAt"], &record["unpublishAt"]), (&publish_at, &unpublish_at));
    }
    assert_eq!(of("桥头的修鞋摊")["importedViews"], 120);
    assert_eq!(of("有外号的")["importKeys"], json!(["external x-1"]));
}

#[tokio::test]
async fn importing_an_export_into_its_own_database_changes_nothing() {
    let app = newsroom().await;
    let lines = export(&app.database.url).await;
    let (before, event) = (articles(&app).await, last_event(&app).await);
    let input = lines.join("\n");
    let run = run_with_input(&app.database.url, &["import", "-"], input.as_bytes()).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert_lines(&export(&app.database.url).await, &lines);
    assert_eq!(articles(&app).await, before);
    assert_eq!(last_event(&app).await, event, "{}", run.err);
}

#[tokio::test]
async fn readers_of_the_copy_see_what_readers_of_the_original_see() {
    let app = newsroom().await;
    let folder = Folder::new();
    let file = folder.write("export.jsonl", export(&app.database.url).await.join("\n"));
    let copy = TestApp::start().await;
    copy.app.clock.set(app.app.clock.now());
    let run = run(&copy.database.url, &["import", &file]).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    copy.caught_up().await;
    app.caught_up().await;
    let query = "{ articles(first: 100) { nodes { id slug slugs title byline teaser
        source { name url } leadImage { url alt caption credit width height }
        channel { slug name } tags regions { code path name } metadata
        publishedAt updatedAt createdAt version views { total }
        body { markdown html foldAt wordCount blocks { __typename text } }
        importedFrom { site column recommended { rank title views } } } } }";
    let original = app.anon.query(query).await;
    let titles = original.each("/articles/nodes", "title");
    assert_eq!(titles, ["撤下", "样样都有的一篇", "有网址的", "有外号的", "桥头的修鞋摊"]);
    let copied = copy.anon.query(query).await;
    assert_eq!(copied.data("/articles/nodes"), original.data("/articles/nodes"));
    let (id, slug) = (&original.data("/articles/nodes")[1]["id"], "jiu-qiao");
    let by_old_slug = format!("{{ article(slug: \"{slug}\") {{ id slug }} }}");
    let found = copy.anon.query(&by_old_slug).await;
    assert_eq!(found.data("/article"), &json!({ "id": id, "slug": "lao-qiao" }));
}

#[tokio::test]
async fn a_page_imported_again_in_the_copy_is_known_there() {
    let app = TestApp::start().await;
    let page = Page::default();
    import(&app, &page.file()).await;
    let copy = TestApp::start().await;
    import(&copy, &export(&app.database.url).await.join("\n")).await;
    let before = only_article(&copy).await;
    import(&copy, &page.file()).await;
    assert_eq!(only_article(&copy).await, before);
    import(&copy, &Page { text: "改过的稿子。", ..page }.file()).await;
    let after = only_article(&copy).await;
    assert_eq!((&after["id"], &after["slug"]), (&before["id"], &before["slug"]));
    assert_eq!(after["version"], 2);
}

#[tokio::test]
async fn an_empty_database_exports_nothing() {
    let database = database::migrated().await;
    assert_eq!(export(&database.url).await, [""; 0]);
}

/// Compares line by line, for a short difference.
#[track_caller]
fn assert_lines(found: &[String], expected: &[String]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}
