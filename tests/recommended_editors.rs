//! Recommended reading as editors want it: what is pinned, what is blocked.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::curation::EXCLUDE;
use crate::helpers::curation::said;
use crate::helpers::curation::say;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::make::delete;
use crate::helpers::make::withdraw;
use crate::helpers::rankings::open;
use crate::helpers::rankings::read_by;
use crate::helpers::recommended::later;
use crate::helpers::recommended::recommended;
use crate::helpers::stories::published;

const PIN: &str = "pinRecommendation";
const BLOCK: &str = "blockRecommendation";
const RESET: &str = "resetRecommendation";

/// What an editor says of an article with another one, or with all.
fn word(with: Option<&Made>, made: &Made) -> Value {
    json!({ "id": with.map(|with| &with.id), "recommended": made.id, "reason": "编辑部决定" })
}

async fn tell(app: &TestApp, what: &str, with: Option<&Made>, made: &Made) {
    let mut input = word(with, made);
    if with.is_none() {
        input.as_object_mut().unwrap().remove("id");
    }
    assert_eq!(said(app, what, input).await, [""; 0]);
}

async fn ids(app: &TestApp, made: &Made) -> Vec<String> {
    recommended(app, made, "first: 50").await.into_iter().map(|one| one.0).collect()
}

/// What holds, as editors are told.
async fn held(app: &TestApp, with: Option<&Made>) -> Vec<(String, Value)> {
    let id = with.map_or("null".to_owned(), |with| format!("\"{}\"", with.id));
    let query = format!(
        "{{ recommendationOverrides(first: 100, id: {id}) {{ nodes {{ mode reason until at by \
         recommended {{ id }} }} }} }}"
    );
    let answer = app.editor.query(&query).await;
    let nodes = answer.data("/recommendationOverrides/nodes").as_array().unwrap();
    let one = |node: &Value| (node["mode"].as_str().unwrap().to_owned(), node.clone());
    nodes.iter().map(one).collect()
}

#[tokio::test]
async fn what_is_pinned_comes_first_at_once_the_last_pinned_before_the_others() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7"]).await;
    let others = published(&app, &["7-x1", "2-x4"]).await;
    later(&app);
    let before = ids(&app, &story[0]).await;
    assert!(others.iter().all(|made| !before.contains(&made.id)));
    for made in &others {
        tell(&app, PIN, Some(&story[0]), made).await;
    }
    let found = recommended(&app, &story[0], "").await;
    let pinned = |made: &Made| (made.id.clone(), "EDITOR".to_owned());
    assert_eq!(found[..2], [pinned(&others[1]), pinned(&others[0])]);
    assert_eq!(ids(&app, &story[0]).await[2..], before);
    // Nowhere else.
    assert!(!ids(&app, &story[1]).await.contains(&others[0].id));
    tell(&app, PIN, Some(&story[0]), &others[0]).await;
    assert_eq!(recommended(&app, &story[0], "first: 1").await, [pinned(&others[0])]);
    // What is taken down is not shown, and stands there again when it is back.
    withdraw(&app, &others[0]).await;
    assert_eq!(recommended(&app, &story[0], "first: 1").await, [pinned(&others[1])]);
    tell(&app, RESET, Some(&story[0]), &others[1]).await;
    assert_eq!(ids(&app, &story[0]).await, before);
}

#[tokio::test]
async fn behind_what_is_pinned_stands_no_copy_of_it() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a2", "4-s4-r1", "4-s4-a4"]).await;
    let copy = crate::helpers::stories::told("4-s4-r1").with("title", "本科生造芯记");
    let copy = copy.published(&app).await;
    later(&app);
    tell(&app, PIN, Some(&story[0]), &copy).await;
    let found = ids(&app, &story[0]).await;
    assert_eq!(found[0], copy.id);
    assert!(!found.contains(&story[2].id) && found.contains(&story[3].id), "{found:?}");
}

#[tokio::test]
async fn what_is_blocked_is_gone_at_once_with_one_article_or_with_all() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7"]).await;
    later(&app);
    assert!(ids(&app, &story[0]).await.contains(&story[1].id));
    tell(&app, BLOCK, Some(&story[0]), &story[1]).await;
    assert_eq!(ids(&app, &story[0]).await, [story[2].id.clone()]);
    assert!(ids(&app, &story[2]).await.contains(&story[1].id));
    tell(&app, RESET, Some(&story[0]), &story[1]).await;
    assert_eq!(ids(&app, &story[0]).await.len(), 2);
    tell(&app, BLOCK, None, &story[1]).await;
    // A pin does not help.
    tell(&app, PIN, Some(&story[2]), &story[1]).await;
    for made in [&story[0], &story[2]] {
        assert!(!ids(&app, made).await.contains(&story[1].id));
    }
    // Of itself nothing changes.
    assert_eq!(ids(&app, &story[1]).await.len(), 2);
    tell(&app, RESET, None, &story[1]).await;
    assert_eq!(ids(&app, &story[2]).await[0], story[1].id);
}

