//! Plain JSON by GET: the same as GraphQL gives, described by a document that is kept.

use reqwest::Method;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::make;
use crate::helpers::views::event_id;
use crate::helpers::views::report;

async fn portal() -> TestApp {
    let app = TestApp::start().await;
    make::channel(&app, "news", "要闻").await;
    for (title, slug) in [("石家庄下雪", "snow"), ("桥西下雨", "rain"), ("邢台刮风", "wind")]
    {
        let made = make::article(title).with("slug", slug).about(&["130100"]);
        made.with("channel", "news").published(&app).await;
        app.advance(chrono::TimeDelta::minutes(1));
    }
    make::article("机密").with("slug", "secret").draft(&app).await;
    app
}

async fn get(app: &TestApp, path: &str) -> Value {
    let answer = app.anon.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.json);
    answer.json
}

fn titles(list: &Value, pointer: &str) -> Vec<String> {
    let items = list.pointer(pointer).unwrap().as_array().unwrap();
    let title = |item: &Value| item.get("node").unwrap_or(item)["title"].as_str().unwrap().into();
    items.iter().map(title).collect()
}

#[tokio::test]
async fn lists_come_in_pages_and_articles_by_their_slugs() {
    let app = portal().await;
    let first = get(&app, "/v1/articles?first=2&region=hebei").await;
    assert_eq!(titles(&first, "/nodes"), ["邢台刮风", "桥西下雨"]);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = first["pageInfo"]["endCursor"].as_str().unwrap();
    let second = get(&app, &format!("/v1/articles?first=2&region=hebei&after={after}")).await;
    assert_eq!(titles(&second, "/nodes"), ["石家庄下雪"]);
    assert_eq!(get(&app, "/v1/articles?channel=none").await["nodes"], json!([]));
    let article = get(&app, "/v1/articles/snow").await;
    assert_eq!(article["title"], "石家庄下雪");
    assert_eq!(article["body"]["html"], "<p>石家庄下雪的正文。</p>\n");
    assert_eq!(article["regions"][0]["path"], "hebei/shijiazhuang");
    let more = get(&app, "/v1/articles/snow/recommended").await;
    let mut recommended: Vec<&Value> = more["recommended"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["article"]["title"])
        .collect();
    recommended.sort_by_key(|title| title.to_string());
    assert_eq!(
        (recommended, &more["reprints"]),
        (vec![&json!("桥西下雨"), &json!("邢台刮风")], &json!([]))
    );
    assert!(more["recommended"][0]["reason"].is_string());
    let found = get(&app, "/v1/search?q=%E4%B8%8B%E9%9B%A8&order=RELEVANCE").await;
    assert_eq!(titles(&found, "/edges"), ["桥西下雨"]);
    assert_eq!(found["total"], json!({ "value": 1, "relation": "EXACT" }));
    let region = get(&app, "/v1/regions/130100").await;
    assert_eq!(
        (&region["name"], &region["articleCount"]["value"]),
        (&json!("石家庄市"), &json!(3))
    );
    let provinces = get(&app, "/v1/regions").await;
    assert_eq!(provinces["nodes"].as_array().unwrap().len(), 34);
    assert!(get(&app, "/v1/hot").await["edges"].is_array());
}

#[tokio::test]
async fn views_are_of_the_moment_in_answers_that_are_kept() {
    let app = portal().await;
    let ask = |tag: Option<String>| {
        let request = app.anon.request(Method::GET, "/v1/articles/snow");
        async move {
            let tag = tag.unwrap_or_else(|| "\"none\"".into());
            request.header("if-none-match", tag).send().await.unwrap()
        }
    };
    let first = ask(None).await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let id = first.json::<Value>().await.unwrap()["id"].clone();
    assert_eq!(ask(Some(tag.clone())).await.status(), StatusCode::NOT_MODIFIED);
    let event = json!([{ "eventId": event_id(app.app.clock.now()), "article": id }]);
    assert_eq!(report(&app.anon, &event).await.status, 200);
    assert_eq!(get(&app, "/v1/articles/snow").await["views"]["total"], 1);
    let input = json!({ "id": id, "version": 2, "title": "改" });
    app.editor.mutate("updateArticle", input, "").await.user_errors();
    assert_eq!(ask(Some(tag)).await.status(), StatusCode::OK);
    assert_eq!(get(&app, "/v1/articles/snow").await["title"], "改");
}

#[tokio::test]
async fn whoever_asks_sees_what_the_public_sees() {
    let app = portal().await;
    for client in [&app.anon, &app.editor] {
        let answer = client.get("/v1/articles/secret").await;
        assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"));
        assert_eq!(titles(&client.get("/v1/articles").await.json, "/nodes").len(), 3);
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_a_status_and_a_sentence() {
    let app = portal().await;
    for (path, status, code, sentence) in [
        ("articles?first=0", 400, "BAD_USER_INPUT", "from 1 to 100"),
        ("articles?first=x", 400, "BAD_REQUEST", "`first` must be a number"),
        ("articles?page=2", 400, "BAD_REQUEST", "There is no parameter `page`"),
        ("articles?region=a&region=b", 400, "BAD_REQUEST", "`region` is given twice"),
        ("articles?after=x", 400, "BAD_USER_INPUT", "not a cursor"),
        ("articles?from=yesterday", 400, "BAD_USER_INPUT", "DateTime"),
        ("articles?region=hebei&channel=news", 400, "UNSUPPORTED_COMBINATION", "No index serves"),
        ("articles/none", 404, "NOT_FOUND", "none of this name"),
        ("articles/snow?slug=rain", 400, "BAD_REQUEST", "There is no parameter `slug`"),
        ("regions/999999", 404, "NOT_FOUND", "none of this name"),
        ("search", 400, "BAD_USER_INPUT", "q"),
        ("search?q=a&order=BEST", 400, "BAD_USER_INPUT", "order"),
        ("nothing", 404, "NOT_FOUND", "There is nothing at this path"),
    ] {
        let answer = app.anon.get(&format!("/v1/{path}")).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}: {}", answer.json);
        assert!(answer.message().contains(sentence), "{path}: {}", answer.message());
    }
}

#[tokio::test]
async fn the_description_names_every_path_and_parameter_and_is_what_is_answered() {
    let app = portal().await;
    let described = get(&app, "/v1/openapi.json").await;
    assert_eq!(described["openapi"], "3.1.1");
    for resource in &redian::rest::RESOURCES {
        let get = &described["paths"][resource.path]["get"];
        let parameters = get["parameters"].as_array().unwrap();
        let names: Vec<&str> =
            parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(names, resource.parameters, "{}", resource.path);
        for parameter in parameters {
            assert_ne!(parameter["description"], "", "{}: {parameter}", resource.path);
        }
    }
    let path = "/v1/articles/{slug}";
    let schema =
        &described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"];
    let properties = schema["schema"]["properties"].as_object().unwrap();
    let article = get(&app, "/v1/articles/snow").await;
    let told: Vec<&String> = article.as_object().unwrap().keys().collect();
    assert_eq!(told, properties.keys().collect::<Vec<_>>());
}

#[test]
fn the_committed_description_is_that_of_the_binary() {
    let output = cli::redian("sqlite:///nowhere/none.db", &["openapi"]);
    assert!(output.status.success(), "{}", cli::text(&output.stderr));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        cli::text(&output.stdout) == committed,
        "openapi.json is not today's: run `cargo run -q -- openapi > /tmp/o && mv /tmp/o openapi.json` \
         at the root of the repository and commit it"
    );
}
