//! A client that keeps what it shows by the feed of changes, as a phone does.

use std::collections::BTreeMap;

use redian::live::cursor::Cursor;
use serde_json::Value;
use serde_json::json;

use super::app::Client;

/// What is shown of articles, by their ids.
pub type Shown = BTreeMap<String, Value>;

/// Which articles: `region: …`, `channel: …`, or nothing for all.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    All,
    Region(&'static str),
    Channel(&'static str),
}

impl Which {
    fn of_feed(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Region(region) => format!(", region: \"{region}\""),
            Self::Channel(channel) => format!(", channel: \"{channel}\""),
        }
    }

    fn of_list(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Region(region) => format!(", filter: {{ region: \"{region}\" }}"),
            Self::Channel(channel) => format!(", filter: {{ channel: \"{channel}\" }}"),
        }
    }
}

/// Follows the feed.
pub struct Follower {
    which: Which,
    /// Where it goes on.
    pub cursor: String,
    /// What it shows.
    pub shown: Shown,
    /// What it was told, as `KIND title`, or `KIND` alone for what is gone.
    pub told: Vec<String>,
    /// The places of all it was told.
    pub places: Vec<i64>,
}

impl Follower {
    /// Begins with what is there.
    pub async fn begin(client: &Client, which: Which) -> Self {
        let begun = client.query("{ changes { nodes { kind } pageInfo { endCursor } } }").await;
        assert_eq!(begun.data("/changes/nodes"), &json!([]));
        let cursor = begun.data("/changes/pageInfo/endCursor").as_str().unwrap().to_owned();
        let shown = read_all(client, which).await;
        Self { which, cursor, shown, told: Vec::new(), places: Vec::new() }
    }

    /// Takes one page; whether there may be more.
    pub async fn step(&mut self, client: &Client, first: u32) -> bool {
        let query = format!(
            "{{ changes(after: \"{}\", first: {first}{}) {{ pageInfo {{ endCursor hasNextPage }} \
             edges {{ cursor node {{ cursor kind articleId article {{ id title version }} }} }} \
             }} }}",
            self.cursor,
            self.which.of_feed()
        );
        let answer = client.query(&query).await;
        let edges = answer.data("/changes/edges").as_array().unwrap();
        assert!(edges.len() <= first as usize);
        for edge in edges {
            self.take(edge);
        }
        self.cursor = answer.data("/changes/pageInfo/endCursor").as_str().unwrap().to_owned();
        answer.data("/changes/pageInfo/hasNextPage").as_bool().unwrap()
    }

    fn take(&mut self, edge: &Value) {
        let node = &edge["node"];
        assert_eq!(edge["cursor"], node["cursor"]);
        self.places.push(Cursor::decode(edge["cursor"].as_str().unwrap()).unwrap().id);
        let (kind, id) = (node["kind"].as_str().unwrap(), node["articleId"].as_str().unwrap());
        let article = &node["article"];
        if article.is_null() {
            assert!(!["PUBLISHED", "UPDATED"].contains(&kind), "{node}");
            self.told.push(kind.to_owned());
            self.shown.remove(id);
        } else {
            assert!(["PUBLISHED", "UPDATED"].contains(&kind), "{node}");
            assert_eq!(article["id"], id);
            self.told.push(format!("{kind} {}", article["title"].as_str().unwrap()));
            self.shown.insert(id.to_owned(), article.clone());
        }
    }

    /// Takes all there is; what it was told.
    pub async fn catch_up(&mut self, client: &Client) -> Vec<String> {
        self.told.clear();
        while self.step(client, 3).await {}
        self.told.clone()
    }
}

/// Everything that readers see, read anew.
pub async fn read_all(client: &Client, which: Which) -> Shown {
    let (mut shown, mut after) = (Shown::new(), Value::Null);
    loop {
        let query = format!(
            "{{ articles(first: 100, after: {after}{}) {{ nodes {{ id title version }} \
             pageInfo {{ endCursor hasNextPage }} }} }}",
            which.of_list()
        );
        let answer = client.query(&query).await;
        for article in answer.data("/articles/nodes").as_array().unwrap() {
            shown.insert(article["id"].as_str().unwrap().to_owned(), article.clone());
        }
        if answer.data("/articles/pageInfo/hasNextPage") == false {
            return shown;
        }
        after = answer.data("/articles/pageInfo/endCursor").clone();
    }
}
