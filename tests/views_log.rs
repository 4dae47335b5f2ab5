//! The log by which views are acknowledged, and what is folded of it.

use chrono::TimeDelta;
use redian::clock::Clock;
use redian::db::Db;
use redian::view;
use redian::view::store_postgres;
use redian::view::store_sqlite;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::database;
use crate::helpers::database::on_postgres;
use crate::helpers::import::Folder;
use crate::helpers::import::run;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::server::Server;
use crate::helpers::views::BROWSER;
use crate::helpers::views::agrees;
use crate::helpers::views::event;
use crate::helpers::views::event_id;
use crate::helpers::views::event_of;
use crate::helpers::views::fold;
use crate::helpers::views::logged;
use crate::helpers::views::report;
use crate::helpers::views::report_with;
use crate::helpers::views::shown;
use crate::helpers::views::verdicts;

/// Displays to visitors of these numbers.
fn visitors(app: &TestApp, made: &Made, numbers: std::ops::Range<usize>) -> Value {
    let now = app.app.clock.now();
    numbers.map(|number| event_of(made, now, &format!("visitor {number}"))).collect()
}

/// Three views come, each is folded, and all but the last leave the log.
async fn an_hour_passes(app: &TestApp, made: &Made) {
    for number in 0..3 {
        let events = visitors(app, made, number..number + 1);
        assert_eq!(verdicts(&report(&app.anon, &events).await), ["COUNTED"]);
        app.advance(TimeDelta::minutes(20));
        fold(app).await;
    }
    assert_eq!(logged(app).await, 1);
}

/// Views, visitors and what was excluded of an article today.
async fn today(app: &TestApp, made: &Made) -> Value {
    let query = format!(
        "{{ article(id: \"{}\") {{ views {{ excluded {{ count }} series(
           from: \"2026-03-01T00:00:00+08:00\", to: \"2026-03-02T00:00:00+08:00\") {{
           points {{ views visitors {{ value exact }} }} }} }} }} }}",
        made.id
    );
    app.editor.query(&query).await.data("/article/views").clone()
}

#[tokio::test]
async fn what_is_not_folded_yet_is_in_every_number_once_and_so_is_what_is() {
    let app = TestApp::quiet_but_counting().await;
    let made = article("灯会").published(&app).await;
    let folded_before = visitors(&app, &made, 0..2);
    assert_eq!(verdicts(&report(&app.anon, &folded_before).await), ["COUNTED"; 2]);
    fold(&app).await;
    assert_eq!(verdicts(&report(&app.anon, &visitors(&app, &made, 2..5)).await), ["COUNTED"; 3]);
    let robot = [("user-agent", "Googlebot/2.1")];
    let view = event(&made, app.app.clock.now());
    assert_eq!(verdicts(&report_with(&app.anon, &view, &robot).await), ["EXCLUDED BOT"]);
    let expected = json!({
        "excluded": [{ "count": 1 }],
        "series": { "points": [{ "views": 5, "visitors": { "value": 5, "exact": true } }] },
    });
    assert_eq!(today(&app, &made).await, expected);
    assert_eq!(agrees(&app).await, 5);
    // The tables have it now, and memory has not heard of that.
    fold(&app).await;
    assert_eq!(today(&app, &made).await, expected);
    assert_eq!(agrees(&app).await, 5);
    app.caught_up().await;
    assert_eq!(today(&app, &made).await, expected);
}

#[tokio::test]
async fn what_was_seen_before_is_known_in_the_log_and_in_the_tables() {
    let app = TestApp::quiet_but_counting().await;
    let made = article("灯会").published(&app).await;
    let events = visitors(&app, &made, 0..3);
    assert_eq!(verdicts(&report(&app.anon, &events).await), ["COUNTED"; 3]);
    for step in ["in the log", "in the tables", "forgotten in memory"] {
        let again = verdicts(&report(&app.anon, &events).await);
        assert_eq!(again, ["DUPLICATE COUNTED"; 3], "{step}");
        let repeated = verdicts(&report(&app.anon, &visitors(&app, &made, 0..3)).await);
        assert_eq!(repeated, ["REPEAT"; 3], "{step}");
        fold(&app).await;
        if step == "in the tables" {
            app.caught_up().await;
        }
    }
    assert_eq!(agrees(&app).await, 3);
}

#[tokio::test]
async fn the_visits_of_a_network_are_counted_once_while_they_are_folded() {
    let app = TestApp::quiet_but_counting_with(|config| config.view_network_cap = 5).await;
    let made = article("灯会").published(&app).await;
    let first = verdicts(&report(&app.anon, &visitors(&app, &made, 0..3)).await);
    assert_eq!(first, ["COUNTED"; 3]);
    fold(&app).await;
    let second = verdicts(&report(&app.anon, &visitors(&app, &made, 3..4)).await);
    assert_eq!(second, ["COUNTED"]);
    app.caught_up().await;
    fold(&app).await;
    let mut third = verdicts(&report(&app.anon, &visitors(&app, &made, 4..7)).await);
    third.sort();
    assert_eq!(third, ["COUNTED", "EXCLUDED NETWORK_CAP", "EXCLUDED NETWORK_CAP"]);
}

#[tokio::test]
async fn counting_does_not_wait_for_others_who_write() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    // The day's secret is made with the first view.
    assert_eq!(verdicts(&report(&app.anon, &visitors(&app, &made, 0..1)).await), ["COUNTED"]);
    let writing = app.app.db.begin().await.unwrap();
    writing.db.execute_unprepared("UPDATE article SET version = version + 1").await.unwrap();
    assert_eq!(verdicts(&report(&app.anon, &visitors(&app, &made, 1..4)).await), ["COUNTED"; 3]);
    assert_eq!(shown(&app.anon, &made).await, 4);
    writing.commit().await.unwrap();
    assert_eq!(agrees(&app).await, 4);
}

