//! GraphQL over HTTP, and what stands around it.

use redian::protocol::execute::REQUEST_ID;
use reqwest::Method;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::make;

const JSON: &str = "application/json";

#[tokio::test]
async fn get_answers_queries_and_refuses_mutations() {
    let app = TestApp::start().await;
    let answer = app.anon.get("/graphql?query=%7Bsite%7Bname%7D%7D").await;
    assert_eq!(answer.data("/site/name"), "测试站");
    let answer = app.anon.get("/graphql?query=mutation%7B__typename%7D").await;
    assert_eq!((answer.status, answer.code()), (405, "METHOD_NOT_ALLOWED"));
    let answer = app.anon.get("/graphql").await;
    assert_eq!((answer.status, answer.code()), (400, "BAD_REQUEST"));
}

#[tokio::test]
async fn a_browser_gets_the_explorer() {
    let app = TestApp::start().await;
    let request = app.anon.request(Method::GET, "/graphql").header("accept", "text/html,*/*;q=0.8");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("connect-src 'self'"), "{policy}");
    let page = response.text().await.unwrap();
    assert!(page.contains("<title>Redian explorer</title>"));
    // It works without the internet.
    assert!(!page.contains("http://") && !page.contains("https://"));
}

#[tokio::test]
async fn bad_requests_are_answered_with_a_code_and_without_data() {
    let app = TestApp::start().await;
    for (content_type, body, status, code) in [
        (JSON, "{", 400, "BAD_REQUEST"),
        (JSON, "{}", 400, "BAD_REQUEST"),
        (JSON, "[]", 400, "BATCH_TOO_LARGE"),
        (JSON, r#"{"query":5}"#, 400, "BAD_REQUEST"),
        (JSON, r#"{"query":"{ site { name } }","variables":5}"#, 400, "BAD_REQUEST"),
        (JSON, r#"{"query":"{ site {"}"#, 400, "GRAPHQL_PARSE_FAILED"),
        (JSON, r#"{"query":"{ nothing }"}"#, 400, "GRAPHQL_VALIDATION_FAILED"),
        ("text/plain", r#"{"query":"{ site { name } }"}"#, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let answer = app.anon.post("/graphql", content_type, body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}");
        assert!(answer.json.get("data").is_none(), "{body}");
    }
}

#[tokio::test]
async fn limits_are_named_in_their_errors() {
    let app = TestApp::start_with(|config| {
        config.max_depth = 6;
        config.max_complexity = 300;
        config.max_body = 2000;
    })
    .await;
    let deep =
        "{ region(code: \"1\") { parent { parent { parent { parent { parent { name } } } } } } }";
    let answer = app.anon.query(deep).await;
    assert_eq!((answer.status, answer.code()), (400, "QUERY_TOO_DEEP"));
    assert!(answer.json["errors"][0]["message"].as_str().unwrap().contains('6'));
    let costly = "{ articles(first: 100) { nodes { title byline slug version } } }";
    let answer = app.anon.query(costly).await;
    assert_eq!((answer.status, answer.code()), (400, "QUERY_TOO_COMPLEX"));
    assert!(answer.json["errors"][0]["message"].as_str().unwrap().contains("300"));
    let answer = app.anon.query(&costly.replace("100", "10")).await;
    assert_eq!(answer.status, 200);
    let answer = app.anon.post("/graphql", JSON, " ".repeat(2001)).await;
    assert_eq!((answer.status, answer.code()), (413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn unknown_paths_and_methods_get_a_coded_answer() {
    let app = TestApp::start().await;
    let answer = app.anon.get("/nothing").await;
    assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"));
    let response = app.anon.request(Method::DELETE, "/graphql").send().await.unwrap();
    let answer = Answer::of(response).await;
    assert_eq!((answer.status, answer.code()), (405, "METHOD_NOT_ALLOWED"));
}

#[tokio::test]
async fn the_media_type_follows_accept() {
    let app = TestApp::start().await;
    let graphql = "application/graphql-response+json";
    for (accept, expected) in [
        ("", JSON),
        ("*/*", JSON),
        ("application/*;q=0.5, text/plain", JSON),
        ("text/plain, */*;q=0.1", JSON),
        ("Application/JSON", JSON),
        ("application/json; charset=utf-8", JSON),
        (graphql, graphql),
        ("application/graphql-response+json;charset=utf-8", graphql),
        ("application/json;q=0.9, application/graphql-response+json", graphql),
        ("application/graphql-response+json;q=0.2, application/json;q=0.3", JSON),
        ("application/json;q=0, */*", graphql),
        ("application/graphql-response+json, */*;q=0.1", graphql),
    ] {
        let request = app.anon.request(Method::GET, "/graphql?query=%7Bsite%7Bname%7D%7D");
        let request = if accept.is_empty() { request } else { request.header("accept", accept) };
        let response = request.send().await.unwrap();
        let media_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(media_type, format!("{expected}; charset=utf-8"), "{accept}");
        let vary = response.headers().get_all("vary").iter().map(|vary| vary.to_str().unwrap());
        assert!(vary.flat_map(|vary| vary.split(", ")).any(|name| name == "Accept"));
        assert_eq!(response.status(), 200);
    }
    for accept in ["text/html", "image/png", "application/json;q=0"] {
        let request = app.anon.request(Method::GET, "/graphql?query=%7Bsite%7Bname%7D%7D");
        let answer = Answer::of(request.header("accept", accept).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.code()), (406, "NOT_ACCEPTABLE"), "{accept}");
    }
}

#[tokio::test]
async fn a_request_that_is_understood_but_refused_is_400_only_where_that_is_told_by_the_media_type()
{
    let app = TestApp::start().await;
    for (body, json_status) in [
        (r#"{"query":"{"}"#, 200),
        (r#"{"query":"{ nothing }"}"#, 200),
        (r#"{"query":"query($a: Int!) { articles(first: $a) { nodes { id } } }"}"#, 200),
        (r#"{"query":"{ __typename }","operationName":"other"}"#, 200),
        ("{", 400),
        (r#"{"query":null}"#, 400),
    ] {
        for (accept, status) in
            [("application/graphql-response+json", 400), (JSON, json_status), ("*/*", json_status)]
        {
            let request = app.anon.request(Method::POST, "/graphql").header("accept", accept);
            let request = request.header("content-type", JSON).body(body);
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.status, status, "{accept} {body}");
            assert_eq!(answer.json.get("data"), None, "{body}");
            assert!(!answer.code().is_empty());
        }
    }
}

#[tokio::test]
async fn a_request_is_json_in_utf_8() {
    let app = TestApp::start().await;
    for (media_type, taken) in [
        ("application/json", true),
        ("Application/JSON ; charset=\"UTF-8\"", true),
        ("application/json;charset=gbk", false),
        ("application/x-json", false),
        ("multipart/form-data; boundary=x", false),
        ("text/plain", false),
        ("application/x-www-form-urlencoded", false),
        ("", false),
    ] {
        let answer = app.anon.post("/graphql", media_type, r#"{"query":"{__typename}"}"#).await;
        let expected = if taken { 200 } else { 415 };
        assert_eq!(answer.status, expected, "{media_type}");
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_keeps_the_one_it_was_given() {
    let app = TestApp::start().await;
    let made = app.anon.request(Method::GET, "/healthz").send().await.unwrap();
    assert_eq!(made.headers()[REQUEST_ID].len(), 36);
    let request = app.anon.request(Method::GET, "/healthz").header(REQUEST_ID, "mine");
    assert_eq!(request.send().await.unwrap().headers()[REQUEST_ID], "mine");
}

#[tokio::test]
async fn health_and_readiness_are_told_apart_from_content() {
    let app = TestApp::start().await;
    assert_eq!(app.anon.get("/healthz").await.status, 200);
    assert_eq!(app.anon.get("/readyz").await.status, 200);
    app.app.db.clone().close().await.unwrap();
    assert_eq!(app.anon.get("/healthz").await.status, 200);
    let answer = app.anon.get("/readyz").await;
    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_not_taken_for_a_reader() {
    let app = TestApp::start().await;
    let ask = |value: &str| {
        let request = app.anon.request(Method::GET, "/graphql?query=%7Bsite%7Bname%7D%7D");
        request.header("authorization", value).send()
    };
    for value in ["Bearer redian_wrong", "Bearer", "Basic dXNlcjpwYXNz", "redian_wrong"] {
        let answer = Answer::of(ask(value).await.unwrap()).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{value}");
    }
}

#[tokio::test]
async fn an_answer_has_the_order_of_its_query() {
    let app = TestApp::start().await;
    make::article("次序").about(&["130104"]).published(&app).await;
    let query = "{ site { regionCount { value } name } articles { nodes { views { total } ...names
        metadata title } } channels { slug } }
        fragment names on Article { regions { path name } slug }";
    let body = serde_json::json!({ "query": query }).to_string();
    let request = app.anon.request(Method::POST, "/graphql").header("content-type", JSON);
    let text = request.body(body).send().await.unwrap().text().await.unwrap();
    let place = |key: &str| text.find(&format!("\"{key}\"")).unwrap();
    let keys = [
        "site",
        "regionCount",
        "name",
        "articles",
        "nodes",
        "views",
        "regions",
        "path",
        "slug",
        "metadata",
        "title",
        "channels",
    ];
    for pair in keys.windows(2) {
        assert!(place(pair[0]) < place(pair[1]), "{} before {}: {text}", pair[0], pair[1]);
    }
}

#[tokio::test]
async fn fragments_that_blow_up_are_refused_at_once() {
    let app = TestApp::start().await;
    let mut bomb = "{ ...a0 }".to_owned();
    for level in 0..60 {
        let next = level + 1;
        bomb += &format!(" fragment a{level} on Query {{ ...a{next} ...a{next} }}");
    }
    bomb += " fragment a60 on Query { site { name } }";
    let ring = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
    for (document, code) in
        [(bomb.as_str(), "QUERY_TOO_LARGE"), (ring, "GRAPHQL_VALIDATION_FAILED")]
    {
        let answer = app.anon.query(document).await;
        assert_eq!((answer.status, answer.code()), (400, code));
    }
}
