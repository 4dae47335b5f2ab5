//! What editors say of lists by views: who may, what is kept, how many pins there are.

use chrono::TimeDelta;
use sea_orm::EntityTrait;
use sea_orm::QueryOrder;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::app::start_of_time;
use crate::helpers::curation::EXCLUDE;
use crate::helpers::curation::PIN;
use crate::helpers::curation::RESET;
use crate::helpers::curation::said;
use crate::helpers::curation::say;
use crate::helpers::curation::say_until;
use crate::helpers::curation::wanted;
use crate::helpers::make::article;
use crate::helpers::make::delete;
use crate::helpers::rankings::hot;
use crate::helpers::views::number;

const MILLISECOND: TimeDelta = TimeDelta::milliseconds(1);

#[tokio::test]
async fn editors_read_what_holds_and_every_word_is_kept() {
    let app = TestApp::quiet().await;
    let made = article("灯会").published(&app).await;
    assert_eq!(wanted(&app, &made).await, Value::Null);
    let token = entity::token::Entity::find().one(&app.app.db.read).await.unwrap().unwrap().id;
    let until = "2026-03-02T08:00:00+00:00";
    let input =
        json!({ "id": made.id, "reason": " 广告 ", "until": "2026-03-02T16:00:00.0009+08:00" });
    assert_eq!(said(&app, EXCLUDE, input).await, [""; 0]);
    let expected = json!({ "mode": "EXCLUDED", "reason": "广告", "until": until,
                           "at": "2026-03-01T08:00:00+00:00", "by": token.to_string(),
                           "article": { "id": made.id } });
    assert_eq!(wanted(&app, &made).await, expected);
    app.advance(TimeDelta::hours(1));
    say(&app, PIN, &made).await;
    assert_eq!(wanted(&app, &made).await["mode"], "PINNED");
    assert_eq!(wanted(&app, &made).await["until"], Value::Null);
    app.advance(TimeDelta::hours(1));
    let reset = json!({ "id": made.id, "reason": "过时了" });
    assert_eq!(said(&app, RESET, reset.clone()).await, [""; 0]);
    assert_eq!(wanted(&app, &made).await, Value::Null);
    // There is nothing to reset any more.
    assert_eq!(said(&app, RESET, reset).await, [""; 0]);
    delete(&app, &made).await;
    let rows = entity::ranking_override::Entity::find()
        .order_by_asc(entity::ranking_override::Column::Id)
        .all(&app.app.db.read)
        .await
        .unwrap();
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            assert_eq!((row.article_id, row.token_id), (made.uuid(), Some(token)));
            let hours = (row.at - start_of_time()).num_hours();
            (row.mode, row.reason, row.until.map(|until| until.to_rfc3339()), hours)
        })
        .collect();
    let expected = [
        (1, "广告".to_owned(), Some("2026-03-02T08:00:00+00:00".to_owned()), 0),
        (2, "编辑部决定".to_owned(), None, 1),
        (0, "过时了".to_owned(), None, 2),
    ];
    assert_eq!(rows, expected);
    let events = redian::event::after(&app.app.db.read, 0).await.unwrap();
    let modes: Vec<Value> = events
        .into_iter()
        .filter(|event| event.kind == "ranking.curated")
        .map(|event| event.data["mode"].clone())
        .collect();
    assert_eq!(modes, [json!("excluded"), json!("pinned"), Value::Null]);
}

#[tokio::test]
async fn the_list_of_what_holds_is_paged_the_last_said_first() {
    let app = TestApp::quiet().await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(article(&format!("第{number}篇")).draft(&app).await);
        say(&app, [PIN, EXCLUDE][number % 2], &made[number]).await;
        app.advance(TimeDelta::seconds((number % 2) as i64));
    }
    say(&app, RESET, &made[2]).await;
    say(&app, PIN, &made[3]).await;
    delete(&app, &made[4]).await;
    let mut found = Vec::new();
    let mut after = Value::Null;
    for (size, more) in [(2, true), (2, true), (1, false)] {
        let query = format!(
            "{{ rankingOverrides(first: 2, after: {after}) {{ nodes {{ mode article {{ id }} }}
                pageInfo {{ endCursor hasNextPage }} }} }}"
        );
        let before = app.app.db.statements();
        let answer = app.editor.query(&query).await;
        // Those who ask, what holds, its articles.
        assert!(app.app.db.statements() - before <= 3);
        let nodes = answer.data("/rankingOverrides/nodes").as_array().unwrap();
        assert_eq!(nodes.len(), size);
        assert_eq!(answer.data("/rankingOverrides/pageInfo/hasNextPage"), more);
        after = answer.data("/rankingOverrides/pageInfo/endCursor").clone();
        found
            .extend(nodes.iter().map(|node| (node["mode"].clone(), node["article"]["id"].clone())));
    }
    let expected = [("PINNED", 3), ("PINNED", 6), ("EXCLUDED", 5), ("EXCLUDED", 1), ("PINNED", 0)];
    assert_eq!(found, expected.map(|(mode, at)| (json!(mode), json!(made[at].id))));
}

