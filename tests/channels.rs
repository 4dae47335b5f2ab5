//! Channels: creating, changing and deleting them.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::database;
use crate::helpers::make;

async fn mutate(app: &TestApp, mutation: &str, input: Value) -> Answer {
    app.editor.mutate(mutation, input, "channel { id slug name }").await
}

async fn id_of(app: &TestApp, slug: &str) -> Value {
    let answer = app.anon.query(&format!("{{ channel(slug: \"{slug}\") {{ id }} }}")).await;
    answer.data("/channel/id").clone()
}

#[tokio::test]
async fn channels_are_listed_in_the_order_of_their_creation() {
    let app = TestApp::start().await;
    for (slug, name) in [("news", "新闻"), ("财经", "财经频道"), ("a-b_c1", "甲")] {
        let answer = mutate(&app, "createChannel", json!({ "slug": slug, "name": name })).await;
        assert_eq!(answer.user_errors(), [""; 0]);
        assert_eq!(answer.data("/createChannel/channel/slug"), slug);
    }
    let answer = app.anon.query("{ channels { slug name } site { channelCount { value } } }").await;
    let expected = json!([
        { "slug": "news", "name": "新闻" },
        { "slug": "财经", "name": "财经频道" },
        { "slug": "a-b_c1", "name": "甲" },
    ]);
    assert_eq!(answer.data("/channels"), &expected);
    assert_eq!(answer.data("/site/channelCount/value"), 3);
}

#[tokio::test]
async fn a_channel_is_found_by_slug_and_by_its_global_id() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let id = id_of(&app, "news").await;
    let query = format!("{{ node(id: {id}) {{ id ... on Channel {{ slug name }} }} }}");
    let expected = json!({ "id": id, "slug": "news", "name": "新闻" });
    assert_eq!(app.anon.query(&query).await.data("/node"), &expected);
    let answer = app.anon.query("{ channel(slug: \"NEWS\") { id } }").await;
    assert_eq!(answer.data("/channel"), &Value::Null);
}

#[tokio::test]
async fn a_channel_must_keep_the_rules() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let id = id_of(&app, "news").await;
    let long = "长".repeat(61);
    let cases = [
        ("slug", "", "slug: INVALID"),
        ("slug", " ", "slug: INVALID"),
        ("slug", "a b", "slug: INVALID"),
        ("slug", "a/b", "slug: INVALID"),
        ("slug", "a.b", "slug: INVALID"),
        ("slug", "a\0", "slug: INVALID"),
        ("slug", &long, "slug: INVALID"),
        ("name", "", "name: INVALID"),
        ("name", "  ", "name: INVALID"),
        ("name", "新\0闻", "name: INVALID"),
        ("name", "新\n闻", "name: INVALID"),
        ("name", &long, "name: INVALID"),
    ];
    for (field, value, error) in cases {
        let mut input = json!({ "slug": "other", "name": "别的" });
        input[field] = value.into();
        let answer = mutate(&app, "createChannel", input).await;
        assert_eq!(answer.user_errors(), [error], "{value:?}");
        assert_eq!(answer.data("/createChannel/channel"), &Value::Null);
        let answer = mutate(&app, "updateChannel", json!({ "id": id, field: value })).await;
        assert_eq!(answer.user_errors(), [error], "{value:?}");
    }
    let answer = app.anon.query("{ channels { slug name } }").await;
    assert_eq!(answer.data("/channels"), &json!([{ "slug": "news", "name": "新闻" }]));
    let input = json!({ "slug": "长".repeat(60), "name": "长".repeat(60) });
    assert_eq!(mutate(&app, "createChannel", input).await.user_errors(), [""; 0]);
}

#[tokio::test]
async fn a_slug_belongs_to_one_channel() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    make::channel(&app, "tech", "科技").await;
    let again = mutate(&app, "createChannel", json!({ "slug": "news", "name": "又" })).await;
    assert_eq!(again.user_errors(), ["slug: TAKEN"]);
    let id = id_of(&app, "tech").await;
    let taken = mutate(&app, "updateChannel", json!({ "id": id, "slug": "news" })).await;
    assert_eq!(taken.user_errors(), ["slug: TAKEN"]);
    let own = mutate(&app, "updateChannel", json!({ "id": id, "slug": "tech" })).await;
    assert_eq!(own.user_errors(), [""; 0]);
}

