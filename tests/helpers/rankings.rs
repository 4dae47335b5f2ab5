//! Readers in numbers, and the lists that they make.

use serde_json::Value;

use super::app::Answer;
use super::app::Client;
use super::app::TestApp;
use super::make::Made;
use super::make::article;
use super::views::event_of;
use super::views::report;
use super::views::verdicts;

/// What tests ask of a list.
const LIST: &str = "edges { cursor rank previousRank views filled pinned node { id } } nodes { id } \
                    pageInfo { hasNextPage hasPreviousPage endCursor } asOf windowStart windowEnd \
                    filledFrom { code }";

/// A server that lists what a single reader read.
pub async fn open() -> TestApp {
    TestApp::start_with(|config| config.ranking_min_visitors = 0).await
}

/// So many people read the article now.
pub async fn read_by(app: &TestApp, made: &Made, who: &str, count: usize) {
    let now = app.app.clock.now();
    for from in (0..count).step_by(100) {
        let people = from..count.min(from + 100);
        let events: Value =
            people.map(|person| event_of(made, now, &format!("{who} {person}"))).collect();
        let found = verdicts(&report(&app.anon, &events).await);
        assert!(found.iter().all(|verdict| verdict == "COUNTED"), "{found:?}");
    }
}

/// Asks for a list; `arguments` may be empty.
pub async fn ask(app: &TestApp, field: &str, arguments: &str) -> Answer {
    ask_as(&app.anon, field, arguments).await
}

/// Asks for a list.
pub async fn ask_as(client: &Client, field: &str, arguments: &str) -> Answer {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    client.query(&format!("{{ {field}{arguments} {{ {LIST} }} }}")).await
}

/// The ids of its articles.
#[track_caller]
pub fn ids(answer: &Answer) -> Vec<String> {
    let (_, list) = answer.data("").as_object().unwrap().iter().next().unwrap();
    list["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].as_str().unwrap().into())
        .collect()
}

/// As many articles, the first one read most: once more than the next.
pub async fn ladder(app: &TestApp, count: usize) -> Vec<Made> {
    let mut made = Vec::new();
    for number in 0..count {
        made.push(article(&format!("第{number}篇")).published(app).await);
    }
    for (number, made) in made.iter().enumerate() {
        read_by(app, made, "读者", count - number).await;
    }
    made
}

/// Their ids.
pub fn of(made: &[Made]) -> Vec<String> {
    made.iter().map(|made| made.id.clone()).collect()
}

/// A member of each of its edges.
#[track_caller]
pub fn column(answer: &Answer, member: &str) -> Vec<Value> {
    let (_, list) = answer.data("").as_object().unwrap().iter().next().unwrap();
    list["edges"].as_array().unwrap().iter().map(|edge| edge[member].clone()).collect()
}

/// The ids of the articles of `hotArticles`; `arguments` may be empty.
pub async fn hot(app: &TestApp, arguments: &str) -> Vec<String> {
    ids(&ask(app, "hotArticles", arguments).await)
}

/// The same of `mostReadArticles`.
pub async fn most_read(app: &TestApp, arguments: &str) -> Vec<String> {
    ids(&ask(app, "mostReadArticles", arguments).await)
}
