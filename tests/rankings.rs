//! Lists by views: what they have, in which order, and how one pages through them.

use chrono::TimeDelta;
use redian::region;
use redian::region::file;
use redian::region::plan;
use redian::server;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::import::import;
use crate::helpers::import::lines;
use crate::helpers::import::record;
use crate::helpers::make::article;
use crate::helpers::make::channel;
use crate::helpers::make::delete;
use crate::helpers::make::withdraw;
use crate::helpers::rankings::ask;
use crate::helpers::rankings::column;
use crate::helpers::rankings::ids;
use crate::helpers::rankings::ladder;
use crate::helpers::rankings::of;
use crate::helpers::rankings::open;
use crate::helpers::rankings::read_by;
use crate::helpers::views::execute;
use crate::helpers::views::fold;
use crate::helpers::views::number;

/// Long enough for a list to be computed anew.
fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

#[tokio::test]
async fn the_hotter_article_was_read_later_and_the_quieter_list_remembers_longer() {
    let app = open().await;
    channel(&app, "quiet", "静").await;
    let mut busy = Vec::new();
    for number in 0..6 {
        busy.push(article(&format!("热{number}")).published(&app).await);
    }
    let early = article("早").with("channel", "quiet").published(&app).await;
    let late = article("晚").with("channel", "quiet").published(&app).await;
    for made in &busy {
        read_by(&app, made, "昨天", 800).await;
    }
    app.advance(TimeDelta::hours(20));
    read_by(&app, &early, "甲", 100).await;
    app.advance(TimeDelta::hours(2));
    read_by(&app, &late, "乙", 40).await;
    // Of 100 views are left 25 after two half-lives of an hour, 63 with three hours.
    let site = ids(&ask(&app, "hotArticles", "first: 2").await);
    assert_eq!(site, [&*late.id, &*early.id]);
    let quiet = ask(&app, "hotArticles", r#"channel: "quiet""#).await;
    assert_eq!(ids(&quiet), [&*early.id, &*late.id]);
    assert_eq!(column(&quiet, "views"), [100, 40]);
    app.advance(TimeDelta::days(2));
    assert_eq!(ids(&ask(&app, "hotArticles", "").await), [""; 0]);
    // At the full hour it was alone.
    read_by(&app, &early, "丙", 1).await;
    app.advance(minutes(100));
    read_by(&app, &late, "丁", 5).await;
    let hot = ask(&app, "hotArticles", "").await;
    assert_eq!(ids(&hot), [&*late.id, &*early.id]);
    assert_eq!(column(&hot, "previousRank"), [Value::Null, json!(1)]);
}

#[tokio::test]
async fn an_article_needs_different_readers_on_one_day_whoever_counts_them() {
    let app = TestApp::start().await;
    let made = article("灯会").published(&app).await;
    for _ in 0..4 {
        read_by(&app, &made, "读者", 2).await;
        app.advance(minutes(40));
    }
    let day = "window: DAY";
    assert_eq!(ids(&ask(&app, "mostReadArticles", day).await), [""; 0]);
    assert_eq!(ids(&ask(&app, "hotArticles", "").await), [""; 0]);
    let all = ask(&app, "mostReadArticles", "window: ALL").await;
    assert_eq!(column(&all, "views"), [8]);
    // One instance read the first two from what is folded, the other saw them come.
    fold(&app).await;
    let second = app.second_server().await;
    second.caught_up().await;
    assert_eq!(ids(&ask(&second, "mostReadArticles", day).await), [""; 0]);
    read_by(&app, &made, "另一个", 1).await;
    // And this one reads two that are folded and one that is not.
    let third = app.second_server().await;
    for app in [&app, &second, &third] {
        app.advance(minutes(2));
        app.caught_up().await;
        assert_eq!(ids(&ask(app, "mostReadArticles", day).await), [&*made.id]);
        assert_eq!(ids(&ask(app, "hotArticles", "").await), [&*made.id]);
    }
}

#[tokio::test]
async fn what_readers_do_not_see_leaves_the_list_at_once_and_others_move_up() {
    let app = open().await;
    let made = ladder(&app, 5).await;
    let list = ask(&app, "mostReadArticles", "first: 3").await;
    assert_eq!(ids(&list), of(&made[..3]));
    withdraw(&app, &made[1]).await;
    delete(&app, &made[2]).await;
    // The same list still, looked over again.
    let again = ask(&app, "mostReadArticles", "first: 3").await;
    assert_eq!(again.data("/mostReadArticles/asOf"), list.data("/mostReadArticles/asOf"));
    let rest = of(&[made[0].clone(), made[3].clone(), made[4].clone()]);
    assert_eq!(ids(&again), rest);
    assert_eq!(column(&again, "rank"), [1, 4, 5]);
    assert_eq!(again.data("/mostReadArticles/pageInfo/hasNextPage"), false);
    app.advance(minutes(2));
    let anew = ask(&app, "mostReadArticles", "first: 3").await;
    assert_eq!(ids(&anew), rest);
    assert_eq!(column(&anew, "rank"), [1, 2, 3]);
}

#[tokio::test]
async fn pages_are_of_one_moment_also_on_another_server_for_ten_minutes() {
    let app = open().await;
    let made = ladder(&app, 30).await;
    let second = app.second_server().await;
    let first = ask(&app, "mostReadArticles", "first: 12").await;
    assert_eq!(ids(&first), of(&made[..12]));
    // The last one becomes the first.
    read_by(&app, &made[29], "更多读者", 60).await;
    app.advance(minutes(9));
    second.advance(minutes(9));
    let next = |app: &TestApp, page: &Answer| {
        let end = page.data("/mostReadArticles/pageInfo/endCursor").as_str().unwrap().to_owned();
        let (app, arguments) = (app.anon.clone(), format!("first: 12, after: \"{end}\""));
        async move { crate::helpers::rankings::ask_as(&app, "mostReadArticles", &arguments).await }
    };
    let (here, there) = (next(&app, &first).await, next(&second, &first).await);
    assert_eq!(here.json, there.json);
    assert_eq!(ids(&here), of(&made[12..24]));
    assert_eq!(here.data("/mostReadArticles/pageInfo/hasPreviousPage"), true);
    let last = next(&second, &here).await;
    assert_eq!(ids(&last), of(&made[24..]));
    assert_eq!(last.data("/mostReadArticles/pageInfo/hasNextPage"), false);
    assert_eq!(ids(&ask(&app, "mostReadArticles", "first: 1").await), [&*made[29].id]);
    // The cursor of one list is none of another.
    let end = first.data("/mostReadArticles/pageInfo/endCursor").as_str().unwrap();
    let other = ask(&app, "hotArticles", &format!("after: \"{end}\"")).await;
    assert_eq!(other.code(), "BAD_USER_INPUT");
    for app in [&app, &second] {
        app.advance(minutes(2));
        let late = next(app, &first).await;
        assert_eq!(late.code(), "RANKING_EXPIRED");
        assert!(late.message().contains("ask for its first page again"), "{}", late.message());
    }
    server::keep_views(app.app.clone()).await.unwrap();
    let stored = number(&app, "SELECT COUNT(*) FROM ranking_snapshot").await;
    assert_eq!(stored, 1, "that of two minutes ago");
}

#[tokio::test]
async fn a_short_list_of_a_region_is_filled_up_from_the_regions_above() {
    let app = open().await;
    let mut made = Vec::new();
    for (number, code) in ["130104", "130100", "130200", "440300"].into_iter().enumerate() {
        for _ in 0..[2, 3, 4, 15][number] {
            made.push(article("新闻").about(&[code]).published(&app).await);
        }
    }
    for (number, made) in made.iter().enumerate() {
        read_by(&app, made, "读者", 30 - number).await;
    }
    let list = ask(&app, "mostReadArticles", r#"first: 100, region: "130104""#).await;
    assert_eq!(ids(&list), of(&made[..20]));
    let ranks: Vec<i64> = (1..=20).collect();
    assert_eq!(column(&list, "rank"), ranks);
    let filled: Vec<bool> = (0..20).map(|place| place >= 2).collect();
    assert_eq!(column(&list, "filled"), filled);
    assert_eq!(list.data("/mostReadArticles/filledFrom/code"), "130100");
    let province = ask(&app, "hotArticles", r#"first: 100, region: "hebei""#).await;
    assert_eq!(ids(&province), of(&made[..20]));
    assert_eq!(province.data("/hotArticles/filledFrom"), &Value::Null);
    let none = ask(&app, "hotArticles", r#"region: "nowhere""#).await;
    assert_eq!(ids(&none), [""; 0]);
}

#[tokio::test]
async fn an_article_that_moves_is_listed_where_it_is() {
    let app = open().await;
    channel(&app, "news", "新闻").await;
    let made = article("灯会").about(&["130104"]).published(&app).await;
    read_by(&app, &made, "读者", 1).await;
    let own = |answer: &Answer| column(answer, "filled").contains(&json!(false));
    assert!(own(&ask(&app, "hotArticles", r#"region: "130100""#).await));
    let input = json!({ "id": made.id, "version": made.version, "regions": ["440300"],
                        "channel": "news" });
    let answer = app.editor.mutate("updateArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    app.caught_up().await;
    app.advance(minutes(2));
    assert!(!own(&ask(&app, "hotArticles", r#"region: "130100""#).await));
    assert!(own(&ask(&app, "hotArticles", r#"region: "440000""#).await));
    assert!(own(&ask(&app, "hotArticles", r#"region: "440300", channel: "news""#).await));
}

#[tokio::test]
async fn a_change_of_the_directory_is_followed() {
    let app = open().await;
    let made = article("旧城记").about(&["130104"]).published(&app).await;
    read_by(&app, &made, "读者", 1).await;
    let own = |answer: &Answer| column(answer, "filled") == [false];
    assert!(own(&ask(&app, "hotArticles", r#"region: "130100""#).await));
    let change = "code,name,level,type,parent,path,until,successor\n\
                  130104,桥西区,county,district,,,2026-02-01,130202\n";
    let tree = app.app.tree();
    let rows = file::parse(change, region::Origin::File).unwrap().over(&tree);
    app.app.change_regions(plan::plan(&tree, rows), |_| ()).await.unwrap();
    app.caught_up().await;
    app.advance(minutes(2));
    assert!(!own(&ask(&app, "hotArticles", r#"region: "130100""#).await));
    for region in ["130104", "130200"] {
        assert!(own(&ask(&app, "hotArticles", &format!("region: \"{region}\"")).await));
    }
}

#[tokio::test]
async fn imported_views_count_in_the_list_of_all_times_only() {
    let app = open().await;
    let made = article("灯会").published(&app).await;
    read_by(&app, &made, "读者", 3).await;
    assert_eq!(ids(&ask(&app, "mostReadArticles", "window: ALL").await), [&*made.id]);
    let old = |views: i64| {
        record(json!({ "externalId": "1", "title": "书市", "importedViews": views,
                       "state": "PUBLISHED", "publishedAt": "2020-01-01T00:00:00Z" }))
    };
    import(&app, &lines(&[old(2)])).await;
    for (views, expected) in [(2, [3, 2]), (5, [5, 3])] {
        import(&app, &lines(&[old(views)])).await;
        app.caught_up().await;
        app.advance(minutes(2));
        let all = ask(&app, "mostReadArticles", "window: ALL").await;
        assert_eq!(column(&all, "views"), expected);
    }
    let second = app.second_server().await;
    let all = ask(&second, "mostReadArticles", "window: ALL").await;
    assert_eq!(column(&all, "views"), [5, 3]);
    assert_eq!(all.data("/mostReadArticles/windowStart"), &Value::Null);
    assert_eq!(ids(&ask(&app, "mostReadArticles", "window: MONTH").await), [&*made.id]);
}

#[tokio::test]
async fn arguments_are_checked_and_a_list_that_is_kept_asks_for_its_articles_only() {
    let app = TestApp::quiet().await;
    for first in [0, 101] {
        let answer = ask(&app, "hotArticles", &format!("first: {first}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
    }
    let answer = ask(&app, "hotArticles", r#"after: "x""#).await;
    assert!(answer.message().contains("`after` is not a cursor"));
    let second = app.second_server().await;
    let made = article("灯会").published(&app).await;
    read_by(&second, &made, "读者", 3).await;
    app.caught_up().await;
    let query = "{ hotArticles { nodes { title } } }";
    assert_eq!(app.anon.query(query).await.each("/hotArticles/nodes", "title"), ["灯会"]);
    let before = app.app.db.statements();
    assert_eq!(app.anon.query(query).await.each("/hotArticles/nodes", "title"), ["灯会"]);
    assert_eq!(app.app.db.statements() - before, 1);
    // Behind the back of those who follow: read anew when hot scores were made anew.
    fold(&app).await;
    execute(&app, "DELETE FROM view_hour").await;
    redian::view::rebuild::run(&app.app.db, app.app.clock.now()).await.unwrap();
    app.advance(minutes(2));
    app.caught_up().await;
    assert_eq!(ids(&ask(&app, "hotArticles", "").await), [""; 0]);
}
