//! What is recommended.

use chrono::TimeDelta;

use super::app::Answer;
use super::app::Client;
use super::app::TestApp;
use super::make::Made;

/// Lets so much time go by that all lists are made anew before they are read.
pub fn later(app: &TestApp) {
    app.advance(TimeDelta::minutes(11));
}

/// Asks what is recommended with an article; `arguments` may be empty.
pub async fn ask(client: &Client, made: &Made, arguments: &str) -> Answer {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    let fields = format!("recommended{arguments} {{ reason article {{ id }} }} reprints {{ id }}");
    client.query(&format!("{{ article(id: \"{}\") {{ {fields} }} }}", made.id)).await
}

/// The ids of what is recommended, with their reasons.
pub async fn recommended(app: &TestApp, made: &Made, arguments: &str) -> Vec<(String, String)> {
    let answer = ask(&app.anon, made, arguments).await;
    let list = answer.data("/article/recommended").as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    list.iter().map(|one| (text(&one["article"]["id"]), text(&one["reason"]))).collect()
}
