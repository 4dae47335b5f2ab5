//! What pages in browsers need: other origins, small answers, no guessing.

use axum::http::HeaderMap;
use clap::Parser;
use redian::config::Cli;
use reqwest::Method;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::database;

const SITE: &str = "https://news.example";

/// The headers of what a browser asks before a page of that origin sends a query.
async fn preflight(app: &TestApp, path: &str, origin: &str) -> HeaderMap {
    let request = app.anon.request(Method::OPTIONS, path).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let request = request.header("access-control-request-headers", "content-type,authorization");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path} {origin}");
    response.headers().clone()
}

fn varies_by(headers: &HeaderMap, name: &str) -> bool {
    let values = headers.get_all("vary").iter().map(|value| value.to_str().unwrap());
    values.flat_map(|value| value.split(", ")).any(|part| part.eq_ignore_ascii_case(name))
}

#[tokio::test]
async fn only_pages_of_the_origins_that_are_named_may_use_graphql() {
    let none = TestApp::start().await;
    assert!(!preflight(&none, "/graphql", SITE).await.contains_key("access-control-allow-origin"));
    let named = TestApp::start_with(|config| {
        config.cors_origins = vec![SITE.parse().unwrap(), "http://localhost:3000".parse().unwrap()];
    })
    .await;
    for origin in [SITE, "http://localhost:3000"] {
        let headers = preflight(&named, "/graphql", origin).await;
        assert_eq!(headers["access-control-allow-origin"], origin);
        let allowed = headers["access-control-allow-headers"].to_str().unwrap();
        assert!(allowed.contains("content-type") && allowed.contains("authorization"));
        assert!(!headers.contains_key("access-control-allow-credentials"));
    }
    for origin in ["https://other.example", "http://news.example", "null"] {
        let headers = preflight(&named, "/graphql", origin).await;
        assert!(!headers.contains_key("access-control-allow-origin"), "{origin}");
    }
    let all = TestApp::start_with(|config| config.cors_origins = vec!["*".parse().unwrap()]).await;
    let headers = preflight(&all, "/graphql", "https://any.example").await;
    assert_eq!(headers["access-control-allow-origin"], "*");
    // Counting and the region directory are open to every page.
    for path in ["/v1/views", "/v1/regions.json"] {
        let headers = preflight(&none, path, SITE).await;
        assert_eq!(headers["access-control-allow-origin"], "*");
    }
}

#[tokio::test]
async fn an_answer_to_a_page_tells_its_origin_and_what_it_may_read() {
    let app = TestApp::start_with(|config| config.cors_origins = vec![SITE.parse().unwrap()]).await;
    let request = app.anon.request(Method::GET, "/graphql?query=%7B__typename%7D");
    let response = request.header("origin", SITE).send().await.unwrap();
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], SITE);
    assert!(headers["access-control-expose-headers"].to_str().unwrap().contains("x-request-id"));
    for name in ["accept", "origin"] {
        assert!(varies_by(headers, name), "{headers:?}");
    }
}

#[tokio::test]
async fn a_setting_that_is_no_origin_is_refused_at_the_start() {
    let database = database::empty().await;
    for wrong in ["news.example", "https://news.example/", "https://news.example/page", "https://"]
    {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--cors-origins", wrong];
        let output = cli::command(&database.url, &arguments).output().unwrap();
        assert!(!output.status.success(), "{wrong}");
        assert!(cli::text(&output.stderr).contains("scheme://host"), "{wrong}");
    }
}

#[test]
fn an_origin_is_compared_as_browsers_write_it() {
    let arguments = ["redian", "--cors-origins", "https://News.EXAMPLE:8080", "schema"];
    let config = Cli::try_parse_from(arguments).unwrap().config;
    assert_eq!(config.cors_origins, ["https://news.example:8080"]);
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_take_that() {
    let app = TestApp::start().await;
    let body = json!({ "query": "{ regions(level: PROVINCE) { code name path } }" }).to_string();
    let mut lengths = Vec::new();
    for encoding in ["identity", "gzip", "br"] {
        let request = app.anon.request(Method::POST, "/graphql").body(body.clone());
        let request = request.header("content-type", "application/json");
        let response = request.header("accept-encoding", encoding).send().await.unwrap();
        assert!(varies_by(response.headers(), "accept-encoding"), "{encoding}");
        let told = response.headers().get("content-encoding").cloned();
        match encoding {
            "identity" => assert_eq!(told, None),
            _ => assert_eq!(told.unwrap(), encoding),
        }
        lengths.push(response.bytes().await.unwrap().len());
    }
    assert!(lengths[0] > 2 * lengths[1] && lengths[0] > 2 * lengths[2], "{lengths:?}");
}

#[tokio::test]
async fn every_answer_forbids_to_guess_its_type() {
    let app = TestApp::start().await;
    for path in ["/graphql?query=%7B__typename%7D", "/healthz", "/nothing", "/v1/views?ids=a"] {
        let response = app.anon.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}
