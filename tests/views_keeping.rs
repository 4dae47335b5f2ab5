//! What becomes of views with time: days, folding, retention; and who checks it.

use chrono::TimeDelta;
use redian::server;
use redian::view;
use redian::view::visitors::Visitors;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::import;
use crate::helpers::import::lines;
use crate::helpers::import::record;
use crate::helpers::import::run;
use crate::helpers::import::run_with_input;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::views::agrees;
use crate::helpers::views::event;
use crate::helpers::views::event_of;
use crate::helpers::views::execute;
use crate::helpers::views::fold;
use crate::helpers::views::logged;
use crate::helpers::views::number;
use crate::helpers::views::report;
use crate::helpers::views::shown;
use crate::helpers::views::verdicts;

/// So many visitors see the article now.
async fn crowd(app: &TestApp, made: &Made, size: usize) {
    let now = app.app.clock.now();
    for from in (0..size).step_by(100) {
        let visitors = from..size.min(from + 100);
        let events: Value =
            visitors.map(|visitor| event_of(made, now, &visitor.to_string())).collect();
        let found = verdicts(&report(&app.anon, &events).await);
        assert!(found.iter().all(|verdict| verdict == "COUNTED"), "{found:?}");
    }
}

async fn visitors(app: &TestApp) -> Vec<i64> {
    let rows = entity::view_visitors::Entity::find().all(&app.app.db.read).await.unwrap();
    let mut found: Vec<i64> =
        rows.iter().map(|row| Visitors::decode(&row.sketch).unwrap().count().value).collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_view_is_of_the_day_that_it_is_at_the_site() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    // 23:59:59.999 and 00:00 in Shanghai.
    app.advance(TimeDelta::hours(8));
    let midnight = app.app.clock.now();
    for at in [midnight - TimeDelta::milliseconds(1), midnight] {
        let answer = report(&app.anon, &event_of(&made, at, "a")).await;
        assert_eq!(verdicts(&answer), ["COUNTED"], "{at}");
    }
    fold(&app).await;
    let day = "SELECT CAST(MIN(day) AS BIGINT) FROM view_day";
    assert_eq!(number(&app, "SELECT COUNT(*) FROM view_day WHERE counted = 1").await, 2);
    assert_eq!(number(&app, day).await, 20_513, "2026-03-01");
    assert_eq!(number(&app, "SELECT COUNT(*) FROM view_salt").await, 2);
    assert_eq!(agrees(&app).await, 2);
}

#[tokio::test]
async fn a_window_over_midnight_stays_one_window() {
    let app = TestApp::start_with(|config| config.view_window = 7 * 3600).await;
    let made = article("灯会").published(&app).await;
    app.advance(TimeDelta::hours(9));
    let now = app.app.clock.now();
    for (age, expected) in [(120, "COUNTED"), (30, "REPEAT")] {
        let view = event_of(&made, now - TimeDelta::minutes(age), "a");
        assert_eq!(verdicts(&report(&app.anon, &view).await), [expected], "{age} minutes");
    }
}

#[tokio::test]
async fn visitors_of_a_day_are_folded_once_whoever_folds() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 450).await;
    app.advance(TimeDelta::minutes(30));
    // The same people again, and one who is nobody.
    crowd(&app, &made, 450).await;
    let other = app.second_instance().await;
    let (ours, theirs) =
        tokio::join!(server::fold_views(app.app.clone()), server::fold_views(other));
    ours.unwrap();
    theirs.unwrap();
    fold(&app).await;
    assert_eq!(visitors(&app).await, [450]);
    fold(&app).await;
    assert_eq!(visitors(&app).await, [450]);
    assert_eq!(agrees(&app).await, 900);
}

#[tokio::test]
async fn folding_that_is_cut_off_anywhere_goes_on_where_it_was() {
    let app = TestApp::quiet_but_counting().await;
    let made = article("灯会").published(&app).await;
    for round in 0..20 {
        crowd(&app, &made, 20).await;
        app.advance(TimeDelta::minutes(30));
        let folding = tokio::spawn(server::fold_views(app.app.clone()));
        let keeping = tokio::spawn(server::keep_views(app.app.clone()));
        for _ in 0..round * 3 {
            tokio::task::yield_now().await;
        }
        folding.abort();
        keeping.abort();
        drop((folding.await, keeping.await));
    }
    fold(&app).await;
    // Midnight came in between.
    assert_eq!(visitors(&app).await, [20, 20]);
    let score = entity::view_hot::Entity::find().one(&app.app.db.read).await.unwrap().unwrap();
    let now = app.app.clock.now().timestamp_millis();
    let hot = view::score::views(score.fast, now, 1.0);
    let truth: f64 =
        (1..=20).map(|half_hours| 20.0 * 2_f64.powf(-0.5 * f64::from(half_hours))).sum();
    assert!((hot - truth).abs() < 1e-6, "{hot} is not {truth}");
    assert_eq!(agrees(&app).await, 400);
}

