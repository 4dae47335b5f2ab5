//! What editors say of lists by views.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::app::TestApp;
use super::make::Made;

/// Takes an article out of lists.
pub const EXCLUDE: &str = "excludeArticleFromRankings";
/// Pins it.
pub const PIN: &str = "pinArticleInRankings";
/// Ends both.
pub const RESET: &str = "resetArticleRanking";

/// Says something of an article, with a reason and without end.
pub async fn say(app: &TestApp, what: &str, made: &Made) {
    let input = json!({ "id": made.id, "reason": "编辑部决定" });
    assert_eq!(said(app, what, input).await, [""; 0]);
}

/// Says it until then.
pub async fn say_until(app: &TestApp, what: &str, made: &Made, by: TimeDelta) {
    let input = json!({ "id": made.id, "reason": "编辑部决定", "until": app.in_time(by) });
    assert_eq!(said(app, what, input).await, [""; 0]);
}

/// The user errors of saying it.
pub async fn said(app: &TestApp, what: &str, input: Value) -> Vec<String> {
    app.editor.mutate(what, input, "article { id }").await.user_errors()
}

/// What holds for an article.
pub async fn wanted(app: &TestApp, made: &Made) -> Value {
    let fields = "rankingOverride { mode reason until at by article { id } }";
    let query = format!("{{ article(id: \"{}\") {{ {fields} }} }}", made.id);
    app.editor.query(&query).await.data("/article/rankingOverride").clone()
}
