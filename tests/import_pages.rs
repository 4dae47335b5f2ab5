//! Scraped portal pages through `redian import`, read back over GraphQL.

use std::path::PathBuf;

use encoding_rs::GB18030;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::Folder;
use crate::helpers::import::Page;
use crate::helpers::import::articles;
use crate::helpers::import::import;
use crate::helpers::import::last_event;
use crate::helpers::import::only_article;
use crate::helpers::import::run;
use crate::helpers::import::run_with_input;
use crate::helpers::import::texts;

/// A sample page and what is expected of it.
fn samples() -> Vec<(PathBuf, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/pages");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages = paths.filter(|path| path.extension().is_some_and(|kind| kind == "txt"));
    let mut samples: Vec<(PathBuf, Value)> = pages
        .map(|page| {
            let expected = std::fs::read(page.with_extension("expected.json")).unwrap();
            (page, serde_json::from_slice(&expected).unwrap())
        })
        .collect();
    samples.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(samples.len() >= 20, "{} sample pages", samples.len());
    samples
}

fn block_texts(expected: &Value) -> Vec<String> {
    let text = |block: &Value| {
        let text = block["t"].as_str().unwrap();
        block["no"].as_str().map_or(text.to_owned(), |no| format!("{no} {text}"))
    };
    expected["blocks"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_dry_run_prints_each_sample_page_as_expected() {
    for (page, expected) in samples() {
        let path = page.to_str().unwrap();
        let run = run("sqlite:///nowhere/none.db", &["import", "--dry-run", "--json", path]).await;
        let mut printed: Value = serde_json::from_str(&run.out).unwrap();
        if let Some(error) = printed.get_mut("error") {
            let message = error.as_object_mut().unwrap().remove("message");
            assert!(message.is_some_and(|text| !text.as_str().unwrap().is_empty()), "{path}");
        }
        assert_eq!(printed, expected, "{path}");
        let failed = i32::from(expected["outcome"] == "error");
        assert_eq!(run.status, Some(failed), "{path}: {}", run.err);
    }
}

#[tokio::test]
async fn every_sample_page_is_stored_with_the_text_of_its_blocks() {
    let app = TestApp::start().await;
    for (page, expected) in samples() {
        let path = page.to_str().unwrap();
        let run = run(&app.database.url, &["import", path]).await;
        assert_eq!(run.status, Some(i32::from(expected["outcome"] == "error")), "{path}");
    }
    let stored = articles(&app).await;
    let mut expected_count = 0;
    for (_, expected) in samples() {
        for article in expected["articles"].as_array().into_iter().flatten() {
            expected_count += 1;
            let wanted = block_texts(article);
            let found = stored.iter().find(|stored| texts(stored) == wanted);
            let found = found.unwrap_or_else(|| panic!("no article of {article:#}"));
            assert_eq!(found["title"], article["title"].as_str().unwrap_or_default());
            assert_eq!(found["byline"], article["author"], "{article:#}");
            assert_eq!(found["source"]["name"], article["source"], "{article:#}");
            assert_eq!(found["body"]["foldAt"], article["fold_at"], "{article:#}");
            assert_eq!(found["importedFrom"]["site"], expected["site"]["name"], "{article:#}");
            let views = article["views"].as_i64().unwrap_or_default();
            assert_eq!(found["views"]["imported"], views, "{article:#}");
        }
    }
    assert_eq!(stored.len(), expected_count);
}

#[tokio::test]
async fn an_imported_page_is_queryable_with_all_that_it_says() {
    let app = TestApp::start().await;
    let page = Page {
        recommended: "雨后的集市\n4,500\n桥头的 修鞋摊\n没有人数的",
        ..Page::default()
    };
    import(&app, &page.file()).await;
    let query = "{ articles { nodes { title slug byline source { name url } state reviewReason
        updatedAt publishedAt teaser regions { code } views { total counted imported }
        body { foldAt text }
        importedFrom { site column recommended { rank title views article { title } } } } } }";
    let answer = app.anon.query(query).await;
    let expected = json!([{
        "title": "桥头的修鞋摊",
        "slug": "qiao-tou-de-xiu-xie-tan",
        "byline": "老街坊",
        "source": { "name": "街巷周刊", "url": null },
        "state": "PUBLISHED",
        "reviewReason": null,
        "updatedAt": "2025-03-08T01:05:00+00:00",
        "publishedAt": "2025-03-08T01:05:00+00:00",
        "teaser": "老人每天七点出摊。\n他说:“鞋合脚,人才走得远。”",
        "regions": [],
        "views": { "total": 120, "counted": 0, "imported": 120 },
        "body": {
            "foldAt": 2,
            "text": "老人每天七点出摊。\n他说:“鞋合脚,人才走得远。”\n傍晚他把工具锁进木箱。",
        },
        "importedFrom": {
            "site": "河畔日报",
            "column": "最新热点",
            "recommended": [
                { "rank": 1, "title": "雨后的集市", "views": 4500, "article": null },
                {
                    "rank": 2,
                    "title": "桥头的 修鞋摊",
                    "views": null,
                    "article": { "title": "桥头的修鞋摊" },
                },
                { "rank": 3, "title": "没有人数的", "views": null, "article": null },
            ],
        },
    }]);
    assert_eq!(answer.data("/articles/nodes"), &expected);
}

