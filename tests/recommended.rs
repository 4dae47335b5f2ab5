//! Recommended reading: what is recommended, in which order, and why.

use std::time::Duration;

use chrono::TimeDelta;
use redian::recommend::follow;
use redian::server;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::make::delete;
use crate::helpers::make::publish;
use crate::helpers::make::withdraw;
use crate::helpers::rankings::open;
use crate::helpers::rankings::read_by;
use crate::helpers::recommended::ask;
use crate::helpers::recommended::later;
use crate::helpers::recommended::recommended;
use crate::helpers::stories::published;
use crate::helpers::stories::told;
use crate::helpers::views::event_of;
use crate::helpers::views::report;

const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// What is recommended: ids with reasons.
fn with(made: &[Made], reason: &str) -> Vec<(String, String)> {
    made.iter().map(|made| (made.id.clone(), reason.to_owned())).collect()
}

fn reason_of(found: &[(String, String)], made: &Made) -> Option<String> {
    found.iter().find(|(id, _)| *id == made.id).map(|(_, reason)| reason.clone())
}

/// Somebody reads these articles one after the other, so long after each other.
async fn visit(app: &TestApp, who: &str, articles: &[&Made], pause: TimeDelta) {
    let mut at = app.app.clock.now() - pause * i32::try_from(articles.len()).unwrap();
    for made in articles {
        at += pause;
        report(&app.anon, &json!(event_of(made, at, who))).await;
    }
    app.caught_up().await;
}

#[tokio::test]
async fn articles_on_the_same_event_come_with_that_reason() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7", "4-s4-a2"]).await;
    published(&app, &["7-x1", "7-x2", "8-x3", "2-x4", "5-x5"]).await;
    later(&app);
    let found = recommended(&app, &story[0], "").await;
    assert!(!found.is_empty());
    let mut same: Vec<&(String, String)> = found.iter().take(3).collect();
    same.sort();
    let mut expected: Vec<String> = story[1..].iter().map(|made| made.id.clone()).collect();
    expected.sort();
    assert_eq!(same.iter().map(|one| one.0.clone()).collect::<Vec<_>>(), expected);
    assert!(same.iter().any(|one| one.1 == "SAME_STORY"), "{found:?}");
}

#[tokio::test]
async fn nothing_is_recommended_with_itself_and_nothing_that_readers_do_not_see() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7"]).await;
    let draft = told("4-s4-a2").draft(&app).await;
    let scheduled = json!({ "publishAt": app.in_time(MINUTE) });
    let scheduled = told("4-s4-a3").published_with(&app, scheduled).await;
    let withdrawn = told("4-s4-a5").published(&app).await;
    let withdrawn = withdraw(&app, &withdrawn).await;
    later(&app);
    let found = recommended(&app, &story[0], "first: 50").await;
    for made in [&story[0], &draft, &withdrawn] {
        assert_eq!(reason_of(&found, made), None);
    }
    assert!(reason_of(&found, &story[1]).is_some());
    // It has appeared meanwhile.
    assert!(reason_of(&found, &scheduled).is_some());
}

#[tokio::test]
async fn what_is_taken_down_is_gone_at_once_and_what_is_behind_it_moves_up() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7", "4-s4-a2"]).await;
    later(&app);
    let before = recommended(&app, &story[0], "first: 2").await;
    let gone = story.iter().find(|made| made.id == before[0].0).unwrap();
    let made = withdraw(&app, gone).await;
    let after = recommended(&app, &story[0], "first: 2").await;
    assert_eq!((after.len(), &after[0]), (2, &before[1]));
    let back = publish(&app, &made, json!({})).await;
    assert_eq!(recommended(&app, &story[0], "first: 2").await, before);
    delete(&app, &back).await;
    assert_eq!(recommended(&app, &story[0], "first: 2").await, after);
}

#[tokio::test]
async fn what_appears_or_changes_is_recommended_or_not_when_the_list_is_next_made() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4"]).await;
    later(&app);
    assert_eq!(recommended(&app, &story[0], "").await.len(), 1);
    let new = told("4-s4-a7").published(&app).await;
    later(&app);
    assert!(reason_of(&recommended(&app, &story[0], "").await, &new).is_some());
    let input = json!({
        "id": new.id, "version": new.version, "title": "桥头的修鞋摊",
        "body": "老人每天七点出摊，傍晚把工具锁进木箱。",
    });
    app.editor.mutate("updateArticle", input, "").await.user_errors();
    later(&app);
    assert_eq!(reason_of(&recommended(&app, &story[0], "").await, &new), None);
}

