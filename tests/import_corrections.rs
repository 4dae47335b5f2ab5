//! A record that comes again with another state or other times.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::import;
use crate::helpers::import::last_event;

/// The same article, with these fields besides.
fn record(fields: Value) -> String {
    let mut record = json!({
        "type": "article", "externalId": "x-1", "title": "渡口", "body": "船来了。",
        "regions": ["130104"], "publishedAt": "2026-01-02T03:04:05Z",
    });
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record.to_string()
}

/// How many articles readers find in the list of the region's province.
async fn seen(app: &TestApp) -> usize {
    let answer = app.anon.query("{ region(path: \"hebei\") { articles { nodes { id } } } }").await;
    answer.data("/region/articles/nodes").as_array().unwrap().len()
}

#[tokio::test]
async fn an_end_or_a_withdrawal_that_a_source_sends_later_is_carried_out() {
    for (fields, kind) in [
        (json!({ "state": "WITHDRAWN" }), "article.withdrawn"),
        (json!({ "unpublishAt": "2026-02-01T00:00:00Z" }), "article.withdrawn"),
        (json!({ "publishedAt": "2099-01-01T00:00:00Z" }), "article.withdrawn"),
    ] {
        let app = TestApp::quiet().await;
        // The binary goes by the real time, the readers of this test too.
        app.app.clock.set(redian::clock::Clock::default().now());
        assert_eq!(import(&app, &record(json!({}))).await.status, Some(0));
        assert_eq!(seen(&app).await, 1);
        let run = import(&app, &record(fields.clone())).await;
        assert!(run.err.contains("1 updated"), "{fields}: {}", run.err);
        assert_eq!(seen(&app).await, 0, "{fields}");
        assert_eq!(last_event(&app).await.unwrap().1, kind, "{fields}");
    }
}
