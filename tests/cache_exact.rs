//! Answers that are kept are those that would be made anew: after every step, on the instance
//! where it was made and on another one that has heard of it.

mod acts;

use std::collections::BTreeSet;

use redian::follow;
use redian::server;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::cache::HOUR;
use crate::helpers::dice::Dice;
use crate::helpers::import;
use crate::helpers::questions::CARD;
use crate::helpers::questions::PLACES;
use crate::helpers::questions::question;
use crate::helpers::schema;

const STEPS: usize = 3_500;
const REGIONS: [&str; 4] = ["130100", "130104", "440300", "x-1"];
/// An article that was made, whatever became of it.
struct Known {
    id: String,
    version: Value,
}

struct World {
    /// Where everything is done; keeps answers.
    app: TestApp,
    /// Keeps none.
    twin: TestApp,
    /// Keeps answers of its own.
    other: TestApp,
    admin: Client,
    dice: Dice,
    articles: Vec<Known>,
    channels: Vec<String>,
    /// What the mutations left that look after the others.
    tokens: Vec<String>,
    webhooks: Vec<String>,
    deliveries: Vec<String>,
    done: BTreeSet<String>,
    cursors: Vec<String>,
}

impl World {
    async fn begin(seed: u64) -> Self {
        let app = TestApp::start_with(|config| {
            config.ranking_min_visitors = 0;
            // However slow the machine is.
            config.cache_lag = HOUR;
        })
        .await;
        let (twin, other) = (app.second_quiet_server().await, app.second_server().await);
        let admin = app.with_scopes(&["admin"]).await;
        let mut world = Self {
            app,
            twin,
            other,
            admin,
            dice: Dice(seed),
            articles: Vec::new(),
            channels: Vec::new(),
            tokens: Vec::new(),
            webhooks: Vec::new(),
            deliveries: Vec::new(),
            done: BTreeSet::new(),
            cursors: vec!["null".into()],
        };
        world.rename_region(0).await;
        follow::run(world.twin.app.clone()).await.unwrap();
        world
    }