#[tokio::test]
async fn twenty_articles_are_pinned_at_most_however_many_editors_pin_at_once() {
    let app = TestApp::start().await;
    let second = app.second_server().await;
    let mut made = Vec::new();
    for number in 0..24 {
        made.push(article(&format!("第{number}篇")).published(&app).await);
    }
    let pins = made.iter().enumerate().map(|(number, made)| {
        let editor = [&app, &second][number % 2].editor.clone();
        let input = json!({ "id": made.id, "reason": "同时" });
        tokio::spawn(async move { editor.mutate(PIN, input, "article { id }").await })
    });
    let (mut pinned, mut refused) = (Vec::new(), Vec::new());
    for (number, pin) in pins.collect::<Vec<_>>().into_iter().enumerate() {
        let answer = pin.await.unwrap();
        if answer.user_errors().is_empty() {
            pinned.push(&made[number]);
            continue;
        }
        refused.push(&made[number]);
        assert_eq!(answer.user_errors(), ["id: WRONG_STATE"]);
        let message = answer.data(&format!("/{PIN}/userErrors/0/message")).as_str().unwrap();
        assert!(message.contains("20 articles are pinned"), "{message}");
    }
    assert_eq!(pinned.len(), 20);
    app.caught_up().await;
    assert_eq!(hot(&app, "first: 100").await.len(), 20);
    let tried = json!({ "id": refused[0].id, "reason": "再试" });
    assert_eq!(said(&app, PIN, tried.clone()).await, ["id: WRONG_STATE"]);
    // One of them may be pinned again.
    say(&app, PIN, pinned[7]).await;
    assert_eq!(hot(&app, "first: 1").await, [&*pinned[7].id]);
    // There is room again when one is reset, excluded or deleted, or its time is over.
    say(&app, RESET, pinned[0]).await;
    assert_eq!(said(&app, PIN, tried.clone()).await, [""; 0]);
    say(&app, EXCLUDE, pinned[1]).await;
    say_until(&app, PIN, refused[1], TimeDelta::minutes(1)).await;
    delete(&app, pinned[2]).await;
    say(&app, PIN, refused[2]).await;
    let last = json!({ "id": refused[3].id, "reason": "再试" });
    assert_eq!(said(&app, PIN, last.clone()).await, ["id: WRONG_STATE"]);
    app.advance(TimeDelta::minutes(1));
    assert_eq!(said(&app, PIN, last).await, [""; 0]);
}

#[tokio::test]
async fn a_reason_is_needed_and_an_end_that_lies_ahead() {
    let app = TestApp::quiet().await;
    let made = article("灯会").published(&app).await;
    let none = redian::id::encode("Article", "01930000-0000-7000-8000-000000000000");
    let long = "长".repeat(501);
    let cases = [
        (json!({ "id": made.id, "reason": " " }), "reason: REQUIRED"),
        (json!({ "id": made.id, "reason": long }), "reason: REQUIRED"),
        (json!({ "id": made.id, "reason": "a\0b" }), "reason: REQUIRED"),
        (json!({ "id": none, "reason": "x" }), "id: NOT_FOUND"),
        (json!({ "id": "x", "reason": "x" }), "id: INVALID"),
    ];
    for what in [EXCLUDE, PIN, RESET] {
        for (input, expected) in &cases {
            assert_eq!(said(&app, what, input.clone()).await, [*expected], "{what} {input}");
        }
    }
    for what in [EXCLUDE, PIN] {
        let ends = [app.in_time(TimeDelta::zero()), "+10000-01-01T00:00:00Z".into()];
        for until in ends {
            let input = json!({ "id": made.id, "reason": "x", "until": until });
            assert_eq!(said(&app, what, input).await, ["until: INVALID"], "{what} {until}");
        }
        let longest = json!({ "id": made.id, "reason": "长".repeat(500) });
        assert_eq!(said(&app, what, longest).await, [""; 0]);
        say_until(&app, what, &made, MILLISECOND).await;
    }
    assert_eq!(number(&app, "SELECT COUNT(*) FROM ranking_override").await, 4);
}

#[tokio::test]
async fn only_editors_exclude_and_pin_and_know_what_is() {
    let app = TestApp::quiet().await;
    let made = article("灯会").published(&app).await;
    say(&app, PIN, &made).await;
    let input = json!({ "id": made.id, "reason": "试试" });
    let (drafts, count) =
        (app.with_scopes(&["read-drafts"]).await, app.with_scopes(&["count"]).await);
    for what in [EXCLUDE, PIN, RESET] {
        for (client, code) in
            [(&app.anon, "UNAUTHENTICATED"), (&drafts, "FORBIDDEN"), (&count, "FORBIDDEN")]
        {
            let answer = client.mutate(what, input.clone(), "article { id }").await;
            assert_eq!(answer.code(), code, "{what}");
        }
    }
    assert_eq!(number(&app, "SELECT COUNT(*) FROM ranking_override").await, 1);
    let one = format!("{{ article(id: \"{}\") {{ rankingOverride {{ mode }} }} }}", made.id);
    let all = "{ rankingOverrides { nodes { mode } } }";
    for query in [&*one, all] {
        assert_eq!(app.anon.query(query).await.code(), "UNAUTHENTICATED");
        assert_eq!(count.query(query).await.code(), "FORBIDDEN");
        assert_eq!(drafts.query(query).await.json.get("errors"), None);
    }
}
