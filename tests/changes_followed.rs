//! Who follows the feed shows what who reads everything anew shows.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use chrono::TimeDelta;
use redian::article::flip;
use redian::article::publish;
use redian::article::publish::Times;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::changes::Follower;
use crate::helpers::changes::Which;
use crate::helpers::changes::read_all;
use crate::helpers::database;
use crate::helpers::dice::Dice;
use crate::helpers::make;

const STEPS: usize = 2000;
const REGIONS: [&str; 4] = ["130104", "130200", "440300", "440305"];
const CHANNELS: [&str; 2] = ["news", "tech"];
const EACH: [Which; 4] =
    [Which::All, Which::Region("130000"), Which::Region("440300"), Which::Channel("news")];

/// An article that was made, whatever became of it.
struct Known {
    id: String,
    version: Value,
}

fn some<'a>(dice: &mut Dice, of: &[&'a str]) -> &'a str {
    of[usize::try_from(dice.below(of.len() as u64)).unwrap()]
}

/// Does something at random; most of it succeeds.
async fn act(app: &TestApp, known: &mut Vec<Known>, dice: &mut Dice, number: usize) {
    let minutes = |count: u64| TimeDelta::minutes(i64::try_from(count).unwrap());
    let new = known.len() < 3 || (known.len() < 25 && dice.below(8) == 0);
    if new {
        let input = json!({
            "title": format!("第{number}篇"), "body": "文", "regions": [some(dice, &REGIONS)],
            "channel": some(dice, &CHANNELS),
        });
        let answer = app.editor.mutate("createArticle", input, "article { id version }").await;
        let article = answer.data("/createArticle/article");
        let id = article["id"].as_str().unwrap().to_owned();
        known.push(Known { id, version: article["version"].clone() });
        return;
    }
    let at = usize::try_from(dice.below(known.len() as u64)).unwrap();
    let article = &mut known[at];
    let (name, mut input) = match dice.below(12) {
        0..4 => ("publishArticle", json!({})),
        4 => ("publishArticle", json!({ "publishAt": app.in_time(minutes(1 + dice.below(5))) })),
        5 => ("publishArticle", json!({ "unpublishAt": app.in_time(minutes(1 + dice.below(5))) })),
        6 => ("updateArticle", json!({ "title": format!("改{number}") })),
        7 => ("updateArticle", json!({ "regions": [some(dice, &REGIONS), some(dice, &REGIONS)] })),
        8 => ("updateArticle", json!({ "channel": some(dice, &CHANNELS) })),
        9 => ("withdrawArticle", json!({})),
        10 if dice.below(3) == 0 => ("deleteArticle", json!({})),
        _ => {
            app.advance(TimeDelta::seconds(i64::try_from(dice.below(150)).unwrap()));
            return flip::run(&app.app.db, app.app.clock.now()).await.unwrap();
        }
    };
    input["id"] = json!(article.id);
    if name == "updateArticle" {
        input["version"] = article.version.clone();
    }
    if name == "deleteArticle" {
        app.editor.mutate(name, input, "").await.user_errors();
        known.swap_remove(at);
        return;
    }
    let answer = app.editor.mutate(name, input, "article { version }").await;
    let version = answer.data(&format!("/{name}/article"));
    if !version.is_null() {
        article.version = version["version"].clone();
    }
}

