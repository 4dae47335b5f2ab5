//! The audit trail: who changed what. That every mutation leaves an entry is in `access`.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::CLOSED_REGION;
use crate::helpers::import::Folder;
use crate::helpers::import::run;
use crate::helpers::make;

const FIELDS: &str = "nodes { id at action by byName subject input }";

#[tokio::test]
async fn an_entry_tells_who_did_what_to_what_and_when() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let long = "长".repeat(300);
    let made = make::article("甲").with("body", long).draft(&app).await;
    let other = make::article("乙").draft(&app).await;
    app.advance(TimeDelta::minutes(1));
    make::publish(&app, &made, json!({ "unpublishAt": app.in_time(TimeDelta::days(1)) })).await;
    app.advance(TimeDelta::minutes(1));
    make::delete(&app, &made).await;
    let query = format!("{{ auditEntries(subject: \"{}\") {{ {FIELDS} }} }}", made.id);
    let trail = admin.query(&query).await;
    let actions = trail.each("/auditEntries/nodes", "action");
    assert_eq!(actions, ["deleteArticle", "publishArticle", "createArticle"]);
    let [deleted, published, created] =
        [0, 1, 2].map(|at| trail.data("/auditEntries/nodes")[at].clone());
    assert_eq!(created["input"]["title"], "甲");
    assert_eq!(created["input"]["body"], format!("{}… (300 characters)", "长".repeat(200)));
    assert_eq!(published["input"]["id"], made.id);
    assert_eq!(published["at"], app.told_in_time(-TimeDelta::minutes(1)));
    for entry in [&deleted, &published, &created] {
        assert_eq!((&entry["byName"], &entry["subject"]), (&json!("editor"), &json!(made.id)));
    }
    // By the token, all of them, page by page.
    let by = &deleted["by"];
    let first = format!(
        "{{ auditEntries(by: {by}, first: 3) {{ nodes {{ subject }} \
                         pageInfo {{ endCursor hasNextPage }} }} }}"
    );
    let page = admin.query(&first).await;
    assert_eq!(page.data("/auditEntries/pageInfo/hasNextPage"), true);
    assert_eq!(page.each("/auditEntries/nodes", "subject")[2], other.id);
    let after = page.data("/auditEntries/pageInfo/endCursor");
    let rest = format!("{{ auditEntries(by: {by}, after: {after}) {{ nodes {{ action }} }} }}");
    assert_eq!(admin.query(&rest).await.each("/auditEntries/nodes", "action"), ["createArticle"]);
    // By its id: for an admin alone.
    let node = format!("{{ node(id: {}) {{ ... on AuditEntry {{ action }} }} }}", deleted["id"]);
    assert_eq!(admin.query(&node).await.data("/node/action"), "deleteArticle");
    assert_eq!(app.editor.query(&node).await.data("/node"), &Value::Null);
}

#[tokio::test]
async fn what_is_refused_leaves_no_entry() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let made = make::article("甲").draft(&app).await;
    let stale = json!({ "id": made.id, "version": 7, "title": "乙" });
    let answer = app.editor.mutate("updateArticle", stale, "").await;
    assert_eq!(answer.user_errors(), ["version: STALE_VERSION"]);
    let trail = admin.query(&format!("{{ auditEntries {{ {FIELDS} }} }}")).await;
    assert_eq!(trail.each("/auditEntries/nodes", "action"), ["createArticle"]);
    for (arguments, code) in [
        (format!("subject: \"{}\", by: \"x\"", made.id), "UNSUPPORTED_COMBINATION"),
        ("subject: \"x\"".into(), "BAD_USER_INPUT"),
        ("by: \"x\"".into(), "BAD_USER_INPUT"),
        ("first: 101".into(), "BAD_USER_INPUT"),
    ] {
        let query = format!("{{ auditEntries({arguments}) {{ {FIELDS} }} }}");
        assert_eq!(admin.query(&query).await.code(), code, "{arguments}");
    }
}

#[tokio::test]
async fn commands_that_change_articles_or_regions_leave_an_entry() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let folder = Folder::new();
    let articles = folder.write("a.jsonl", r#"{"type":"article","title":"甲","body":"文"}"#);
    let regions = folder.write("r.csv", CLOSED_REGION);
    for arguments in [
        &["import", "--dry-run", &articles][..],
        &["import", &articles],
        &["regions", "load", "--yes", &regions],
    ] {
        let run = run(&app.database.url, arguments).await;
        assert_eq!(run.status, Some(0), "{arguments:?}: {}", run.err);
    }
    let trail = admin.query(&format!("{{ auditEntries {{ {FIELDS} }} }}")).await;
    assert_eq!(trail.each("/auditEntries/nodes", "action"), ["regions load", "import"]);
    assert_eq!(trail.each("/auditEntries/nodes", "byName"), ["command line", "command line"]);
    assert_eq!(trail.data("/auditEntries/nodes/1/input/created"), 1);
    assert_eq!(trail.data("/auditEntries/nodes/0/input/changes"), 1);
}
