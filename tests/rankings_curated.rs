//! Lists by views as editors want them: what is excluded, what is pinned.

use std::slice::from_ref;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::curation::EXCLUDE;
use crate::helpers::curation::PIN;
use crate::helpers::curation::RESET;
use crate::helpers::curation::say;
use crate::helpers::curation::say_until;
use crate::helpers::curation::wanted;
use crate::helpers::make::article;
use crate::helpers::make::channel;
use crate::helpers::make::delete;
use crate::helpers::make::publish;
use crate::helpers::make::withdraw;
use crate::helpers::rankings::ask;
use crate::helpers::rankings::column;
use crate::helpers::rankings::hot;
use crate::helpers::rankings::ids;
use crate::helpers::rankings::ladder;
use crate::helpers::rankings::most_read;
use crate::helpers::rankings::of;
use crate::helpers::rankings::open;
use crate::helpers::rankings::read_by;
use crate::helpers::views::shown;

const MILLISECOND: TimeDelta = TimeDelta::milliseconds(1);

/// The next page of a list.
async fn next(app: &TestApp, field: &str, page: &Answer) -> Answer {
    let end = page.data(&format!("/{field}/pageInfo/endCursor")).clone();
    ask(app, field, &format!("first: 12, after: {end}")).await
}

#[tokio::test]
async fn an_excluded_article_is_in_no_list_from_the_answer_on() {
    let app = open().await;
    channel(&app, "news", "新闻").await;
    let mut made = Vec::new();
    for (title, views) in [("甲", 3), ("乙", 2), ("丙", 1)] {
        let one = article(title).about(&["130104"]).with("channel", "news").published(&app).await;
        read_by(&app, &one, "读者", views).await;
        made.push(one);
    }
    let scopes = ["", r#"region: "130104""#, r#"region: "130000""#, r#"channel: "news""#];
    for scope in scopes {
        assert_eq!(hot(&app, scope).await, of(&made));
        assert_eq!(most_read(&app, scope).await, of(&made));
    }
    say(&app, EXCLUDE, &made[1]).await;
    let rest = of(&[made[0].clone(), made[2].clone()]);
    for scope in scopes {
        for field in ["hotArticles", "mostReadArticles"] {
            let list = ask(&app, field, scope).await;
            assert_eq!(ids(&list), rest, "{field} {scope}");
            assert_eq!(column(&list, "rank"), [1, 2]);
        }
    }
    for window in ["HOUR", "WEEK", "MONTH", "ALL"] {
        assert_eq!(most_read(&app, &format!("window: {window}")).await, rest);
    }
    // Nothing else of it changes.
    read_by(&app, &made[1], "另一个", 2).await;
    assert_eq!(shown(&app.anon, &made[1]).await, 4);
    say(&app, RESET, &made[1]).await;
    let back = of(&[made[1].clone(), made[0].clone(), made[2].clone()]);
    assert_eq!(hot(&app, "").await, back);
    assert_eq!(most_read(&app, r#"region: "130104""#).await, back);
}

#[tokio::test]
async fn an_excluded_article_leaves_lists_that_somebody_pages_through_on_every_server() {
    let app = open().await;
    let made = ladder(&app, 30).await;
    let second = app.second_server().await;
    for field in ["hotArticles", "mostReadArticles"] {
        let first = ask(&app, field, "first: 12").await;
        assert_eq!(ids(&ask(&second, field, "first: 30").await), of(&made));
        say(&app, EXCLUDE, &made[12]).await;
        say(&app, EXCLUDE, &made[20]).await;
        let rest = of(&[&made[13..20], &made[21..]].concat());
        second.caught_up().await;
        let page = next(&app, field, &first).await;
        assert_eq!(page.json, next(&second, field, &first).await.json);
        assert_eq!(ids(&page), rest[..12]);
        assert_eq!(column(&page, "rank")[..8], [14, 15, 16, 17, 18, 19, 20, 22]);
        let whole = of(&[&made[..12], &made[13..20], &made[21..]].concat());
        assert_eq!(ids(&ask(&second, field, "first: 30").await), whole);
        // An instance that starts now knows it, too.
        let third = app.second_server().await;
        assert_eq!(ids(&ask(&third, field, "first: 30").await), whole);
        for made in [&made[12], &made[20]] {
            say(&app, RESET, made).await;
        }
        assert_eq!(ids(&next(&app, field, &first).await), of(&made[12..24]));
        second.caught_up().await;
        assert_eq!(ids(&ask(&second, field, "first: 30").await), of(&made));
    }
}

#[tokio::test]
async fn pinned_articles_head_hot_lists_the_last_pinned_first_and_exact_lists_stay() {
    // Three readers are needed on a day.
    let app = TestApp::start().await;
    let mut made = ladder(&app, 6).await;
    made.truncate(4);
    let unread = article("没人看").published(&app).await;
    let hardly = article("一个人看").published(&app).await;
    read_by(&app, &hardly, "读者", 1).await;
    assert_eq!(hot(&app, "").await, of(&made));
    let exact = ask(&app, "mostReadArticles", "window: DAY").await;
    for pinned in [&unread, &made[2], &hardly] {
        say(&app, PIN, pinned).await;
    }
    let list = ask(&app, "hotArticles", "").await;
    let expected = [&hardly, &made[2], &unread, &made[0], &made[1], &made[3]];
    assert_eq!(ids(&list), expected.map(|made| made.id.clone()));
    assert_eq!(column(&list, "rank"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(column(&list, "views"), [1, 4, 0, 6, 5, 3]);
    assert_eq!(column(&list, "pinned"), [true, true, true, false, false, false]);
    let still = ask(&app, "mostReadArticles", "window: DAY").await;
    assert_eq!(ids(&still), ids(&exact));
    for member in ["rank", "previousRank", "views", "pinned"] {
        assert_eq!(column(&still, member), column(&exact, member));
    }
    assert_eq!(most_read(&app, "window: ALL").await.len(), 7);
    // Pinned again, it is the last pinned.
    say(&app, PIN, &unread).await;
    assert_eq!(hot(&app, "first: 2").await, of(&[unread, hardly]));
}

#[tokio::test]
async fn a_list_with_pins_is_paged_as_it_was_everywhere() {
    let app = open().await;
    let made = ladder(&app, 30).await;
    for pinned in &made[15..18] {
        say(&app, PIN, pinned).await;
    }
    let second = app.second_server().await;
    let first = ask(&app, "hotArticles", "first: 2").await;
    assert_eq!(ids(&first), of(&[made[17].clone(), made[16].clone()]));
    // What is said since changes nothing in pages of this list.
    say(&app, RESET, &made[15]).await;
    say(&app, PIN, &made[20]).await;
    second.caught_up().await;
    for app in [&app, &second] {
        let page = next(app, "hotArticles", &first).await;
        assert_eq!(ids(&page), of(&[&made[15..16], &made[..11]].concat()));
        let pinned: Vec<bool> = (0..12).map(|place| place == 0).collect();
        assert_eq!(column(&page, "pinned"), pinned);
        let heads = of(&[made[20].clone(), made[17].clone(), made[16].clone(), made[0].clone()]);
        assert_eq!(hot(app, "first: 4").await, heads);
    }
    let all = hot(&app, "first: 100").await;
    assert_eq!(all.len(), 30);
    for made in &made {
        assert!(all.contains(&made.id));
    }
}

#[tokio::test]
async fn a_pin_counts_in_the_lists_of_its_places_and_comes_along_to_no_others() {
    let app = open().await;
    for slug in ["news", "tech"] {
        channel(&app, slug, slug).await;
    }
    let read = article("有人看").about(&["130104"]).with("channel", "news").published(&app).await;
    read_by(&app, &read, "读者", 3).await;
    let pin = article("置顶").about(&["130102"]).with("channel", "news").published(&app).await;
    say(&app, PIN, &pin).await;
    let both = of(&[pin.clone(), read.clone()]);
    for scope in ["", r#"region: "130100""#, r#"region: "hebei""#, r#"channel: "news""#] {
        assert_eq!(hot(&app, scope).await, both, "{scope}");
    }
    let inside = ask(&app, "hotArticles", r#"region: "130102", channel: "news""#).await;
    assert_eq!(ids(&inside), both);
    assert_eq!(column(&inside, "pinned"), [true, false]);
    assert_eq!(column(&inside, "filled"), [false, true]);
    // Filled up from above, but not with what is pinned there.
    for scope in
        [r#"region: "130104""#, r#"region: "440300""#, r#"channel: "tech", region: "130102""#]
    {
        let expected = if scope.contains("tech") { Vec::new() } else { of(from_ref(&read)) };
        assert_eq!(hot(&app, scope).await, expected, "{scope}");
    }
    read_by(&app, &pin, "读者", 2).await;
    app.advance(TimeDelta::minutes(2));
    let filled = ask(&app, "hotArticles", r#"region: "130104""#).await;
    assert_eq!(ids(&filled), of(&[read.clone(), pin.clone()]));
    assert_eq!(column(&filled, "pinned"), [false, false]);
    assert_eq!(column(&filled, "filled"), [false, true]);
    // It moves.
    let input = json!({ "id": pin.id, "version": pin.version, "regions": ["440300"],
                        "channel": "tech" });
    let moved = app.editor.mutate("updateArticle", input, "article { id }").await;
    assert_eq!(moved.user_errors(), [""; 0]);
    app.caught_up().await;
    app.advance(TimeDelta::minutes(2));
    let there = ask(&app, "hotArticles", r#"region: "440300", channel: "tech""#).await;
    assert_eq!(column(&there, "pinned"), [true]);
    assert_eq!(hot(&app, r#"region: "130102", channel: "news""#).await, of(&[read]));
}

#[tokio::test]
async fn nothing_that_readers_do_not_see_is_pinned_before_their_eyes() {
    let app = open().await;
    let read = article("有人看").published(&app).await;
    read_by(&app, &read, "读者", 1).await;
    let draft = article("草稿").draft(&app).await;
    let later = json!({ "publishAt": app.in_time(TimeDelta::hours(1)) });
    let later = article("预定").published_with(&app, later).await;
    let taken = article("撤下").published(&app).await;
    let gone = article("删除").published(&app).await;
    for made in [&draft, &later, &taken, &gone] {
        say(&app, PIN, made).await;
    }
    let expected = [&gone, &taken, &read].map(|made| made.id.clone());
    assert_eq!(hot(&app, "").await, expected);
    withdraw(&app, &taken).await;
    delete(&app, &gone).await;
    assert_eq!(hot(&app, "").await, of(from_ref(&read)));
    app.advance(TimeDelta::hours(1));
    let list = ask(&app, "hotArticles", "").await;
    assert_eq!(ids(&list), of(&[later.clone(), read.clone()]));
    assert_eq!(column(&list, "rank"), [1, 2]);
    publish(&app, &draft, json!({})).await;
    app.caught_up().await;
    app.advance(TimeDelta::minutes(2));
    assert_eq!(hot(&app, "").await, of(&[later, draft, read]));
}

#[tokio::test]
async fn what_editors_want_ends_on_the_millisecond() {
    let app = open().await;
    let made = ladder(&app, 3).await;
    say_until(&app, EXCLUDE, &made[0], TimeDelta::hours(1)).await;
    say_until(&app, PIN, &made[2], TimeDelta::hours(1)).await;
    app.advance(TimeDelta::hours(1) - MILLISECOND);
    assert_eq!(hot(&app, "").await, of(&[made[2].clone(), made[1].clone()]));
    assert_eq!(most_read(&app, "").await, of(&made[1..]));
    app.advance(MILLISECOND);
    assert_eq!(hot(&app, "").await, of(&made));
    assert_eq!(most_read(&app, "").await, of(&made));
    let all = "{ rankingOverrides { nodes { reason } } }";
    assert_eq!(app.editor.query(all).await.data("/rankingOverrides/nodes"), &json!([]));
    for made in &made {
        assert_eq!(wanted(&app, made).await, Value::Null);
    }
    // Also on an instance that starts later.
    let second = app.second_server().await;
    assert_eq!(hot(&second, "").await, of(&made));
}

#[tokio::test]
async fn previous_ranks_are_those_of_a_list_with_today_s_pins_and_without_what_is_excluded() {
    let app = open().await;
    let made = ladder(&app, 5).await;
    app.advance(TimeDelta::minutes(100));
    read_by(&app, &made[4], "新读者", 20).await;
    let before = ask(&app, "hotArticles", "").await;
    assert_eq!(column(&before, "previousRank"), [5, 1, 2, 3, 4]);
    say(&app, EXCLUDE, &made[0]).await;
    say(&app, PIN, &made[2]).await;
    let unread = article("没人看").published(&app).await;
    say(&app, PIN, &unread).await;
    let list = ask(&app, "hotArticles", "").await;
    let expected = [&unread, &made[2], &made[4], &made[1], &made[3]];
    assert_eq!(ids(&list), expected.map(|made| made.id.clone()));
    let none = Value::Null;
    assert_eq!(column(&list, "previousRank"), [none.clone(), none, json!(5), json!(3), json!(4)]);
    let exact = ask(&app, "mostReadArticles", "").await;
    assert_eq!(column(&exact, "previousRank"), [4, 1, 2, 3]);
}

#[tokio::test]
async fn a_list_that_is_kept_asks_for_its_articles_only_whatever_editors_want() {
    let app = TestApp::quiet().await;
    let mut made = Vec::new();
    for number in 0..6 {
        made.push(article(&format!("第{number}篇")).published(&app).await);
    }
    for pinned in &made[1..5] {
        say(&app, PIN, pinned).await;
    }
    say(&app, EXCLUDE, &made[4]).await;
    let query = "{ hotArticles { edges { pinned node { title } } } }";
    let expected = &json!({ "edges": [
        { "pinned": true, "node": { "title": "第3篇" } },
        { "pinned": true, "node": { "title": "第2篇" } },
        { "pinned": true, "node": { "title": "第1篇" } },
    ] });
    assert_eq!(app.anon.query(query).await.data("/hotArticles"), expected);
    let before = app.app.db.statements();
    assert_eq!(app.anon.query(query).await.data("/hotArticles"), expected);
    assert_eq!(app.app.db.statements() - before, 1);
}