#[tokio::test]
async fn a_list_that_is_read_all_the_time_is_made_anew_beside() {
    let app = TestApp::start_with(|config| config.cache_size = 0).await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4"]).await;
    later(&app);
    assert_eq!(recommended(&app, &story[0], "").await.len(), 1);
    let new = told("4-s4-a7").published(&app).await;
    app.caught_up().await;
    assert_eq!(recommended(&app, &story[0], "").await.len(), 1);
    // Somebody reads the old one, and has the next one made.
    app.advance(MINUTE + MINUTE);
    let made = async {
        while reason_of(&recommended(&app, &story[0], "").await, &new).is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), made).await.unwrap();
}

#[tokio::test]
async fn articles_of_the_same_region_come_with_that_reason_the_nearest_first() {
    let app = open().await;
    let texts = ["7-x1", "2-x4", "5-x5", "8-x3"];
    let regions = ["330102", "330102", "330100", "330000"];
    let mut made = Vec::new();
    for (text, region) in texts.iter().zip(regions) {
        made.push(told(text).about(&[region]).published(&app).await);
    }
    told("3-x5").about(&["440300"]).published(&app).await;
    later(&app);
    let found = recommended(&app, &made[0], "").await;
    let same: Vec<_> = found.into_iter().filter(|one| one.1 == "SAME_REGION").collect();
    assert_eq!(same, with(&made[1..], "SAME_REGION"));
}

#[tokio::test]
async fn what_three_readers_read_in_the_same_visit_is_read_together() {
    let app = open().await;
    let made = published(&app, &["7-x1", "2-x4", "5-x5", "8-x3"]).await;
    // The loop that follows views has begun to.
    recommended(&app, &made[3], "").await;
    for reader in ["甲", "乙"] {
        visit(&app, reader, &[&made[0], &made[1]], MINUTE).await;
    }
    for reader in ["丙", "丁", "戊"] {
        visit(&app, reader, &[&made[0], &made[2]], TimeDelta::minutes(31)).await;
    }
    later(&app);
    let found = recommended(&app, &made[0], "").await;
    assert!(found.iter().all(|(_, reason)| reason == "HOT"), "{found:?}");
    visit(&app, "己", &[&made[1], &made[0]], MINUTE).await;
    later(&app);
    let found = recommended(&app, &made[0], "").await;
    assert_eq!(found[0], with(&made[1..2], "READ_TOGETHER")[0]);
    assert_eq!(reason_of(&found, &made[2]).unwrap(), "HOT");
    let found = recommended(&app, &made[1], "").await;
    assert_eq!(found[0], with(&made[..1], "READ_TOGETHER")[0]);
}

#[tokio::test]
async fn a_reader_who_comes_back_is_one_reader() {
    let app = open().await;
    let made = published(&app, &["7-x1", "2-x4", "5-x5"]).await;
    recommended(&app, &made[2], "").await;
    for _ in 0..4 {
        visit(&app, "甲", &[&made[0], &made[1]], TimeDelta::minutes(1)).await;
        app.advance(TimeDelta::minutes(29));
    }
    later(&app);
    let found = recommended(&app, &made[0], "").await;
    assert!(found.iter().all(|(_, reason)| reason == "HOT"), "{found:?}");
}

#[tokio::test]
async fn what_many_read_is_recommended_where_nothing_else_speaks_for_it() {
    let app = open().await;
    let made = published(&app, &["7-x1", "2-x4", "5-x5"]).await;
    read_by(&app, &made[1], "甲", 3).await;
    read_by(&app, &made[2], "乙", 9).await;
    app.caught_up().await;
    later(&app);
    let hot = with(&[made[2].clone(), made[1].clone()], "HOT");
    assert_eq!(recommended(&app, &made[0], "").await, hot);
    assert_eq!(recommended(&app, &made[1], "").await, hot[..1]);
}

#[tokio::test]
async fn a_list_is_of_several_things() {
    let app = open().await;
    let keys = ["a1", "a2", "a3", "a4", "a5", "a6", "a7"].map(|key| format!("4-s4-{key}"));
    let story = published(&app, &keys.each_ref().map(String::as_str)).await;
    let hot = told("7-x1").published(&app).await;
    let near = told("5-x5").about(&["330102"]).published(&app).await;
    let first = told("4-s4-r1").about(&["330102"]).published(&app).await;
    read_by(&app, &hot, "读者", 200).await;
    app.caught_up().await;
    later(&app);
    let found = recommended(&app, &first, "").await;
    assert_eq!(reason_of(&found, &hot).as_deref(), Some("HOT"), "{found:?}");
    assert_eq!(reason_of(&found, &near).as_deref(), Some("SAME_REGION"), "{found:?}");
    assert!(found.iter().any(|(id, _)| story.iter().any(|made| made.id == *id)), "{found:?}");
}