    fn some<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.dice.below(end as u64)).unwrap()
    }

    fn last(&self, of: fn(&Self) -> &Vec<String>) -> Value {
        of(self).last().map_or(json!(redian::clock::new_id()), |last| json!(last))
    }

    async fn rename_region(&mut self, number: usize) {
        let record = |name: &str| json!({ "type": "region", "code": "x", "name": name, "level": "province", "path": "x" });
        let below = json!({
            "type": "region", "code": "x-1", "name": "新港", "level": "prefecture", "path": "x/1",
            "parent": "x",
        });
        let records = [record(["三角洲", "大三角"][number % 2]), below];
        import::import(&self.app, &import::lines(&records)).await;
    }

    async fn mutate(&mut self, name: &str, input: Value, gives: &str) -> Value {
        let answer = self.admin.mutate(name, input, gives).await;
        if answer.user_errors().is_empty() {
            self.done.insert(name.into());
        }
        answer.data(&format!("/{name}")).clone()
    }

    async fn read(&mut self, number: usize) {
        let ids: Vec<&str> = self.articles.iter().map(|known| known.id.as_str()).collect();
        let question = question(&mut self.dice, &ids, &self.cursors);
        let elsewhere = self.below(3) == 0;
        if elsewhere {
            // It has heard of everything by then.
            self.other.caught_up().await;
        }
        let client = if elsewhere { &self.other.anon } else { &self.app.anon };
        let given = client.query(&question).await;
        let expected = self.twin.anon.query(&question).await;
        assert_eq!(given.json, expected.json, "step {number}, elsewhere {elsewhere}: {question}");
        let cursor = given.json.pointer("/data/articles/pageInfo/endCursor");
        if let Some(cursor) = cursor.filter(|cursor| cursor.is_string()) {
            self.cursors.push(cursor.to_string());
            self.cursors.truncate(6);
        }
    }

    /// Lists by views are of a little while ago, but what stands in them is of now.
    async fn read_ranking(&mut self, number: usize) {
        let place = self.some(&PLACES);
        let question = match self.below(3) {
            0 => format!("{{ list: hotArticles(first: 5) {{ nodes {{ {CARD} }} }} }}"),
            1 => format!(
                "{{ list: hotArticles(first: 5, region: \"{place}\") {{ nodes {{ {CARD} }} }} }}"
            ),
            _ => format!(
                "{{ list: mostReadArticles(first: 5, window: ALL) {{ nodes {{ {CARD} }} }} }}"
            ),
        };
        let given = self.app.anon.query(&question).await;
        let shown = given.data("/list/nodes");
        let ids: Vec<&Value> = shown.as_array().unwrap().iter().map(|node| &node["id"]).collect();
        let query =
            format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Article {{ {CARD} }} }} }}");
        let expected = self.twin.anon.query_with(&query, json!({ "ids": ids })).await;
        assert_eq!(shown, expected.data("/nodes"), "step {number}: {question}");
    }

    /// The same of what is recommended. What editors say of it is of now, too.
    async fn read_recommended(&mut self, number: usize) {
        if self.articles.is_empty() {
            return;
        }
        let at = self.below(self.articles.len());
        let question = format!(
            "{{ article(id: \"{}\") {{ recommended {{ reason article {{ {CARD} }} }} }} }}",
            self.articles[at].id
        );
        let given = self.app.anon.query(&question).await;
        let Some(shown) = given.json.pointer("/data/article/recommended") else { return };
        let shown = shown.as_array().unwrap();
        let ids: Vec<&Value> = shown.iter().map(|one| &one["article"]["id"]).collect();
        let query =
            format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Article {{ {CARD} }} }} }}");
        let expected = self.twin.anon.query_with(&query, json!({ "ids": ids })).await;
        let shown: Value = shown.iter().map(|one| one["article"].clone()).collect();
        assert_eq!(&shown, expected.data("/nodes"), "step {number}: {question}");
        let words = self.said(&self.articles[at].id).await;
        let pinned = words.iter().filter(|one| one.1 == "PINNED").map(|one| &one.0);
        let told = given.data("/article/recommended").as_array().unwrap();
        let first = told.iter().filter(|one| one["reason"] == "EDITOR");
        let first: Vec<&Value> = first.map(|one| &one["article"]["id"]).collect();
        assert_eq!(first, Vec::from_iter(pinned.take(6)), "step {number}: {question}");
        for (blocked, _) in words.iter().filter(|one| one.1 == "BLOCKED") {
            assert!(!ids.contains(&blocked), "step {number}: {question}");
        }
    }

    /// What editors said of articles that readers see, with one and with all, the last first.
    async fn said(&self, id: &str) -> Vec<(Value, String)> {
        let fields = "nodes { mode recommended { id state publishedAt unpublishAt } }";
        let query = format!(
            "{{ all: recommendationOverrides(first: 100) {{ {fields} }} \
             one: recommendationOverrides(first: 100, id: \"{id}\") {{ {fields} }} }}"
        );
        let answer = self.admin.query(&query).await;
        let all = ["/all/nodes", "/one/nodes"].map(|list| answer.data(list).as_array().unwrap());
        let blocked: Vec<&Value> = all[0].iter().map(|one| &one["recommended"]["id"]).collect();
        let now = json!(self.app.told_in_time(chrono::TimeDelta::zero()));
        let (now, mut said) = (now.as_str().unwrap(), Vec::new());
        for one in all.into_iter().flatten() {
            let (other, mode) = (&one["recommended"], one["mode"].as_str().unwrap());
            let seen = other["state"] == "PUBLISHED"
                && other["publishedAt"].as_str().is_some_and(|at| at <= now)
                && other["unpublishAt"].as_str().is_none_or(|at| now < at);
            if mode == "BLOCKED" || (seen && !blocked.contains(&&other["id"])) {
                said.push((other["id"].clone(), mode.to_owned()));
            }
        }
        said
    }
}

async fn walk(seed: u64) {
    let mut world = World::begin(seed).await;
    for number in 0..STEPS {
        match world.below(12) {
            0 | 1 => {
                world.act(number).await;
                follow::run(world.twin.app.clone()).await.unwrap();
                server::follow_views(world.twin.app.clone()).await.unwrap();
            }
            2 if world.below(2) == 0 => world.read_recommended(number).await,
            2 => world.read_ranking(number).await,
            _ => world.read(number).await,
        }
    }
    let all: BTreeSet<String> = schema::fields(&schema::committed(), "Mutation")
        .into_iter()
        .map(|field| field.name.to_string())
        .collect();
    // What is rare and did not happen yet.
    for number in STEPS..2 * STEPS {
        if world.done != all {
            world.act(number).await;
        }
    }
    let counts = &world.app.app.cache.counts;
    let hits = counts.hits.load(std::sync::atomic::Ordering::Relaxed);
    assert!(hits > STEPS as u64 / 10, "little was kept: {counts:?}");
    assert_eq!(world.done, all, "some mutation never succeeded");
}

#[tokio::test]
async fn whatever_happens_an_answer_is_as_if_it_was_made_anew_first_walk() {
    walk(20_261_127).await;
}

#[tokio::test]
async fn whatever_happens_an_answer_is_as_if_it_was_made_anew_second_walk() {
    walk(4_711).await;
}

#[tokio::test]
async fn whatever_happens_an_answer_is_as_if_it_was_made_anew_third_walk() {
    walk(998_244_353).await;
}
