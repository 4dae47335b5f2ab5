//! Documents by their hash: sent once, or registered.

use redian::hash::sha256;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::database;
use crate::helpers::import::Folder;

const QUERY: &str = "query Name { site { name } }";

/// What a client sends of a document in `extensions`.
fn hashed(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn post(app: &TestApp, request: Value) -> Answer {
    app.anon.post("/graphql", "application/json", request.to_string()).await
}

#[tokio::test]
async fn a_document_that_was_sent_once_is_known_by_its_hash() {
    let app = TestApp::start().await;
    let hash = sha256(QUERY);
    let by_hash = json!({ "extensions": hashed(&hash) });
    let answer = post(&app, by_hash.clone()).await;
    assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(answer.json["errors"][0]["message"], "PersistedQueryNotFound");
    let answer = post(&app, json!({ "query": QUERY, "extensions": hashed(&hash) })).await;
    assert_eq!(answer.data("/site/name"), "测试站");
    assert_eq!(post(&app, by_hash).await.data("/site/name"), "测试站");
    let large = json!({ "extensions": hashed(&hash.to_ascii_uppercase()) });
    assert_eq!(post(&app, large).await.data("/site/name"), "测试站");
    let extensions = percent(&hashed(&hash).to_string());
    let answer = app.anon.get(&format!("/graphql?extensions={extensions}")).await;
    assert_eq!(answer.data("/site/name"), "测试站");
}

/// Percent-encoded.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_hash_of_something_else_or_of_another_version_is_refused_and_not_remembered() {
    let app = TestApp::start().await;
    let hash = sha256("{ __typename }");
    let answer = post(&app, json!({ "query": QUERY, "extensions": hashed(&hash) })).await;
    assert_eq!(answer.code(), "PERSISTED_QUERY_HASH_MISMATCH");
    let answer = post(&app, json!({ "extensions": hashed(&hash) })).await;
    assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND");
    let wrong = "{ nothing }";
    let answer = post(&app, json!({ "query": wrong, "extensions": hashed(&sha256(wrong)) })).await;
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
    let answer = post(&app, json!({ "extensions": hashed(&sha256(wrong)) })).await;
    assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND");
    let other = json!({ "persistedQuery": { "version": 2, "sha256Hash": hash } });
    assert_eq!(
        post(&app, json!({ "extensions": other })).await.code(),
        "PERSISTED_QUERY_NOT_SUPPORTED"
    );
    let other = json!({ "persistedQuery": "a" });
    assert_eq!(post(&app, json!({ "extensions": other })).await.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn with_a_safelist_only_what_is_registered_is_executed() {
    let hash = sha256(QUERY);
    let apollo = json!({
        "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{ "id": hash, "name": "Name", "type": "query", "body": QUERY }],
    });
    let relay = json!({ "Page-1": QUERY });
    for (manifest, id) in [(apollo, hash.as_str()), (relay, "Page-1")] {
        let folder = Folder::new();
        let file = folder.write("manifest.json", manifest.to_string());
        let app = TestApp::start_with(|config| config.safelist = Some(file.clone().into())).await;
        for request in [
            json!({ "query": QUERY }),
            json!({ "extensions": hashed(id) }),
            json!({ "extensions": hashed(&hash) }),
        ] {
            assert_eq!(post(&app, request).await.data("/site/name"), "测试站");
        }
        for request in [
            json!({ "query": "{ site { name } }" }),
            json!({ "query": "{ __typename }", "extensions": hashed(&sha256("{ __typename }")) }),
            json!({ "extensions": hashed("other") }),
        ] {
            assert_eq!(post(&app, request).await.code(), "PERSISTED_QUERY_NOT_IN_LIST");
        }
    }
}

#[tokio::test]
async fn a_safelist_that_cannot_be_read_is_told_at_the_start() {
    let database = database::empty().await;
    let folder = Folder::new();
    let broken = folder.write("broken.json", "[]");
    for file in [broken, folder.path().to_owned() + "/missing.json"] {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--safelist", &file];
        let output = cli::command(&database.url, &arguments).output().unwrap();
        assert!(!output.status.success());
        let said = cli::text(&output.stderr);
        assert!(said.contains("The safelist") && said.contains(&file), "{said}");
        assert!(!said.contains("Redian listens"), "{said}");
    }
}