#[tokio::test]
async fn importing_a_page_again_changes_nothing() {
    let app = TestApp::start().await;
    let page = Page::default().file();
    import(&app, &page).await;
    let (before, event) = (only_article(&app).await, last_event(&app).await);
    import(&app, &page).await;
    assert_eq!(only_article(&app).await, before);
    assert_eq!(last_event(&app).await, event);
}

#[tokio::test]
async fn the_largest_number_of_views_is_kept_and_none_are_added_up() {
    let app = TestApp::start().await;
    for (views, shown) in [("120", 120), ("1.2万", 12_000), ("90", 12_000), ("", 12_000)] {
        import(&app, &Page { views, ..Page::default() }.file()).await;
        let article = only_article(&app).await;
        assert_eq!(article["views"]["imported"], shown, "after {views}");
        assert_eq!(article["version"], 1, "after {views}");
    }
}

#[tokio::test]
async fn a_corrected_text_updates_the_article_under_its_id_and_slug() {
    let app = TestApp::start().await;
    import(&app, &Page::default().file()).await;
    let before = only_article(&app).await;
    import(&app, &Page { text: "老人每天六点出摊。", ..Page::default() }.file()).await;
    let after = only_article(&app).await;
    assert_eq!(texts(&after), ["老人每天六点出摊。"]);
    assert_eq!((&after["id"], &after["slug"]), (&before["id"], &before["slug"]));
    assert_eq!((&before["version"], &after["version"]), (&json!(1), &json!(2)));
    assert_eq!(after["state"], "PUBLISHED");
}