#[tokio::test]
async fn two_who_count_in_turns_judge_by_what_the_other_one_wrote() {
    let first = TestApp::quiet_but_counting().await;
    let made = article("灯会").published(&first).await;
    let second = first.second_server().await;
    // Nobody tells them: each finds out when its number is taken.
    for number in 0..6 {
        let (one, other) = if number % 2 == 0 { (&first, &second) } else { (&second, &first) };
        let events = visitors(one, &made, number..number + 1);
        assert_eq!(verdicts(&report(&one.anon, &events).await), ["COUNTED"]);
        assert_eq!(verdicts(&report(&other.anon, &events).await), ["DUPLICATE COUNTED"]);
        let again = visitors(other, &made, number..number + 1);
        assert_eq!(verdicts(&report(&other.anon, &again).await), ["REPEAT"]);
    }
    assert_eq!(agrees(&first).await, 6);
    assert_eq!(logged(&first).await, 12, "one batch for each event that was new");
}

#[tokio::test]
async fn who_was_held_up_while_others_counted_folded_and_removed_takes_no_number_of_theirs() {
    let first = TestApp::quiet_but_counting().await;
    let made = article("灯会").published(&first).await;
    // This one hears nothing for an hour, but its clock goes on.
    let second = first.second_quiet_server().await;
    an_hour_passes(&first, &made).await;
    let late = json!([event_of(&made, second.app.clock.now(), "visitor 9")]);
    assert_eq!(verdicts(&report(&second.anon, &late).await), ["COUNTED"]);
    fold(&first).await;
    assert_eq!(agrees(&first).await, 4);
    assert_eq!(shown(&second.anon, &made).await, 4);
}

#[tokio::test]
async fn a_number_that_was_removed_is_never_given_again() {
    let app = TestApp::quiet_but_counting().await;
    let made = article("灯会").published(&app).await;
    an_hour_passes(&app, &made).await;
    let (db, now) = (&app.app.db, app.app.clock.now());
    for (seq, free) in [(1, false), (3, false), (4, true), (4, false)] {
        let appended = match db.sqlite_files() {
            Some((tables, log)) => {
                let store = store_sqlite::open(tables, &log).unwrap();
                store_sqlite::append(&store, seq, now, &[0]).unwrap()
            }
            None => store_postgres::append(&db.log, seq, now, vec![0]).await.unwrap(),
        };
        assert_eq!(appended, free, "{seq}");
    }
}

#[tokio::test]
async fn a_log_that_lacks_batches_is_refused() {
    let app = TestApp::quiet_but_counting().await;
    let made = article("灯会").published(&app).await;
    for number in 0..3 {
        let events = visitors(&app, &made, number..number + 1);
        assert_eq!(verdicts(&report(&app.anon, &events).await), ["COUNTED"]);
        app.advance(TimeDelta::seconds(1));
    }
    assert_eq!(logged(&app).await, 3);
    app.app.db.log.execute_unprepared("DELETE FROM view_log WHERE seq = 1").await.unwrap();
    let refused = app.app.views.load(&app.app.db).await.unwrap_err();
    assert!(refused.to_string().contains("does not continue this database"), "{refused}");
    let zone = app.app.config.time_zone;
    assert!(view::fold::run(&app.app.db, zone, app.app.clock.now()).await.is_err());
    assert!(view::check::run(&app.app.db, zone, app.app.clock.now()).await.is_err());
}

#[tokio::test]
async fn after_a_stop_all_that_was_counted_is_in_the_one_file() {
    let database = database::empty().await;
    let mut server = Server::start(&database.url, &["--demo"]);
    let found = server.query("{ articles(first: 1) { nodes { id views { counted } } } }").await;
    let article = found.data("/articles/nodes/0").clone();
    for _ in 0..3 {
        let view = json!({ "eventId": event_id(Clock::default().now()), "article": article["id"],
            "visitorId": event_id(Clock::default().now()) });
        let post = reqwest::Client::new().post(format!("{}/v1/views", server.url));
        let answer = post.header("user-agent", BROWSER).json(&view).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    // Another process has the file open meanwhile.
    let other = Db::connect(&database.url).await.unwrap();
    server.terminate();
    assert!(server.end().success());
    let folder = Folder::new();
    let url = match database.url.strip_prefix("sqlite://") {
        Some(file) => {
            let copied = format!("{}/copy.db", folder.path());
            std::fs::copy(file, &copied).unwrap();
            format!("sqlite://{copied}")
        }
        None => database.url.clone(),
    };
    drop(other);
    let server = Server::start(&url, &[]);
    let query = format!("{{ article(id: {}) {{ views {{ counted }} }} }}", article["id"]);
    let counted = server.query(&query).await.data("/article/views/counted").as_i64().unwrap();
    assert_eq!(counted, article["views"]["counted"].as_i64().unwrap() + 3);
}

#[tokio::test]
async fn a_log_that_was_left_by_another_database_is_refused() {
    let folder = Folder::new();
    let file = format!("{}/redian.db", folder.path());
    let url = match on_postgres() {
        // There it is a table of the database.
        true => return,
        false => format!("sqlite://{file}"),
    };
    let mut server = Server::start(&url, &["--demo"]);
    server.terminate();
    assert!(server.end().success());
    std::fs::remove_file(&file).unwrap();
    let run = run(&url, &["serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(run.status, Some(1));
    assert!(run.err.contains("belongs to another database"), "{}", run.err);
    std::fs::remove_file(format!("{file}-views")).unwrap();
    drop(Server::start(&url, &[]));
}
