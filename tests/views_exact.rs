//! Acknowledged means committed and counted once: held against a ledger of what
//! was sent and what was answered.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::TimeDelta;
use redian::clock::Clock;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::database::on_postgres;
use crate::helpers::dice::Dice;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::server::Server;
use crate::helpers::views::BROWSER;
use crate::helpers::views::agrees;
use crate::helpers::views::event_of;
use crate::helpers::views::number;
use crate::helpers::views::report;
use crate::helpers::views::shown;
use crate::helpers::views::verdicts;

async fn articles(app: &TestApp, count: usize) -> Vec<Made> {
    let mut made = Vec::new();
    for number in 0..count {
        made.push(article(&format!("第{number}篇")).published(app).await);
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_over_two_instances_at_once_are_counted_once() {
    let first = TestApp::start().await;
    let made = articles(&first, 5).await;
    let second = first.second_server().await;
    let now = first.app.clock.now();
    let mut dice = Dice(7);
    // The ledger: visitors and windows of each article, by the rule alone.
    let mut expected: BTreeMap<usize, BTreeSet<(u64, u64)>> = BTreeMap::new();
    let mut events = Vec::new();
    for _ in 0..600 {
        let (at, visitor) = (dice.below(made.len() as u64) as usize, dice.below(40));
        let age = dice.below(7200);
        let when = now - TimeDelta::seconds(age.cast_signed());
        let window = when.timestamp().cast_unsigned() / 1800;
        expected.entry(at).or_default().insert((visitor, window));
        events.push(event_of(&made[at], when, &format!("visitor {visitor}")));
    }
    // Each event goes to both instances, some twice, in other batches and orders.
    let mut sending = Vec::new();
    for (client, shift) in
        [(&first.anon, 0), (&second.anon, 3), (&first.anon, 11), (&second.anon, 17)]
    {
        let mut order: Vec<Value> = events.clone();
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at as u64 + 1) as usize);
        }
        for part in order.chunks(13 + shift) {
            let (client, part) = (client.clone(), json!(part));
            sending.push(tokio::spawn(async move { verdicts(&report(&client, &part).await) }));
        }
    }
    let mut counted = 0;
    for sent in sending {
        counted += sent.await.unwrap().iter().filter(|verdict| *verdict == "COUNTED").count();
    }
    let truth: usize = expected.values().map(BTreeSet::len).sum();
    assert_eq!(counted, truth, "each view is acknowledged as counted once");
    assert_eq!(agrees(&first).await, truth as i64);
    if on_postgres() {
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(number(&first, sql).await, 0);
    }
    for app in [&first, &second] {
        app.caught_up().await;
        for (at, made) in made.iter().enumerate() {
            assert_eq!(shown(&app.anon, made).await, expected[&at].len() as i64);
        }
    }
}

/// Sends an event; the verdict if the server lived to answer.
async fn send(http: &reqwest::Client, url: &str, event: &Value) -> Option<String> {
    let request = http.post(format!("{url}/v1/views")).header("user-agent", BROWSER);
    let response = request.json(event).send().await.ok()?;
    let answer: Value = response.json().await.ok()?;
    Some(answer["results"][0]["verdict"].as_str()?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_any_moment_loses_nothing_that_it_acknowledged() {
    let app = TestApp::quiet().await;
    let made = articles(&app, 3).await;
    let http = reqwest::Client::new();
    let (mut dice, mut sent, mut unanswered) = (Dice(3), Vec::new(), 0);
    let mut left: Vec<Value> = Vec::new();
    for round in 0..20 {
        let server = Server::start(&app.database.url, &[]);
        for number in 0..128 {
            let made = &made[dice.below(3) as usize];
            left.push(event_of(made, Clock::default().now(), &format!("{round} {number}")));
        }
        sent.extend(left[left.len() - 128..].iter().cloned());
        let (answered, mut answers) = mpsc::unbounded_channel();
        let sending: Vec<_> = left
            .drain(..)
            .map(|event| {
                let (http, url, answered) = (http.clone(), server.url.clone(), answered.clone());
                tokio::spawn(async move {
                    let verdict = send(&http, &url, &event).await;
                    answered.send(()).unwrap();
                    (event, verdict)
                })
            })
            .collect();
        // At least 32 are on their way when it dies.
        for _ in 0..dice.below(32) {
            answers.recv().await.unwrap();
        }
        server.kill();
        for event in sending {
            match event.await.unwrap() {
                (_, Some(verdict)) => {
                    assert!(["COUNTED", "DUPLICATE"].contains(&&*verdict), "{verdict}");
                }
                (event, None) => {
                    unanswered += 1;
                    left.push(event);
                }
            }
        }
    }
    let server = Server::start(&app.database.url, &[]);
    for event in &left {
        assert!(send(&http, &server.url, event).await.is_some());
    }
    // And everything once more, also what was acknowledged.
    for part in sent.chunks(100) {
        let request = http.post(format!("{}/v1/views", server.url)).header("user-agent", BROWSER);
        let answer = Answer::of(request.json(part).send().await.unwrap()).await;
        let expected = vec!["DUPLICATE COUNTED"; part.len()];
        assert_eq!(verdicts(&answer), expected);
    }
    server.kill();
    assert!(unanswered > 0, "some were on their way when a server died");
    assert_eq!(agrees(&app).await, sent.len() as i64);
}