#[tokio::test]
async fn a_correction_of_what_an_editor_changed_is_reported_and_left_alone() {
    let app = TestApp::start().await;
    import(&app, &Page::default().file()).await;
    let id = only_article(&app).await["id"].clone();
    let input = json!({ "id": id, "version": 1, "byline": "本报记者" });
    let answer = app.editor.mutate("updateArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    let before = only_article(&app).await;
    let run = import(&app, &Page { text: "改过的稿子。", ..Page::default() }.file()).await;
    assert!(run.err.contains("-:1: left alone: an editor changed it"), "{}", run.err);
    assert_eq!(only_article(&app).await, before);
}

#[tokio::test]
async fn withdrawn_articles_stay_withdrawn() {
    let app = TestApp::start().await;
    import(&app, &Page::default().file()).await;
    let id = only_article(&app).await["id"].clone();
    app.editor.mutate("withdrawArticle", json!({ "id": id }), "article { id }").await;
    let before = only_article(&app).await;
    assert_eq!(before["state"], "WITHDRAWN");
    let corrected = Page { text: "改过的稿子。", ..Page::default() };
    let elsewhere = Page { site: "山城晚报", ..Page::default() };
    for page in [Page::default(), corrected, elsewhere] {
        import(&app, &page.file()).await;
        assert_eq!(only_article(&app).await, before, "{page:?}");
    }
}

#[tokio::test]
async fn deleted_articles_do_not_come_back() {
    let app = TestApp::start().await;
    import(&app, &Page::default().file()).await;
    let id = only_article(&app).await["id"].clone();
    let answer = app.editor.mutate("deleteArticle", json!({ "id": id }), "deletedId").await;
    assert_eq!(answer.data("/deleteArticle/deletedId"), &id);
    let corrected = Page { text: "改过的稿子。", ..Page::default() };
    let elsewhere = Page { site: "山城晚报", ..Page::default() };
    for page in [Page::default(), corrected, elsewhere] {
        let run = import(&app, &page.file()).await;
        assert!(run.err.contains("left alone: it was deleted"), "{page:?}: {}", run.err);
        assert_eq!(articles(&app).await, [Value::Null; 0], "{page:?}");
    }
}

#[tokio::test]
async fn the_same_article_from_another_site_with_other_punctuation_is_not_doubled() {
    let app = TestApp::start().await;
    let first = Page { title: "修鞋摊:三十年", ..Page::default() };
    import(&app, &first.file()).await;
    let before = only_article(&app).await;
    let text = first.text.replace(',', "，").replace(':', "：");
    let other =
        Page {
            site: "山城晚报", title: "修鞋摊：三十年", views: "7,000", ..Page::default()
        };
    import(&app, &other.file().replace(first.text, &text)).await;
    let after = only_article(&app).await;
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["body"], before["body"]);
    assert_eq!(after["importedFrom"]["site"], "河畔日报");
    assert_eq!(after["views"]["imported"], 7000);
    // The same title above another text is another article.
    let unlike = Page { text: "另一座桥。", ..other };
    import(&app, &unlike.file().replace("山城晚报", "海港早报")).await;
    assert_eq!(articles(&app).await.len(), 2);
}

#[tokio::test]
async fn a_text_without_a_title_is_a_draft_until_an_editor_gives_it_one() {
    let app = TestApp::start().await;
    let page = Page::default().file();
    let (_, page) = page.split_once("更新时间").unwrap();
    let run = import(&app, &format!("更新时间{page}")).await;
    assert!(run.err.contains("warning: article_1_title_missing"), "{}", run.err);
    let draft = only_article(&app).await;
    assert_eq!((&draft["title"], &draft["state"]), (&json!(""), &json!("DRAFT")));
    assert_eq!(draft["reviewReason"], "TITLE_MISSING");
    let publish = json!({ "id": draft["id"] });
    let refused = app.editor.mutate("publishArticle", publish.clone(), "article { id }").await;
    assert_eq!(refused.user_errors(), ["title: REQUIRED"]);
    let input = json!({ "id": draft["id"], "version": 1, "title": "有了题目" });
    let titled = app.editor.mutate("updateArticle", input, "article { reviewReason }").await;
    assert_eq!(titled.data("/updateArticle/article/reviewReason"), &Value::Null);
    let published = app.editor.mutate("publishArticle", publish, "article { id }").await;
    assert_eq!(published.user_errors(), [""; 0]);
    let answer = app.anon.query("{ articles { nodes { title } } }").await;
    assert_eq!(answer.each("/articles/nodes", "title"), ["有了题目"]);
}

