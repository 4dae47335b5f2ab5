//! The rules that articles must keep: each fault is told with field and code.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make;

fn long(count: usize) -> String {
    "长".repeat(count)
}

/// Field, value, and the faults that are told.
fn faults() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let image = |field: &str, value: Value| {
        let mut image = json!({ "url": "https://example.org/a.jpg" });
        image[field] = value;
        image
    };
    let url = |url: &str| json!({ "url": url });
    let many = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
    let tree = redian::region::file::builtin_tree().unwrap();
    let regions: Vec<String> =
        tree.descendants(None).iter().take(101).map(|region| region.code.clone()).collect();
    let mut cases = vec![
        ("title", json!(long(301)), vec!["title: TOO_LONG"]),
        ("title", json!("一\n二"), vec!["title: INVALID"]),
        ("title", json!("一\0二"), vec!["title: INVALID"]),
        ("title", json!(format!("{}\t二", long(300))), vec!["title: TOO_LONG", "title: INVALID"]),
        ("body", json!("一\0二"), vec!["body: INVALID"]),
        ("byline", json!(long(201)), vec!["byline: TOO_LONG"]),
        ("byline", json!("一\0二"), vec!["byline: INVALID"]),
        ("source", json!({ "name": long(201) }), vec!["source.name: TOO_LONG"]),
        ("source", json!({ "name": "一\u{1b}二" }), vec!["source.name: INVALID"]),
        ("source", url(&format!("http://{}", "a".repeat(1994))), vec!["source.url: TOO_LONG"]),
        ("leadImage", image("alt", json!(long(501))), vec!["leadImage.alt: TOO_LONG"]),
        ("leadImage", image("caption", json!(long(501))), vec!["leadImage.caption: TOO_LONG"]),
        ("leadImage", image("credit", json!(long(201))), vec!["leadImage.credit: TOO_LONG"]),
        ("leadImage", image("credit", json!("\0")), vec!["leadImage.credit: INVALID"]),
        ("leadImage", image("width", json!(0)), vec!["leadImage.width: INVALID"]),
        ("leadImage", image("height", json!(100_001)), vec!["leadImage.height: INVALID"]),
        ("leadImage", url(""), vec!["leadImage.url: INVALID"]),
        ("tags", json!(many(21)), vec!["tags: TOO_LONG"]),
        ("tags", json!(["好", " "]), vec!["tags: REQUIRED"]),
        ("tags", json!([long(61)]), vec!["tags: TOO_LONG"]),
        ("tags", json!(["一\0"]), vec!["tags: INVALID"]),
        ("regions", json!(["999999"]), vec!["regions: NOT_FOUND"]),
        ("regions", json!(["130104", "hebei", ""]), vec!["regions: NOT_FOUND"; 2]),
        ("regions", json!(regions), vec!["regions: TOO_LONG"]),
        ("channel", json!("nowhere"), vec!["channel: NOT_FOUND"]),
        ("channel", json!(""), vec!["channel: NOT_FOUND"]),
        ("channel", json!("a\0"), vec!["channel: NOT_FOUND"]),
        ("metadata", json!({ "a": "x".repeat(16_384 - 7) }), vec!["metadata: TOO_LONG"]),
        ("metadata", json!({ "a": ["\0"] }), vec!["metadata: INVALID"]),
        ("metadata", json!({ "a": { "\0": 1 } }), vec!["metadata: INVALID"]),
        ("slug", json!(""), vec!["slug: INVALID"]),
        ("slug", json!(long(121)), vec!["slug: INVALID"]),
        ("slug", json!("a\0"), vec!["slug: INVALID"]),
    ];
    let bad = [
        "example.org",
        "//example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "http://",
        "https:///a",
        "https://a b",
        "https://a\nb",
        "https://a\0b",
        "HTTPS//a",
        "data:text/html,a",
    ];
    for address in bad {
        cases.push(("source", url(address), vec!["source.url: INVALID"]));
        cases.push(("leadImage", url(address), vec!["leadImage.url: INVALID"]));
    }
    for slug in [" ", "a b", "a/b", "a?b", "a#b", "a%20b", "..", ".", "a\nb", "一，二", "🎉"] {
        cases.push(("slug", json!(slug), vec!["slug: INVALID"]));
    }
    cases
}

#[tokio::test]
async fn every_fault_of_a_new_article_is_told_with_its_field_and_code() {
    let app = TestApp::start().await;
    for (field, value, expected) in faults() {
        let mut input = json!({ "title": "题", "body": "文" });
        input[field] = value;
        let shown = input[field].to_string().chars().take(60).collect::<String>();
        let answer = app.editor.mutate("createArticle", input, "article { id }").await;
        assert_eq!(answer.user_errors(), expected, "{field}: {shown}");
        assert_eq!(answer.data("/createArticle/article"), &Value::Null);
    }
    let all = app.editor.query("{ articles(orderBy: RECENTLY_UPDATED) { nodes { id } } }").await;
    assert_eq!(all.data("/articles/nodes"), &json!([]));
}