#[tokio::test]
async fn of_concurrent_creations_of_one_slug_exactly_one_wins() {
    let app = TestApp::start().await;
    let creations: Vec<_> = (0..6)
        .map(|number| {
            let client = app.editor.clone();
            let input = json!({ "slug": "news", "name": format!("第{number}个") });
            tokio::spawn(
                async move { client.mutate("createChannel", input, "channel { name }").await },
            )
        })
        .collect();
    let mut names = Vec::new();
    for creation in creations {
        let answer = creation.await.unwrap();
        match answer.user_errors().as_slice() {
            [] => names.push(answer.data("/createChannel/channel/name").clone()),
            errors => assert_eq!(errors, ["slug: TAKEN"]),
        }
    }
    let answer = app.anon.query("{ channels { name } }").await;
    assert_eq!(names, [answer.data("/channels/0/name").clone()]);
    assert_eq!(answer.data("/channels").as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_keeps_what_is_left_out_and_the_articles() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    make::article("甲").with("channel", "news").published(&app).await;
    let id = id_of(&app, "news").await;
    let steps = [
        (json!({ "id": id }), "news", "新闻"),
        (json!({ "id": id, "name": "要闻" }), "news", "要闻"),
        (json!({ "id": id, "slug": "top" }), "top", "要闻"),
        (json!({ "id": id, "slug": null, "name": null }), "top", "要闻"),
    ];
    for (input, slug, name) in steps {
        let answer = mutate(&app, "updateChannel", input).await;
        let expected = json!({ "id": id, "slug": slug, "name": name });
        assert_eq!(answer.data("/updateChannel/channel"), &expected);
        let query = format!(
            "{{ articles(filter: {{ channel: \"{slug}\" }}) {{ nodes {{ channel {{ id slug name }} }} }} }}"
        );
        assert_eq!(app.anon.query(&query).await.data("/articles/nodes/0/channel"), &expected);
    }
    let answer = app.anon.query("{ channel(slug: \"news\") { id } }").await;
    assert_eq!(answer.data("/channel"), &Value::Null);
}

#[tokio::test]
async fn a_channel_in_use_is_not_deleted() {
    let app = TestApp::start().await;
    make::channel(&app, "news", "新闻").await;
    let id = id_of(&app, "news").await;
    let draft = make::article("甲").with("channel", "news").draft(&app).await;
    let withdrawn = make::article("乙").with("channel", "news").published(&app).await;
    make::withdraw(&app, &withdrawn).await;
    let delete = async || mutate(&app, "deleteChannel", json!({ "id": id })).await;
    assert_eq!(delete().await.user_errors(), ["id: WRONG_STATE"]);
    make::delete(&app, &withdrawn).await;
    assert_eq!(delete().await.user_errors(), ["id: WRONG_STATE"]);
    let input = json!({ "id": draft.id, "version": draft.version, "channel": null });
    let answer = app.editor.mutate("updateArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    let answer = delete().await;
    let before = json!({ "id": id, "slug": "news", "name": "新闻" });
    assert_eq!(answer.data("/deleteChannel/channel"), &before);
    assert_eq!(delete().await.user_errors(), ["id: NOT_FOUND"]);
    let query =
        format!("{{ channels {{ id }} channel(slug: \"news\") {{ id }} node(id: {id}) {{ id }} }}");
    let answer = app.anon.query(&query).await;
    assert_eq!(answer.data(""), &json!({ "channels": [], "channel": null, "node": null }));
    let again = mutate(&app, "createChannel", json!({ "slug": "news", "name": "新闻" })).await;
    assert_eq!(again.user_errors(), [""; 0]);
}

#[tokio::test]
async fn only_channels_that_exist_can_be_changed() {
    let app = TestApp::start().await;
    for (id, error) in [
        (database::nobody().to_string(), "id: NOT_FOUND"),
        ("nonsense".into(), "id: INVALID"),
        (redian::id::encode("Article", &database::nobody().to_string()), "id: INVALID"),
    ] {
        for mutation in ["updateChannel", "deleteChannel"] {
            let answer = mutate(&app, mutation, json!({ "id": id })).await;
            assert_eq!(answer.user_errors(), [error], "{mutation} {id}");
        }
    }
}
