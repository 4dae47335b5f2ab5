//! Displays of articles, as browsers and apps report them.

use chrono::DateTime;
use chrono::Utc;
use entity::view_log::Column;
use redian::server;
use redian::view::check;
use redian::view::log;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::PaginatorTrait;
use sea_orm::QueryOrder;
use sea_orm::Statement;
use serde_json::Value;
use serde_json::json;
use uuid::NoContext;
use uuid::Timestamp;
use uuid::Uuid;

use super::app::Answer;
use super::app::Client;
use super::app::TestApp;
use super::make::Made;

/// An ordinary browser.
pub const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                           (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

/// The id of an event of this instant.
pub fn event_id(at: DateTime<Utc>) -> String {
    let (seconds, nanos) = (at.timestamp().cast_unsigned(), at.timestamp_subsec_nanos());
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos)).to_string()
}

/// A display of an article.
pub fn event(made: &Made, at: DateTime<Utc>) -> Value {
    json!({ "eventId": event_id(at), "article": made.id })
}

/// A display of an article to somebody with an install id.
pub fn event_of(made: &Made, at: DateTime<Utc>, visitor: &str) -> Value {
    json!({ "eventId": event_id(at), "article": made.id, "visitorId": visitor })
}

/// Reports events from a browser.
pub async fn report(client: &Client, events: &Value) -> Answer {
    report_with(client, events, &[("user-agent", BROWSER)]).await
}

/// Reports events with these headers.
pub async fn report_with(client: &Client, events: &Value, headers: &[(&str, &str)]) -> Answer {
    let mut request = client.request(reqwest::Method::POST, "/v1/views");
    request = request.header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.body(events.to_string()).send().await.unwrap()).await
}

/// `VERDICT`, `VERDICT reason` or `VERDICT first` of each event.
#[track_caller]
pub fn verdicts(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.json);
    let verdict = |result: &Value| {
        let extra = ["reason", "first", "field"].iter().find_map(|name| result[name].as_str());
        let verdict = result["verdict"].as_str().unwrap();
        extra.map_or(verdict.to_owned(), |extra| format!("{verdict} {extra}"))
    };
    answer.json["results"].as_array().unwrap().iter().map(verdict).collect()
}

/// The views that a page shows.
pub async fn shown(client: &Client, made: &Made) -> i64 {
    let query = format!("{{ article(id: \"{}\") {{ views {{ total }} }} }}", made.id);
    client.query(&query).await.data("/article/views/total").as_i64().unwrap()
}

/// Folds what is counted into the tables, and removes of the log what is old. A server may
/// be at it itself: who finds it at work leaves it to it, so this asks until all is done.
pub async fn fold(app: &TestApp) {
    let last = entity::view_log::Entity::find().order_by_desc(Column::Seq).one(&app.app.db.log);
    let last = last.await.unwrap().map_or(0, |row| row.seq);
    loop {
        let folded = log::folded(&app.app.db.read).await.unwrap();
        server::fold_views(app.app.clone()).await.unwrap();
        if folded >= last {
            return;
        }
    }
}

/// The number that a statement gives.
pub async fn number(app: &TestApp, sql: &str) -> i64 {
    let statement = Statement::from_string(app.app.db.read.get_database_backend(), sql);
    let row = app.app.db.read.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// How many batches are in the log.
pub async fn logged(app: &TestApp) -> u64 {
    entity::view_log::Entity::find().count(&app.app.db.log).await.unwrap()
}

/// Executes a statement behind the server's back.
pub async fn execute(app: &TestApp, sql: &str) {
    let txn = app.app.db.begin().await.unwrap();
    txn.db.execute_unprepared(sql).await.unwrap();
    txn.commit().await.unwrap();
}

/// Fails the test unless all sums of the database agree; the counted views.
pub async fn agrees(app: &TestApp) -> i64 {
    let zone = app.app.config.time_zone;
    let report = check::run(&app.app.db, zone, app.app.clock.now()).await.unwrap();
    assert_eq!(report.faults, [""; 0]);
    report.counted
}