#[tokio::test]
async fn an_instance_that_was_behind_for_long_reads_everything_anew() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 1).await;
    let other = app.second_instance().await;
    other.views.load(&other.db).await.unwrap();
    for _ in 0..3 {
        app.advance(TimeDelta::minutes(30));
        crowd(&app, &made, 1).await;
        fold(&app).await;
    }
    let totals = || other.views.totals.of(made.uuid()).counted;
    assert_eq!(totals(), 1);
    assert_eq!(logged(&app).await, 1, "the others are gone");
    view::follow::run(&other.db, &other.views).await.unwrap();
    assert_eq!(totals(), 4);
}

#[tokio::test]
async fn the_log_goes_on_where_it_was_after_days() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 1).await;
    app.advance(TimeDelta::days(3));
    fold(&app).await;
    server::keep_views(app.app.clone()).await.unwrap();
    assert_eq!(logged(&app).await, 1, "the last one stays");
    let other = app.second_instance().await;
    other.views.load(&other.db).await.unwrap();
    crowd(&app, &made, 1).await;
    view::follow::run(&other.db, &other.views).await.unwrap();
    assert_eq!(other.views.totals.of(made.uuid()).counted, 2);
    fold(&app).await;
    assert_eq!(visitors(&app).await, [1, 1]);
}

#[tokio::test]
async fn a_server_follows_folds_and_removes_by_itself() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 1).await;
    app.advance(TimeDelta::days(3));
    let other = app.second_server().await;
    crowd(&app, &made, 5).await;
    while shown(&other.anon, &made).await < 6 {
        tokio::task::yield_now().await;
    }
    while visitors(&app).await != [1, 5] {
        tokio::task::yield_now().await;
    }
    // Its first look for what is old is at its start.
    let old = "SELECT COUNT(*) FROM view_event";
    while number(&app, old).await != 5 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_old_is_removed_or_folded_and_the_sums_still_agree() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 150).await;
    fold(&app).await;
    let keep = || server::keep_views(app.app.clone());
    let count = |table: &'static str| {
        let app = &app;
        async move { number(app, &format!("SELECT COUNT(*) FROM {table}")).await }
    };
    // Keys are kept while an event that they could meet is accepted.
    app.advance(TimeDelta::hours(24));
    keep().await.unwrap();
    assert_eq!(count("view_event").await, 150);
    app.advance(TimeDelta::hours(3));
    keep().await.unwrap();
    for table in ["view_event", "view_visit", "view_network"] {
        assert_eq!(count(table).await, 0, "{table}");
    }
    assert_eq!(count("view_hour").await, 1);
    assert_eq!(agrees(&app).await, 150);
    app.advance(TimeDelta::days(35));
    keep().await.unwrap();
    assert_eq!((count("view_hour").await, count("view_day").await), (0, 1));
    assert_eq!(count("view_salt").await, 0);
    crowd(&app, &made, 10).await;
    app.advance(TimeDelta::days(740));
    fold(&app).await;
    keep().await.unwrap();
    assert_eq!((count("view_day").await, count("view_month").await), (1, 1));
    assert_eq!(agrees(&app).await, 160);
    app.advance(TimeDelta::days(40));
    keep().await.unwrap();
    assert_eq!((count("view_day").await, count("view_month").await), (0, 2));
    assert_eq!((count("view_visitors").await, logged(&app).await), (0, 1));
    assert_eq!(agrees(&app).await, 160);
    assert_eq!(shown(&app.anon, &made).await, 160);
}

#[tokio::test]
async fn check_tells_which_sums_do_not_agree() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 3).await;
    let url = &app.database.url;
    // What is not folded yet is counted, too.
    let sound = run(url, &["views", "check"]).await;
    assert_eq!((sound.status, &*sound.out), (Some(0), "3 counted views of 1 articles.\n"));
    fold(&app).await;
    let sound = run(url, &["views", "check"]).await;
    assert_eq!((sound.status, &*sound.out), (Some(0), "3 counted views of 1 articles.\n"));
    for (table, fault) in [
        ("view_day", "days and months have 1 views more than the total"),
        ("view_total", "days and months have -1 views more than the total"),
    ] {
        execute(&app, &format!("UPDATE {table} SET counted = counted + 1")).await;
        let wrong = run(url, &["views", "check"]).await;
        assert_eq!(wrong.status, Some(1), "{table}");
        assert!(wrong.out.contains(fault), "{table}: {}", wrong.out);
        execute(&app, &format!("UPDATE {table} SET counted = counted - 1")).await;
    }
    execute(&app, "DELETE FROM view_event").await;
    execute(&app, "UPDATE view_hour SET counted = 2").await;
    let zone = app.app.config.time_zone;
    let report = view::check::run(&app.app.db, zone, app.app.clock.now()).await.unwrap();
    assert!(report.faults[0].contains("the hours of 2026-03-01 have -1 views"), "{report:?}");
}