#[tokio::test]
async fn every_fault_of_a_change_is_told_and_nothing_is_changed() {
    let app = TestApp::start().await;
    let made = make::article("题").about(&["130104"]).published(&app).await;
    let query = format!(
        "{{ article(id: \"{}\") {{ title slug slugs version tags regions {{ code }} metadata \
         byline source {{ url }} leadImage {{ url }} body {{ markdown }} }} }}",
        made.id
    );
    let before = app.anon.query(&query).await.json;
    for (field, value, expected) in faults() {
        let input = json!({ "id": made.id, "version": made.version, field: value });
        let shown = input[field].to_string().chars().take(60).collect::<String>();
        let answer = app.editor.mutate("updateArticle", input, "article { id }").await;
        assert_eq!(answer.user_errors(), expected, "{field}: {shown}");
    }
    assert_eq!(app.anon.query(&query).await.json, before);
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let app = TestApp::start().await;
    let input = json!({
        "title": long(301), "body": "\0", "slug": "a b", "byline": long(201),
        "source": { "url": "x" }, "tags": [""], "regions": ["1"], "metadata": { "a": "\0" },
    });
    let answer = app.editor.mutate("createArticle", input, "article { id }").await;
    let expected = [
        "slug: INVALID",
        "title: TOO_LONG",
        "byline: TOO_LONG",
        "source.url: INVALID",
        "tags: REQUIRED",
        "regions: NOT_FOUND",
        "metadata: INVALID",
        "body: INVALID",
    ];
    assert_eq!(answer.user_errors(), expected);
    for error in answer.data("/createArticle/userErrors").as_array().unwrap() {
        assert!(error["message"].as_str().unwrap().ends_with('.'), "{error}");
    }
}

#[tokio::test]
async fn what_just_fits_is_accepted() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let tags: Vec<String> = (0..20).map(|number| format!("{number:02}{}", long(58))).collect();
    let query = "{ regions(level: PREFECTURE, first: 100) { nodes { code } } }";
    let regions = app.anon.query(query).await.each("/regions/nodes", "code");
    let input = json!({
        "title": long(300),
        "body": "a".repeat(1 << 20),
        "slug": long(120),
        "byline": long(200),
        "source": { "name": long(200), "url": format!("https://{}", "a".repeat(1992)) },
        "leadImage": {
            "url": "http://localhost:8080/图.jpg?a=1&b=%20#c", "alt": long(500),
            "caption": long(500), "credit": long(200), "width": 1, "height": 100_000,
        },
        "channel": "news",
        "tags": tags,
        "regions": regions,
        "metadata": { "a": "x".repeat(16_384 - 8) },
        "idempotencyKey": long(200),
    });
    let answer = app.editor.mutate("createArticle", input, "article { id tags }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    assert_eq!(answer.data("/createArticle/article/tags"), &json!(tags));
}

#[tokio::test]
async fn metadata_may_speak_of_escapes_and_holds_any_json() {
    let app = TestApp::start().await;
    let metadata = json!({
        "escape": "\\u0000", "quote": "\"'", "empty": {}, "list": [[], null, true, 1.5, -3],
        "": "键", "大数": 9_007_199_254_740_993_i64, "emoji": "👨‍👩‍👧",
    });
    let input = json!({ "title": "题", "body": "", "metadata": metadata });
    let answer = app.editor.mutate("createArticle", input, "article { metadata }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    assert_eq!(answer.data("/createArticle/article/metadata"), &metadata);
}

#[tokio::test]
async fn a_title_is_needed_but_in_drafts_that_await_review() {
    let app = TestApp::start().await;
    for title in ["", "  ", "\u{3000}\n"] {
        let input = json!({ "title": title, "body": "文" });
        let answer = app.editor.mutate("createArticle", input, "article { id }").await;
        assert_eq!(answer.user_errors(), ["title: REQUIRED"], "{title:?}");
    }
    let draft = make::article("题").draft(&app).await;
    let without = json!({ "id": draft.id, "version": 1, "title": " " });
    let answer =
        app.editor.mutate("updateArticle", without, "article { title reviewReason }").await;
    let expected = json!({ "title": "", "reviewReason": "TITLE_MISSING" });
    assert_eq!(answer.data("/updateArticle/article"), &expected);
    let answer =
        app.editor.mutate("publishArticle", json!({ "id": draft.id }), "article { id }").await;
    assert_eq!(answer.user_errors(), ["title: REQUIRED"]);

    let with = json!({ "id": draft.id, "version": 2, "title": "有题" });
    let answer = app.editor.mutate("updateArticle", with, "article { reviewReason }").await;
    assert_eq!(answer.data("/updateArticle/article/reviewReason"), &Value::Null);
    let mut version = make::publish(&app, &draft, json!({})).await.version;
    for state in ["PUBLISHED", "WITHDRAWN"] {
        let without = json!({ "id": draft.id, "version": version, "title": "" });
        let answer = app.editor.mutate("updateArticle", without, "article { id }").await;
        assert_eq!(answer.user_errors(), ["title: REQUIRED"], "{state}");
        version = make::withdraw(&app, &draft).await.version;
    }
}

#[tokio::test]
async fn a_body_has_at_most_sixteen_mebibytes() {
    let app = TestApp::start_with(|config| config.max_body = 20 << 20).await;
    let input = json!({ "title": "长", "body": "a".repeat((16 << 20) + 1) });
    let answer = app.editor.mutate("createArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), ["body: TOO_LONG"]);
}