#[tokio::test]
async fn after_every_step_a_follower_shows_what_is_read_anew() {
    let app = TestApp::quiet().await;
    for channel in CHANNELS {
        make::channel(&app, channel, channel).await;
    }
    let mut followers = Vec::new();
    for which in EACH {
        followers.push(Follower::begin(&app.anon, which).await);
    }
    let (mut known, mut dice) = (Vec::new(), Dice(20_260_301));
    for number in 0..STEPS {
        act(&app, &mut known, &mut dice, number).await;
        // The clock shows what its events tell a moment later.
        flip::run(&app.app.db, app.app.clock.now()).await.unwrap();
        for (at, (which, follower)) in EACH.into_iter().zip(&mut followers).enumerate() {
            // One comes by each time, the others in turns.
            if at == 0 || at == 1 + number % 3 {
                follower.catch_up(&app.anon).await;
                let expected = read_all(&app.anon, which).await;
                assert_eq!(follower.shown, expected, "{which:?} after step {number}");
            }
        }
    }
    for follower in &followers {
        assert!(follower.places.len() > 100, "little happened: {}", follower.places.len());
        assert!(
            follower.places.is_sorted_by(|before, after| before < after),
            "something came twice"
        );
    }
}

/// Publishes, changes and withdraws articles of its own.
async fn write(app: &TestApp, number: usize, commits: &AtomicUsize) {
    let mut dice = Dice(number as u64);
    for count in 0..12 {
        let article =
            make::article(&format!("{number}之{count}")).about(&[some(&mut dice, &REGIONS)]);
        let made = article.published(app).await;
        let made = make::renamed(app, &made, &format!("s-{number}-{count}")).await;
        match dice.below(3) {
            0 => _ = make::withdraw(app, &made).await,
            1 => make::delete(app, &made).await,
            _ => {}
        }
        commits.fetch_add(1, SeqCst);
    }
}

/// Publishes drafts in transactions that are held open while others commit.
async fn hold(app: &TestApp, number: usize, commits: &AtomicUsize) {
    for count in 0..4 {
        let made = make::article(&format!("等{number}之{count}")).draft(app).await;
        let (txn, now) = (app.app.db.begin().await.unwrap(), app.app.clock.now());
        publish::publish(&txn, made.uuid(), None, Times::default(), now).await.unwrap();
        // There is one writer at a time on SQLite: nobody could commit meanwhile.
        let until = commits.load(SeqCst) + if database::on_postgres() { 2 + number } else { 0 };
        while commits.load(SeqCst) < until.min(24) {
            tokio::task::yield_now().await;
        }
        txn.commit().await.unwrap();
    }
}

/// Makes each commit take a while, between the writing of its events and its end.
async fn hold_commits_open(app: &TestApp) {
    if !database::on_postgres() {
        return;
    }
    for sql in [
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_sleep(0.03 * random()); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION hold()",
    ] {
        app.app.db.read.execute_unprepared(sql).await.unwrap();
    }
}

async fn follow(client: Client, which: Which, written: Arc<AtomicBool>) -> Follower {
    let mut follower = Follower::begin(&client, which).await;
    loop {
        let last = written.load(SeqCst);
        let more = follower.step(&client, 2).await;
        if last && !more {
            return follower;
        }
    }
}

#[tokio::test]
async fn nothing_is_missed_and_nothing_comes_twice_however_writers_of_two_instances_commit() {
    let one = TestApp::start().await;
    let other = one.second_server().await;
    hold_commits_open(&one).await;
    let written = Arc::new(AtomicBool::new(false));
    let followers: Vec<_> = [&one, &other, &one, &other]
        .iter()
        .zip(EACH)
        .filter(|(_, which)| !matches!(which, Which::Channel(_)))
        .map(|(app, which)| tokio::spawn(follow(app.anon.clone(), which, written.clone())))
        .collect();
    let commits = AtomicUsize::new(0);
    tokio::join!(
        write(&one, 0, &commits),
        write(&other, 1, &commits),
        hold(&one, 0, &commits),
        hold(&other, 1, &commits),
    );
    written.store(true, SeqCst);
    for (follower, which) in followers.into_iter().zip(EACH) {
        let follower = follower.await.unwrap();
        assert!(
            follower.places.is_sorted_by(|before, after| before < after),
            "something came twice"
        );
        assert_eq!(follower.shown, read_all(&one.anon, which).await, "{which:?}");
        assert!(!follower.shown.is_empty());
    }
}