#[tokio::test]
async fn hot_scores_can_be_made_anew_from_the_hours() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    for _ in 0..3 {
        crowd(&app, &made, 20).await;
        app.advance(TimeDelta::hours(1));
    }
    fold(&app).await;
    let score = || async {
        let row = entity::view_hot::Entity::find().one(&app.app.db.read).await.unwrap().unwrap();
        let now = app.app.clock.now().timestamp_millis();
        view::score::views(row.fast, now, 1.0)
    };
    // 20 views an hour ago, 20 before, 20 before that.
    assert!((score().await - 17.5).abs() < 1e-6);
    // Some are not folded yet.
    crowd(&app, &made, 20).await;
    execute(&app, "UPDATE view_hot SET fast = 0").await;
    view::rebuild::run(&app.app.db, app.app.clock.now()).await.unwrap();
    fold(&app).await;
    // An hour's views are taken as spread over it.
    let found = score().await;
    assert!((35.0..50.0).contains(&found), "{found}");
}

#[tokio::test]
async fn another_time_zone_is_refused() {
    let app = TestApp::start().await;
    let url = &app.database.url;
    let run = run(url, &["serve", "--listen", "127.0.0.1:0", "--time-zone", "Europe/Berlin"]).await;
    assert_eq!(run.status, Some(1));
    assert!(run.err.contains("start with --time-zone Asia/Shanghai"), "{}", run.err);
}

#[tokio::test]
async fn an_import_beside_the_server_shows_and_no_view_makes_news() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let before = redian::event::newest(&app.app.db.read).await.unwrap();
    crowd(&app, &made, 3).await;
    assert_eq!(redian::event::newest(&app.app.db.read).await.unwrap(), before);
    let text = record(json!({ "id": made.uuid(), "title": "灯会", "importedViews": 100 }));
    let imported = record(json!({ "externalId": "1", "title": "书市", "importedViews": 4892 }));
    import(&app, &lines(&[text, imported])).await;
    let totals = app.anon.query("{ articles { nodes { title views { total counted } } } }").await;
    let mut found: Vec<String> = totals
        .data("/articles/nodes")
        .as_array()
        .unwrap()
        .iter()
        .map(|article| format!("{} {}", article["title"], article["views"]))
        .collect();
    found.sort();
    assert_eq!(found[0], "\"书市\" {\"total\":4892,\"counted\":0}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_goes_on_while_a_large_import_runs() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let records: Vec<Value> = (0..3000)
        .map(|number| {
            record(json!({ "externalId": number.to_string(), "title": format!("第{number}篇") }))
        })
        .collect();
    let url = app.database.url.clone();
    let importing = tokio::spawn(async move {
        run_with_input(&url, &["import", "-"], lines(&records).as_bytes()).await
    });
    let mut counted = 0;
    while !importing.is_finished() {
        let view = event_of(&made, app.app.clock.now(), &counted.to_string());
        assert_eq!(verdicts(&report(&app.anon, &view).await), ["COUNTED"]);
        counted += 1;
    }
    assert_eq!(importing.await.unwrap().status, Some(0));
    assert_eq!(agrees(&app).await, counted);
}

#[tokio::test]
async fn totals_go_beyond_two_thousand_million() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    crowd(&app, &made, 1).await;
    fold(&app).await;
    for table in ["view_total", "view_day", "view_hour"] {
        execute(&app, &format!("UPDATE {table} SET counted = 3000000000")).await;
    }
    app.app.views.load(&app.app.db).await.unwrap();
    app.advance(TimeDelta::minutes(30));
    crowd(&app, &made, 1).await;
    assert_eq!(shown(&app.anon, &made).await, 3_000_000_001);
    let report = run(&app.database.url, &["views", "check"]).await;
    assert!(report.out.contains("3000000001 counted views of 1 articles"), "{}", report.out);
}

#[tokio::test]
async fn when_views_cannot_be_stored_nothing_is_acknowledged_until_they_can() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    let log = |sql: &'static str| {
        let app = app.app.clone();
        async move { app.db.log.execute_unprepared(sql).await.unwrap() }
    };
    log("ALTER TABLE view_log RENAME TO view_log_away").await;
    let view = event(&made, app.app.clock.now());
    let answer = report(&app.anon, &view).await;
    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
    assert_eq!(app.anon.get("/readyz").await.status, 503);
    log("ALTER TABLE view_log_away RENAME TO view_log").await;
    assert_eq!(verdicts(&report(&app.anon, &view).await), ["COUNTED"]);
    assert_eq!(app.anon.get("/readyz").await.status, 200);
    assert_eq!(agrees(&app).await, 1);
}
