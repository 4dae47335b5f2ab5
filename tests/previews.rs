//! Previews: one article shown to who may not see it yet.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::make::Made;

const HOUR: TimeDelta = TimeDelta::hours(1);

async fn preview(app: &TestApp, input: Value) -> (Client, Value) {
    let fields = "preview { id secret url expiresAt article { title } }";
    let answer = app.editor.mutate("createArticlePreview", input, fields).await;
    assert_eq!(answer.user_errors(), [""; 0]);
    let preview = answer.data("/createArticlePreview/preview").clone();
    (app.with_token(preview["secret"].as_str().unwrap()), preview)
}

async fn title(client: &Client, made: &Made) -> Value {
    let query = format!("{{ node(id: \"{}\") {{ ... on Article {{ title }} }} }}", made.id);
    client.query(&query).await.data("/node").clone()
}

#[tokio::test]
async fn a_preview_shows_its_article_and_what_readers_see_and_nothing_else() {
    let app = TestApp::quiet().await;
    let draft = make::article("稿").with("slug", "draft").with("body", "正文。").draft(&app).await;
    let other = make::article("别的稿").draft(&app).await;
    let seen = make::article("报").published(&app).await;
    let (client, preview) = preview(&app, json!({ "id": draft.id })).await;
    assert_eq!(preview["article"]["title"], "稿");
    assert_eq!(preview["expiresAt"], app.told_in_time(HOUR));
    assert!(client.token().starts_with("redian_preview_"));
    let query = "{ article(slug: \"draft\") { title state body { text } } \
                 articles { nodes { title } } }";
    let answer = client.query(query).await;
    let expected = json!({ "title": "稿", "state": "DRAFT", "body": { "text": "正文。" } });
    assert_eq!(answer.data("/article"), &expected);
    // Lists are those of readers.
    assert_eq!(answer.each("/articles/nodes", "title"), ["报"]);
    assert_eq!(title(&client, &draft).await["title"], "稿");
    assert_eq!(title(&client, &seen).await["title"], "报");
    assert_eq!(title(&client, &other).await, Value::Null);
    for field in ["rankingOverride { mode }", "views { excluded { count } }"] {
        let query = format!("{{ article(slug: \"draft\") {{ {field} }} }}");
        assert_eq!(client.query(&query).await.code(), "FORBIDDEN", "{field}");
    }
    let input = json!({ "id": draft.id, "version": draft.version, "title": "改" });
    assert_eq!(client.mutate("updateArticle", input, "").await.code(), "FORBIDDEN");
    assert_eq!(title(&app.anon, &draft).await, Value::Null);
}

#[tokio::test]
async fn a_preview_ends_by_the_clock_and_by_hand() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let draft = make::article("稿").draft(&app).await;
    let end = app.in_time(HOUR * 2);
    let (client, preview_of) = preview(&app, json!({ "id": draft.id, "expiresAt": end })).await;
    assert_eq!(preview_of["expiresAt"], app.told_in_time(HOUR * 2));
    app.advance(HOUR * 2 - TimeDelta::milliseconds(1));
    assert_eq!(title(&client, &draft).await["title"], "稿");
    app.advance(TimeDelta::milliseconds(1));
    assert_eq!(client.query("{ __typename }").await.code(), "UNAUTHENTICATED");
    let (client, preview_of) = preview(&app, json!({ "id": draft.id })).await;
    let input = json!({ "id": preview_of["id"] });
    assert_eq!(admin.mutate("revokeToken", input, "").await.user_errors(), [""; 0]);
    assert_eq!(client.query("{ __typename }").await.code(), "UNAUTHENTICATED");
    // Tokens are listed without them.
    let answer = admin.query("{ tokens { nodes { name } } }").await;
    assert_eq!(answer.each("/tokens/nodes", "name"), ["test", "editor"]);
}

#[tokio::test]
async fn a_preview_that_ended_long_ago_is_removed_and_other_tokens_stay() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let draft = make::article("稿").draft(&app).await;
    let mut ids = Vec::new();
    for hours in [1, 2] {
        let end = app.in_time(HOUR * hours);
        let (_, preview) = preview(&app, json!({ "id": draft.id, "expiresAt": end })).await;
        ids.push(preview["id"].clone());
    }
    let input = json!({ "name": "短", "scopes": ["COUNT"], "expiresAt": app.in_time(HOUR) });
    let token = admin.mutate("createToken", input, "token { id }").await;
    ids.push(token.data("/createToken/token/id").clone());
    app.advance(TimeDelta::days(30) + HOUR * 2);
    // A server looks for that when it starts, and each hour.
    let other = app.second_server().await;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let gone = async || {
        let answer = admin.query_with(query, json!({ "ids": ids })).await;
        answer.data("/nodes").as_array().unwrap().iter().map(Value::is_null).collect::<Vec<_>>()
    };
    let waiting = async { while gone().await != [true, false, false] {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.unwrap();
    other.stop();
}

#[tokio::test]
async fn the_address_of_a_preview_is_the_front_ends() {
    let app = TestApp::quiet_with(|config| {
        let template = "https://news.example/preview?token={token}&slug={slug}&id={id}";
        config.preview_url = Some(template.into());
    })
    .await;
    let draft = make::article("稿").with("slug", "新闻").draft(&app).await;
    let (client, preview) = preview(&app, json!({ "id": draft.id })).await;
    let expected = format!(
        "https://news.example/preview?token={}&slug=%E6%96%B0%E9%97%BB&id={}",
        client.token(),
        draft.uuid()
    );
    assert_eq!(preview["url"], expected);
}

#[tokio::test]
async fn a_preview_of_nothing_or_for_too_long_is_refused() {
    let app = TestApp::quiet().await;
    let draft = make::article("稿").draft(&app).await;
    let end = |by| json!({ "id": draft.id, "expiresAt": app.in_time(by) });
    let nobody = redian::id::encode("Article", &redian::clock::new_id().to_string());
    for (input, error) in [
        (end(TimeDelta::zero()), "expiresAt: INVALID"),
        (end(TimeDelta::days(7) + TimeDelta::milliseconds(1)), "expiresAt: INVALID"),
        (json!({ "id": nobody }), "id: NOT_FOUND"),
        (json!({ "id": "x" }), "id: INVALID"),
    ] {
        let answer =
            app.editor.mutate("createArticlePreview", input.clone(), "preview { id }").await;
        assert_eq!(answer.user_errors(), [error], "{input}");
    }
    let answer = app.editor.mutate("createArticlePreview", end(TimeDelta::days(7)), "").await;
    assert_eq!(answer.user_errors(), [""; 0]);
}

#[tokio::test]
async fn who_previews_is_no_reader_whose_views_count() {
    let app = TestApp::quiet_but_counting().await;
    let draft = make::article("稿").draft(&app).await;
    let seen = make::article("报").published(&app).await;
    let (client, _) = preview(&app, json!({ "id": draft.id })).await;
    let event = json!({
        "eventId": crate::helpers::views::event_id(app.app.clock.now()), "article": seen.id,
    });
    let answer = client
        .mutate("recordViews", json!({ "events": [event] }), "results { verdict reason }")
        .await;
    let expected = json!([{ "verdict": "EXCLUDED", "reason": "STAFF" }]);
    assert_eq!(answer.data("/recordViews/results"), &expected);
}
