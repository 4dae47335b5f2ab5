//! The change log.

use redian::event;
use redian::event::Kind;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::database;

#[tokio::test]
async fn a_follower_skips_nothing_that_commits_late() {
    let app = TestApp::start().await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    let start = event::newest(&db.read).await.unwrap();
    let early = db.begin().await.unwrap();
    event::record(&early, Kind::ChannelChanged, None, json!({ "n": "early" }), now);
    // SQLite has one writer at a time; on PostgreSQL a transaction that began
    // later may well commit before.
    let mut seen = start;
    let mut heard = Vec::new();
    if database::on_postgres() {
        let late = db.begin().await.unwrap();
        event::record(&late, Kind::ChannelChanged, None, json!({ "n": "late" }), now);
        late.commit().await.unwrap();
        for event in event::after(&db.read, seen).await.unwrap() {
            seen = event.id;
            heard.push(event.data["n"].as_str().unwrap().to_owned());
        }
        assert_eq!(heard, ["late"]);
    }
    early.commit().await.unwrap();
    for event in event::after(&db.read, seen).await.unwrap() {
        assert!(event.id > seen);
        heard.push(event.data["n"].as_str().unwrap().to_owned());
    }
    assert_eq!(heard.last().map(String::as_str), Some("early"));
}

#[tokio::test]
async fn what_is_rolled_back_leaves_no_event() {
    let app = TestApp::start().await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    let start = event::newest(&db.read).await.unwrap();
    let txn = db.begin().await.unwrap();
    event::record(&txn, Kind::ChannelChanged, None, json!({}), now);
    drop(txn);
    assert_eq!(event::newest(&db.read).await.unwrap(), start);
}

#[tokio::test]
async fn events_older_than_thirty_days_are_pruned() {
    let app = TestApp::start().await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    let txn = db.begin().await.unwrap();
    let day = chrono::TimeDelta::days(1);
    event::record(&txn, Kind::ChannelChanged, None, json!({ "n": 31 }), now - day * 31);
    event::record(&txn, Kind::ChannelChanged, None, json!({ "n": 29 }), now - day * 29);
    txn.commit().await.unwrap();
    let txn = db.begin().await.unwrap();
    event::prune(&txn, now).await.unwrap();
    txn.commit().await.unwrap();
    let left = event::after(&db.read, 0).await.unwrap();
    let left: Vec<_> = left.iter().filter_map(|event| event.data["n"].as_i64()).collect();
    assert_eq!(left, [29]);
}
