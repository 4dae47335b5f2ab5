//! Several requests in one body, and what a request costs.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::Client;
use crate::helpers::app::TestApp;

async fn send(client: &Client, body: &Value) -> Answer {
    client.post("/graphql", "application/json", body.to_string()).await
}

#[tokio::test]
async fn an_array_of_requests_is_refused_unless_that_is_set() {
    let app = TestApp::start().await;
    let answer = send(&app.anon, &json!([{ "query": "{ __typename }" }])).await;
    assert_eq!((answer.status, answer.code()), (400, "BATCH_TOO_LARGE"));
    assert!(answer.message().contains("--max-batch"));
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order_each_request_by_itself() {
    let app = TestApp::start_with(|config| config.max_batch = 4).await;
    let create = "mutation { createChannel(input: { slug: \"tech\", name: \"科技\" }) \
                  { channel { name } } }";
    let requests = json!([
        { "query": create },
        { "query": "{ nothing }" },
        { "query": 5 },
        { "query": "query($slug: String!) { channel(slug: $slug) { name } }",
          "variables": { "slug": "tech" } },
    ]);
    let answer = send(&app.editor, &requests).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answers = answer.json.as_array().unwrap();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["data"]["createChannel"]["channel"]["name"], "科技");
    assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answers[2]["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    // It sees what those before it changed.
    assert_eq!(answers[3]["data"]["channel"]["name"], "科技");

    let five = Value::Array(vec![json!({ "query": "{ __typename }" }); 5]);
    let answer = send(&app.anon, &five).await;
    assert_eq!((answer.status, answer.code()), (400, "BATCH_TOO_LARGE"));
    assert!(answer.message().contains('4'));
    for wrong in [json!([]), json!([[]]), json!([5])] {
        let answer = send(&app.anon, &wrong).await;
        let first = answer.json.get(0).unwrap_or(&answer.json);
        assert_eq!(first["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{wrong}");
    }
}

#[tokio::test]
async fn the_cost_of_a_query_is_told_to_those_who_ask_for_it() {
    let app = TestApp::start_with(|config| config.max_complexity = 300).await;
    let query = json!({ "query": "{ articles(first: 10) { nodes { title slug } } }" });
    let request = |header: Option<&'static str>| {
        let request = app.anon.request(reqwest::Method::POST, "/graphql").json(&query);
        match header {
            Some(value) => request.header("graphql-cost", value),
            None => request,
        }
    };
    let answer = Answer::of(request(Some("report")).send().await.unwrap()).await;
    let cost = &answer.json["extensions"]["cost"];
    assert_eq!(cost["limit"], 300);
    let requested = cost["requested"].as_u64().unwrap();
    assert!((20..=40).contains(&requested), "ten times two fields, and a few: {cost}");
    for other in [None, Some("no")] {
        let answer = Answer::of(request(other).send().await.unwrap()).await;
        assert_eq!(answer.json.get("extensions"), None);
        assert_eq!(answer.json["data"]["articles"]["nodes"], json!([]));
    }
}
