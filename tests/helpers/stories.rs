//! Articles with labels: see `tests/stories/README.md`.

use serde::Deserialize;

use super::app::TestApp;
use super::make::ArticleBuilder;
use super::make::Made;
use super::make::article;

const FILES: [&str; 8] = [
    include_str!("../stories/1.jsonl"),
    include_str!("../stories/2.jsonl"),
    include_str!("../stories/3.jsonl"),
    include_str!("../stories/4.jsonl"),
    include_str!("../stories/5.jsonl"),
    include_str!("../stories/6.jsonl"),
    include_str!("../stories/7.jsonl"),
    include_str!("../stories/8.jsonl"),
];

/// An article with labels.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Labelled {
    pub key: String,
    /// The event that it tells of.
    pub story: Option<String>,
    /// Of which article it is nearly a copy.
    pub reprint_of: Option<String>,
    pub title: String,
    pub text: String,
}

/// All of them.
pub fn all() -> Vec<Labelled> {
    let lines = FILES.iter().flat_map(|file| file.lines());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The article of that key, to be made.
pub fn told(key: &str) -> ArticleBuilder {
    let one = all().into_iter().find(|one| one.key == key).unwrap();
    article(&one.title).with("body", one.text)
}

/// Publishes the articles of these keys.
pub async fn published(app: &TestApp, keys: &[&str]) -> Vec<Made> {
    let mut made = Vec::new();
    for key in keys {
        made.push(told(key).published(app).await);
    }
    made
}