#[tokio::test]
async fn a_bad_page_is_reported_with_its_line_and_the_others_are_imported() {
    let app = TestApp::start().await;
    let folder = Folder::new();
    let first = folder.write("1.txt", Page::default().file());
    let second = folder.write("2.txt", Page { title: "另一篇", ..Page::default() }.file());
    let mut cut = Page { title: "坏了的", ..Page::default() }.file().into_bytes();
    cut.splice(cut.len() - 1.., *b"\xff\xff\n");
    let line = cut.iter().filter(|&&byte| byte == b'\n').count();
    for (name, bytes, at) in [
        ("bytes.txt", &cut[..], line),
        ("headless.txt", "只有一行字\n".as_bytes(), 1),
        ("empty.txt", b"", 1),
    ] {
        let bad = folder.write(name, bytes);
        let run = run(&app.database.url, &["import", &first, &bad, &second]).await;
        assert_eq!(run.status, Some(1), "{name}");
        assert!(run.err.contains(&format!("{name}:{at}: error: ")), "{name}: {}", run.err);
        assert!(run.err.contains("1 failed"), "{name}: {}", run.err);
        let titles: Vec<Value> =
            articles(&app).await.iter().map(|article| article["title"].clone()).collect();
        assert_eq!(titles, ["另一篇", "桥头的修鞋摊"], "{name}");
    }
}

#[tokio::test]
async fn pages_come_as_files_folders_standard_input_and_in_gb18030() {
    let file = Page { title: "文件里的", ..Page::default() }.file();
    let folder = Folder::new();
    let path = folder.write("page.txt", &file);
    let (gb, _, lossy) = GB18030.encode(&file);
    assert!(!lossy);
    let gb_path = folder.write("gb.txt", &gb);
    let nested = Folder::new();
    nested.write("a/b/page", &file);
    nested.write(".hidden", "no page");
    for (argument, input) in [
        (&path[..], &b""[..]),
        (nested.path(), b""),
        ("-", file.as_bytes()),
        (&gb_path, b""),
        ("-", &gb),
    ] {
        let app = TestApp::start().await;
        let run = run_with_input(&app.database.url, &["import", argument], input).await;
        assert_eq!(run.status, Some(0), "{argument}: {}", run.err);
        let article = only_article(&app).await;
        assert_eq!(article["title"], "文件里的", "{argument}");
        assert_eq!(texts(&article)[1], "他说:“鞋合脚,人才走得远。”", "{argument}");
    }
}

#[tokio::test]
async fn the_state_of_imported_pages_can_be_chosen() {
    for (state, shown) in [("draft", "DRAFT"), ("published", "PUBLISHED")] {
        let app = TestApp::start().await;
        let page = Page::default().file();
        let arguments = ["import", "--state", state, "-"];
        let run = run_with_input(&app.database.url, &arguments, page.as_bytes()).await;
        assert_eq!(run.status, Some(0), "{}", run.err);
        assert_eq!(only_article(&app).await["state"], shown);
        let readers = app.anon.query("{ articles { nodes { id } } }").await;
        let seen = readers.data("/articles/nodes").as_array().unwrap().len();
        assert_eq!(seen, usize::from(state == "published"));
    }
}

#[tokio::test]
async fn a_page_never_creates_regions() {
    let app = TestApp::start().await;
    let count = "{ site { regionCount { value } } }";
    let before = app.anon.query(count).await.data("/site/regionCount/value").clone();
    let directory = "浙江省:杭州市:(上城区、云上区)\n云上省:云上市:(云中区)";
    let page = Page::default().file().replace("浙江省:杭州市:(上城区、拱墅区)", directory);
    import(&app, &page).await;
    assert_eq!(only_article(&app).await["regions"], json!([]));
    // A server that starts now reads the table anew.
    app.app.refresh_tree().await.unwrap();
    assert_eq!(app.anon.query(count).await.data("/site/regionCount/value"), &before);
    let run = run(&app.database.url, &["export"]).await;
    assert!(!run.out.contains("\"type\":\"region\""), "{}", run.out);
}