#[tokio::test]
async fn other_instances_hear_of_it() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7"]).await;
    later(&app);
    let second = app.second_server().await;
    assert_eq!(ids(&second, &story[0]).await.len(), 2);
    assert_eq!(ids(&second, &story[2]).await.len(), 2);
    tell(&app, BLOCK, Some(&story[0]), &story[1]).await;
    second.caught_up().await;
    assert_eq!(ids(&second, &story[0]).await, [story[2].id.clone()]);
    tell(&app, BLOCK, None, &story[1]).await;
    second.caught_up().await;
    assert_eq!(ids(&second, &story[2]).await, [story[0].id.clone()]);
}

#[tokio::test]
async fn what_an_editor_says_ends_at_its_instant() {
    let app = open().await;
    let story = published(&app, &["4-s4-a1", "4-s4-a4", "4-s4-a7"]).await;
    let pinned = published(&app, &["7-x1"]).await;
    later(&app);
    let mut input = word(Some(&story[0]), &pinned[0]);
    input["until"] = json!(app.in_time(TimeDelta::seconds(5)));
    assert_eq!(said(&app, PIN, input).await, [""; 0]);
    app.advance(TimeDelta::milliseconds(4_999));
    assert_eq!(ids(&app, &story[0]).await[0], pinned[0].id);
    app.advance(TimeDelta::milliseconds(1));
    assert!(!ids(&app, &story[0]).await.contains(&pinned[0].id));
    assert_eq!(held(&app, Some(&story[0])).await.len(), 0);
}

#[tokio::test]
async fn what_is_excluded_from_lists_by_views_is_not_recommended_because_it_is_hot() {
    let app = open().await;
    let made = published(&app, &["7-x1", "2-x4"]).await;
    read_by(&app, &made[1], "读者", 3).await;
    app.caught_up().await;
    later(&app);
    assert_eq!(ids(&app, &made[0]).await, [made[1].id.clone()]);
    say(&app, EXCLUDE, &made[1]).await;
    assert_eq!(ids(&app, &made[0]).await, [""; 0]);
}

#[tokio::test]
async fn editors_are_told_what_holds_and_why() {
    let app = open().await;
    let made = published(&app, &["7-x1", "2-x4", "5-x5", "8-x3"]).await;
    tell(&app, PIN, Some(&made[0]), &made[1]).await;
    tell(&app, BLOCK, Some(&made[0]), &made[2]).await;
    tell(&app, BLOCK, None, &made[3]).await;
    let told = held(&app, Some(&made[0])).await;
    assert_eq!(told.len(), 2);
    assert_eq!((&*told[0].0, &*told[1].0), ("BLOCKED", "PINNED"));
    assert_eq!(told[0].1["recommended"]["id"], json!(made[2].id));
    assert_eq!(told[0].1["reason"], "编辑部决定");
    assert!(told[0].1["by"].is_string() && told[0].1["until"].is_null());
    let told = held(&app, None).await;
    assert_eq!((told.len(), &*told[0].0), (1, "BLOCKED"));
    assert_eq!(told[0].1["recommended"]["id"], json!(made[3].id));
    delete(&app, &made[3]).await;
    assert_eq!(held(&app, None).await.len(), 0);
}

#[tokio::test]
async fn what_cannot_be_is_answered_by_what_to_do() {
    let app = open().await;
    let made = published(&app, &["7-x1", "2-x4"]).await;
    let mut itself = word(Some(&made[0]), &made[0]);
    assert_eq!(said(&app, PIN, itself.clone()).await, ["recommended: INVALID"]);
    itself["recommended"] = json!("01a2a2a2-0000-7000-8000-000000000000");
    assert_eq!(said(&app, PIN, itself).await, ["recommended: NOT_FOUND"]);
    let mut gone = word(Some(&made[0]), &made[1]);
    gone["id"] = json!("01a2a2a2-0000-7000-8000-000000000000");
    assert_eq!(said(&app, BLOCK, gone).await, ["id: NOT_FOUND"]);
    let mut mute = word(Some(&made[0]), &made[1]);
    mute["reason"] = json!(" ");
    assert_eq!(said(&app, BLOCK, mute).await, ["reason: REQUIRED"]);
    let mut late = word(Some(&made[0]), &made[1]);
    late["until"] = json!(app.in_time(TimeDelta::zero()));
    assert_eq!(said(&app, BLOCK, late).await, ["until: INVALID"]);
    for number in 0..20 {
        let other = article(&format!("第{number}篇")).published(&app).await;
        tell(&app, PIN, Some(&made[0]), &other).await;
    }
    let one_more = word(Some(&made[0]), &made[1]);
    assert_eq!(said(&app, PIN, one_more).await, ["recommended: WRONG_STATE"]);
    // It can be said as often as one likes, and there is room in other places.
    tell(&app, BLOCK, Some(&made[0]), &made[1]).await;
    tell(&app, PIN, Some(&made[1]), &made[0]).await;
    assert_eq!(held(&app, Some(&made[0])).await.len(), 21);
}
