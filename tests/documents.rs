//! Which documents and variables are executed: those that are valid, and what they mean.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;

async fn ask(app: &TestApp, query: &str, variables: Value) -> Answer {
    let body = json!({ "query": query, "variables": variables }).to_string();
    app.anon.post("/graphql", "application/json", body).await
}

#[tokio::test]
async fn a_default_of_a_variable_decides_what_is_included() {
    let app = TestApp::start().await;
    let query = "query($yes: Boolean = true, $no: Boolean! = false) {
        site { name @include(if: $yes) regionCount @skip(if: $no) { exact } } }";
    let answer = ask(&app, query, json!({})).await;
    assert_eq!(answer.data("/site/name"), "测试站");
    assert_eq!(answer.data("/site/regionCount/exact"), true);
    let answer = ask(&app, query, json!({ "yes": false })).await;
    assert_eq!(answer.json["data"]["site"].get("name"), None);
}

#[tokio::test]
async fn documents_that_are_not_valid_are_refused_with_their_places() {
    let app = TestApp::start().await;
    for (query, code) in [
        ("query($n: String) { articles(first: $n) { nodes { id } } }", VALIDATION),
        ("query($n: [Int]) { articles(first: $n) { nodes { id } } }", VALIDATION),
        ("query($a: Boolean) { site { name @include(if: $a) } }", VALIDATION),
        ("{ a: __type(name: \"A\") { x: name } a: __type(name: \"A\") { x: kind } }", VALIDATION),
        ("{ __typename @nothing }", VALIDATION),
        ("{ __typename @include }", VALIDATION),
        ("{ __typename { name } }", VALIDATION),
        ("query($a: Int @nothing) { articles(first: $a) { nodes { id } } }", VALIDATION),
        ("{ site { name } ...missing }", VALIDATION),
        ("{ site { name } ...ring } fragment ring on Query { ...ring }", VALIDATION),
        ("query() { site { name } }", "GRAPHQL_PARSE_FAILED"),
        ("{ site { name }", "GRAPHQL_PARSE_FAILED"),
        ("{ site(: 1) { name } }", "GRAPHQL_PARSE_FAILED"),
        ("{ site { name } } fragment on on Query { __typename }", "GRAPHQL_PARSE_FAILED"),
    ] {
        let answer = ask(&app, query, json!({})).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{query}: {}", answer.json);
        assert_eq!(answer.json.get("data"), None, "{query}");
        let error = &answer.json["errors"][0];
        assert!(error["locations"][0]["line"].is_number(), "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(!message.contains(['\n', '_']) || message.contains("__"), "{message}");
    }
}

const VALIDATION: &str = "GRAPHQL_VALIDATION_FAILED";

#[tokio::test]
async fn valid_documents_are_executed_however_they_are_written() {
    let app = TestApp::start().await;
    for query in [
        "query($a: Boolean!) { __typename @include(if: $a) site { name } }",
        "{ __type(name: \"Article\") { fields(includeDeprecated: true) { name } isOneOf } }",
        "{ article(slug: \"\\u{1F600}\") { id } }",
        "{ article(slug: \"\\uD83D\\uDE00\") { id } }",
        "{ articles(first: 5, after: null) { nodes { id } } }",
    ] {
        let answer = ask(&app, query, json!({ "a": true })).await;
        assert_eq!((answer.status, answer.json.get("errors")), (200, None), "{query}");
    }
}

#[tokio::test]
async fn variables_that_do_not_fit_are_refused_before_anything_is_executed() {
    let app = TestApp::start().await;
    let query = "query($n: Int!) { articles(first: $n) { nodes { id } } }";
    for variables in [
        json!({}),
        json!({ "n": null }),
        json!({ "n": "5" }),
        json!({ "n": 3_000_000_000_u64 }),
        json!({ "n": 1.5 }),
        json!({ "n": [5] }),
    ] {
        let answer = ask(&app, query, variables.clone()).await;
        assert_eq!((answer.status, answer.code()), (400, "BAD_USER_INPUT"), "{variables}");
        assert_eq!(answer.json.get("data"), None, "{variables}");
    }
    let answer = ask(&app, query, json!({ "n": 5, "unknown": true })).await;
    assert_eq!(answer.data("/articles/nodes"), &json!([]));
}

#[tokio::test]
async fn an_operation_is_named_where_there_are_several() {
    let app = TestApp::start().await;
    let query = "query a { site { name } } query b { __typename }";
    for (name, code) in [(json!("c"), Some("OPERATION_RESOLUTION_FAILURE")), (json!("b"), None)] {
        let body = json!({ "query": query, "operationName": name }).to_string();
        let answer = app.anon.post("/graphql", "application/json", body).await;
        match code {
            Some(code) => assert_eq!((answer.status, answer.code()), (400, code)),
            None => assert_eq!(answer.json, json!({ "data": { "__typename": "Query" } })),
        }
    }
    let answer = ask(&app, query, json!({})).await;
    assert_eq!((answer.status, answer.code()), (400, "OPERATION_RESOLUTION_FAILURE"));
}

#[tokio::test]
async fn each_limit_of_documents_is_named_in_its_error() {
    let app = TestApp::start_with(|config| {
        config.max_document = 2000;
        config.max_tokens = 200;
        config.max_fields = 60;
        config.max_aliases = 20;
        config.max_root_fields = 10;
    })
    .await;
    let many = |item: &dyn Fn(usize) -> String, count| (0..count).map(item).collect::<String>();
    let names = many(&|_| "name ".into(), 61);
    let aliases = many(&|number| format!("a{number}: name "), 21);
    let roots = many(&|number| format!("a{number}: __typename "), 11);
    for (query, code, limit) in [
        (format!("{{ __typename }} #{}", "x".repeat(2000)), "DOCUMENT_TOO_LARGE", "2000 bytes"),
        (format!("{{ site {{ {} }} }}", names.repeat(4)), "DOCUMENT_TOO_LARGE", "200 tokens"),
        (format!("{{ site {{ {names} }} }}"), "QUERY_TOO_LARGE", "60 fields"),
        (format!("{{ site {{ {aliases} }} }}"), "TOO_MANY_ALIASES", "20 aliases"),
        (format!("{{ {roots} }}"), "TOO_MANY_ROOT_FIELDS", "10 root fields"),
    ] {
        let answer = ask(&app, &query, json!({})).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{}", answer.json);
        let message = answer.json["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(limit), "{message}");
    }
    let wrong = many(&|number| format!("no{number} "), 55);
    let answer = ask(&app, &format!("{{ site {{ {wrong} }} }}"), json!({})).await;
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn introspection_can_be_switched_off() {
    let app = TestApp::start_with(|config| config.no_introspection = true).await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ site { name } t: __type(name: \"Site\") { name } }",
        "{ ...f } fragment f on Query { ... { __schema { queryType { name } } } }",
    ] {
        let answer = ask(&app, query, json!({})).await;
        assert_eq!((answer.status, answer.code()), (400, "INTROSPECTION_DISABLED"), "{query}");
    }
    let answer = ask(&app, "{ __typename site { __typename } }", json!({})).await;
    assert_eq!(answer.data("/site/__typename"), "Site");
    // Nothing is told by the way either.
    let answer = ask(&app, "{ sit { name } }", json!({})).await;
    assert!(!answer.json.to_string().contains("site"), "{}", answer.json);
}

#[tokio::test]
async fn literals_that_are_rarely_written_mean_what_they_say() {
    let app = TestApp::start().await;
    let answer = app.anon.query("{ articles(first: -0) { nodes { id } } }").await;
    assert!(answer.message().contains("`first` must be from 1 to 100; 0 was asked for"));
    let names = |fields: &str| format!("{{ __type(name: \"Site\") {{ {fields} {{ name }} }} }}");
    let plain = app.anon.query(&names("fields")).await;
    let null = app.anon.query(&names("fields(includeDeprecated: null)")).await;
    assert_eq!(null.data("/__type/fields"), plain.data("/__type/fields"));
    let query = "query($all: Boolean) { __type(name: \"Site\") { fields(includeDeprecated: $all) { name } } }";
    let null = app.anon.query_with(query, json!({ "all": null })).await;
    assert_eq!(null.data("/__type/fields"), plain.data("/__type/fields"));
}

#[tokio::test]
async fn a_field_that_is_not_there_is_one_error() {
    let app = TestApp::start().await;
    for query in ["{ site { foo } }", "{ articles(first: 1) { nodes { titel } } }"] {
        let answer = app.anon.query(query).await;
        let errors = answer.json["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{answer:?}");
        assert!(answer.message().contains("does not have a field"), "{answer:?}");
    }
    let answer = app.anon.query("{ site }").await;
    assert!(answer.message().contains("must have a subselection"), "{answer:?}");
}

#[tokio::test]
async fn what_must_not_be_null_and_failed_makes_null_what_it_stands_in() {
    let app = TestApp::quiet().await;
    let article = crate::helpers::make::article("甲").about(&["130100"]).published(&app).await;
    let none = "articles(first: 0) { nodes { title } }";
    let id = &article.id;
    for (query, data) in [
        // Regions may be null, those of a list may not.
        (
            format!("{{ region(code: \"130000\") {{ name {none} }} channels {{ name }} }}"),
            json!({ "region": null, "channels": [] }),
        ),
        (format!("{{ regions(first: 2) {{ nodes {{ name {none} }} }} }}"), Value::Null),
        // What may be null is, and nothing else.
        (
            format!("{{ article(id: \"{id}\") {{ rankingOverride {{ mode }} title }} }}"),
            json!({ "article": { "rankingOverride": null, "title": "甲" } }),
        ),
        (
            "{ articles { nodes { why: rankingOverride { mode } title } } }".to_owned(),
            json!({ "articles": { "nodes": [{ "why": null, "title": "甲" }] } }),
        ),
        // In fragments and under other names, too.
        (
            format!(
                "query {{ node(id: \"{id}\") {{ ...Part id }} }} fragment Part on Node {{ ... on \
                 Article {{ more: recommended(first: 0) {{ reason }} }} }}"
            ),
            json!({ "node": null }),
        ),
    ] {
        let answer = ask(&app, &query, json!({})).await;
        assert_eq!(answer.json["data"], data, "{query}: {}", answer.json);
        assert!(answer.json["errors"][0]["path"].is_array(), "{query}");
    }
}