#[tokio::test]
async fn of_nearly_the_same_texts_one_is_recommended_and_the_others_are_told_apart() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a2", "4-s4-r1", "4-s4-r2"]).await;
    let copy = told("4-s4-r1").with("title", "本科生造芯记").published(&app).await;
    later(&app);
    let answer = ask(&app.anon, &story[2], "").await;
    let reprints = answer.data("/article/reprints").as_array().unwrap();
    assert!(reprints.contains(&json!({ "id": copy.id })), "{reprints:?}");
    let found = recommended(&app, &story[0], "first: 50").await;
    let both = [&story[2], &copy].iter().filter(|made| reason_of(&found, made).is_some()).count();
    assert_eq!(both, 1, "{found:?}");
    assert_eq!(reason_of(&recommended(&app, &story[2], "first: 50").await, &copy), None);
}

#[tokio::test]
async fn short_texts_that_are_the_same_by_habit_are_not_the_same_article() {
    let app = open().await;
    let mut made = Vec::new();
    for title in ["云坑水库今日泄洪", "云坑水库泄洪后村民返家"] {
        made.push(article(title).with("body", "图片新闻，见附件。").published(&app).await);
    }
    later(&app);
    assert_eq!(recommended(&app, &made[0], "").await.len(), 1);
}

#[tokio::test]
async fn a_draft_has_recommendations_for_who_may_read_it() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4"]).await;
    let draft = told("4-s4-a7").draft(&app).await;
    let answer = ask(&app.editor, &draft, "").await;
    let found = answer.data("/article/recommended").as_array().unwrap();
    let ids: Vec<&Value> = found.iter().map(|one| &one["article"]["id"]).collect();
    assert!(story.iter().all(|made| ids.contains(&&json!(made.id))), "{found:?}");
    assert!(ask(&app.anon, &draft, "").await.data("/article").is_null());
}

#[tokio::test]
async fn what_a_page_shows_already_can_be_left_out() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7", "4-s4-a2"]).await;
    later(&app);
    let all = recommended(&app, &story[0], "").await;
    let exclude = format!("first: 2, exclude: [\"{}\"]", all[0].0);
    assert_eq!(recommended(&app, &story[0], &exclude).await, all[1..3]);
    let many = vec![format!("\"{}\"", all[0].0); 101].join(",");
    for (arguments, field) in [
        ("first: 0".to_owned(), "first"),
        ("first: 101".to_owned(), "first"),
        ("exclude: [\"nothing\"]".to_owned(), "exclude"),
        (format!("exclude: [{many}]"), "exclude"),
    ] {
        let answer: Answer = ask(&app.anon, &story[0], &arguments).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}: {}", answer.json);
        assert!(answer.message().contains(field), "{}", answer.message());
    }
}

#[tokio::test]
async fn lists_of_many_articles_take_one_statement_for_all_that_is_recommended() {
    let app = TestApp::quiet_with(|config| config.max_complexity = 100_000).await;
    published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7", "4-s4-a2", "4-s4-a3", "4-s4-a5"]).await;
    app.caught_up().await;
    let mut statements = Vec::new();
    for first in [2, 6] {
        let query = format!(
            "{{ articles(first: {first}) {{ nodes {{ recommended {{ article {{ title }} }} }} }} }}"
        );
        app.anon.query(&query).await.data("/articles/nodes/0/recommended/0/article/title");
        let before = app.app.db.statements();
        app.anon.query(&query).await.data("/articles/nodes/0/recommended/0/article/title");
        statements.push(app.app.db.statements() - before);
    }
    assert_eq!(statements[0], statements[1]);
}

#[tokio::test]
async fn the_list_of_an_article_that_appeared_is_made_before_somebody_asks() {
    let app = TestApp::quiet().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4"]).await;
    app.caught_up().await;
    server::recommend(app.app.clone()).await.unwrap();
    let mut statements = Vec::new();
    for _ in 0..2 {
        let before = app.app.db.statements();
        assert_eq!(recommended(&app, &story[1], "").await.len(), 1);
        statements.push(app.app.db.statements() - before);
    }
    assert_eq!(statements[0], statements[1]);
}

#[tokio::test]
async fn a_change_is_not_lost_when_who_asked_goes_away_meanwhile() {
    let app = TestApp::quiet().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4"]).await;
    app.caught_up().await;
    assert_eq!(recommended(&app, &story[0], "").await.len(), 1);
    let new = told("4-s4-a7").published(&app).await;
    app.caught_up().await;
    let sources = app.app.recommendations();
    tokio::select! {
        biased;
        ended = follow::run(&sources) => ended.unwrap(),
        // It has begun, and waits.
        () = std::future::ready(()) => {}
    }
    later(&app);
    assert!(reason_of(&recommended(&app, &story[0], "").await, &new).is_some());
}
