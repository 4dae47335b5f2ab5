//! Regions that are found in the texts of articles.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::import::lines;
use crate::helpers::import::only_article;
use crate::helpers::import::record;
use crate::helpers::import::run_with_input;

const SELECTION: &str = "article { id version regions { code }
    regionTags { region { code } state surface offset rule } }";

/// An article about 石家庄 and 义乌, with what else is given.
async fn create(app: &TestApp, more: Value) -> Answer {
    let mut input = json!({
        "title": "石家庄的早市", "body": "摊主来自义乌。\n\n北京时间五点开张。",
        "detectRegions": true,
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let answer = app.editor.mutate("createArticle", input, SELECTION).await;
    assert_eq!(answer.user_errors(), [""; 0]);
    answer
}

async fn change(client: &Client, mutation: &str, before: &Answer, more: Value) -> Answer {
    let article = article(before);
    let mut input = json!({ "id": article["id"], "version": article["version"] });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let answer = client.mutate(mutation, input, SELECTION).await;
    assert_eq!(answer.user_errors(), [""; 0], "{mutation}");
    answer
}

fn article(answer: &Answer) -> &Value {
    let data = answer.json["data"].as_object().unwrap();
    &data.values().next().unwrap()["article"]
}

fn codes(answer: &Answer) -> Vec<&str> {
    let regions = article(answer)["regions"].as_array().unwrap();
    regions.iter().map(|region| region["code"].as_str().unwrap()).collect()
}

/// Code and state of each tag.
fn states(answer: &Answer) -> Vec<(&str, &str)> {
    let tags = article(answer)["regionTags"].as_array().unwrap();
    let state = |tag| {
        let tag: &Value = tag;
        (tag["region"]["code"].as_str().unwrap(), tag["state"].as_str().unwrap())
    };
    tags.iter().map(state).collect()
}

#[tokio::test]
async fn an_article_is_filed_under_what_it_names_and_keeps_the_words() {
    let app = TestApp::start().await;
    let made = create(&app, json!({ "regions": ["110101"] })).await;
    assert_eq!(codes(&made), ["110101", "130100", "330782"]);
    let tag = |code: &str, surface: &str, offset: usize| {
        json!({ "region": { "code": code }, "state": "DETECTED", "surface": surface,
                "offset": offset, "rule": "short-name" })
    };
    let expected = json!([tag("130100", "石家庄", 0), tag("330782", "义乌", 11)]);
    assert_eq!(article(&made)["regionTags"], expected);
    change(&app.editor, "publishArticle", &made, json!({})).await;
    let query = "{ region(code: \"330000\") { articles { nodes { title } } } }";
    let found = app.anon.query(query).await;
    assert_eq!(found.each("/region/articles/nodes", "title"), ["石家庄的早市"]);
    let plain = create(&app, json!({ "detectRegions": false })).await;
    assert_eq!((codes(&plain), states(&plain)), (vec![], vec![]));
}

#[tokio::test]
async fn a_rejection_lasts_and_readers_do_not_see_it() {
    let app = TestApp::start().await;
    let made = create(&app, json!({})).await;
    let wrong = json!({ "regions": ["330782"] });
    let rejected = change(&app.editor, "rejectRegions", &made, wrong.clone()).await;
    assert_eq!(codes(&rejected), ["130100"]);
    assert_eq!(states(&rejected), [("130100", "DETECTED"), ("330782", "REJECTED")]);
    let body = json!({ "body": "摊主还是义乌的。", "detectRegions": true });
    let again = change(&app.editor, "updateArticle", &rejected, body).await;
    assert_eq!(codes(&again), ["130100"]);
    assert_eq!(states(&again), [("130100", "DETECTED"), ("330782", "REJECTED")]);
    let published = change(&app.editor, "publishArticle", &again, json!({})).await;
    let id = article(&published)["id"].as_str().unwrap();
    let query = format!("{{ article(id: \"{id}\") {{ regionTags {{ surface }} }} }}");
    assert_eq!(app.anon.query(&query).await.each("/article/regionTags", "surface"), ["石家庄"]);
    let back = change(&app.editor, "confirmRegions", &published, wrong).await;
    assert_eq!(codes(&back), ["130100", "330782"]);
    assert_eq!(states(&back), [("130100", "DETECTED"), ("330782", "CONFIRMED")]);
}

#[tokio::test]
async fn what_the_text_no_longer_names_goes_unless_an_editor_confirmed_it() {
    let app = TestApp::start().await;
    let made = create(&app, json!({ "regions": ["130100"] })).await;
    // Named by the editor and by the text: that is a confirmation.
    assert_eq!(states(&made), [("130100", "CONFIRMED"), ("330782", "DETECTED")]);
    let other = json!({ "title": "早市", "body": "摊主来自昆山。", "detectRegions": true });
    let changed = change(&app.editor, "updateArticle", &made, other).await;
    assert_eq!(codes(&changed), ["130100", "320583"]);
    assert_eq!(states(&changed), [("130100", "CONFIRMED"), ("320583", "DETECTED")]);
    // Without being asked nothing is looked for, and nothing goes.
    let unasked = json!({ "body": "摊主来自苏州。" });
    let kept = change(&app.editor, "updateArticle", &changed, unasked).await;
    assert_eq!(codes(&kept), ["130100", "320583"]);
}

#[tokio::test]
async fn an_editors_list_of_regions_decides_about_what_was_found() {
    let app = TestApp::start().await;
    let made = create(&app, json!({})).await;
    let only = json!({ "regions": ["130100"] });
    let left = change(&app.editor, "updateArticle", &made, only).await;
    assert_eq!(states(&left), [("130100", "DETECTED"), ("330782", "REJECTED")]);
    let both = json!({ "regions": ["130100", "330782"] });
    let back = change(&app.editor, "updateArticle", &left, both).await;
    assert_eq!(states(&back), [("130100", "DETECTED"), ("330782", "CONFIRMED")]);
}

#[tokio::test]
async fn only_what_was_found_can_be_decided_and_only_with_the_scope() {
    let app = TestApp::start().await;
    let made = create(&app, json!({})).await;
    let input = |version: i64, code: &str| json!({ "id": article(&made)["id"], "version": version, "regions": [code] });
    for (input, error) in
        [(input(1, "110000"), "regions: NOT_FOUND"), (input(7, "130100"), "version: STALE_VERSION")]
    {
        let answer = app.editor.mutate("rejectRegions", input, SELECTION).await;
        assert_eq!(answer.user_errors(), [error]);
    }
    let reader = app.with_scopes(&["read-drafts"]).await;
    let answer = reader.mutate("confirmRegions", input(1, "130100"), SELECTION).await;
    assert_eq!(answer.code(), "FORBIDDEN");
}

#[tokio::test]
async fn an_import_finds_regions_if_it_is_asked_to() {
    let app = TestApp::start().await;
    let file = lines(&[record(json!({
        "externalId": "1", "title": "渡口", "body": "船从武汉来。", "regions": ["420102"],
    }))]);
    let url = &app.database.url;
    let import = ["import", "--detect-regions", "-"];
    let run = run_with_input(url, &import, file.as_bytes()).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    let regions = |article: &Value| article["regions"].clone();
    let both = json!([{ "code": "420100" }, { "code": "420102" }]);
    assert_eq!(regions(&only_article(&app).await), both);
    // A correction of the text is looked at as well.
    let corrected = file.replace("武汉", "宜昌");
    run_with_input(url, &import, corrected.as_bytes()).await;
    let other = json!([{ "code": "420102" }, { "code": "420500" }]);
    assert_eq!(regions(&only_article(&app).await), other);
    run_with_input(url, &import, file.as_bytes()).await;
    assert_eq!(regions(&only_article(&app).await), both);
    // A correction without the search leaves what was found.
    let longer = file.replace("船从", "大船从");
    run_with_input(url, &["import", "-"], longer.as_bytes()).await;
    assert_eq!(regions(&only_article(&app).await), both);
}
