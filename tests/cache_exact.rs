//! Answers that are kept are those that would be made anew: after every step, on the instance
//! where it was made and on another one that has heard of it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use redian::follow;
use redian::server;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::cache::HOUR;
use crate::helpers::dice::Dice;
use crate::helpers::import;
use crate::helpers::import::Page;
use crate::helpers::import::record;
use crate::helpers::questions::CARD;
use crate::helpers::questions::CHANNELS;
use crate::helpers::questions::PLACES;
use crate::helpers::questions::TAGS;
use crate::helpers::questions::question;
use crate::helpers::questions::slug;
use crate::helpers::schema;
use crate::helpers::views::event_id;

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

    /// Does something at random; much of it succeeds.
    async fn act(&mut self, number: usize) {
        match self.below(60) {
            0..8 => self.advance().await,
            8..12 if !self.articles.is_empty() => self.view().await,
            12 if self.below(8) == 0 => self.rename_region(number).await,
            13 if self.below(3) == 0 => {
                let page = Page {
                    title: self.some(&["桥头的修鞋摊", "雨后的集市"]),
                    recommended: self.some(&["雨后的集市\n45", "桥头的修鞋摊\n7"]),
                    text: self.some(&["老人每天七点出摊。", "老人不出摊了。"]),
                    ..Page::default()
                };
                import::import(&self.app, &page.file()).await;
                let slug = slug(&mut self.dice);
                let fields = json!({
                    "title": format!("来稿{}", self.below(5)), "slugs": [slug], "regions": ["130104"],
                    "body": format!("第{number}稿"),
                });
                import::import(&self.app, &record(fields).to_string()).await;
            }
            14..20 => self.look_after(number).await,
            20..24 => self.change_channel(number).await,
            24..29 => self.curate(number).await,
            _ => self.write(number).await,
        }
    }

    /// What the clock brings about is seen at its instant, on all instances.
    async fn advance(&mut self) {
        let by = TimeDelta::milliseconds(i64::try_from(self.dice.below(40_000)).unwrap());
        for app in [&self.twin, &self.other, &self.app] {
            app.advance(by);
        }
    }

    async fn view(&mut self) {
        let at = self.below(self.articles.len());
        let event = json!({
            "eventId": event_id(self.app.app.clock.now()), "article": self.articles[at].id,
            "visitorId": format!("v{}", self.below(1000)),
        });
        let input = json!({ "events": [event] });
        let answer = self.app.anon.mutate("recordViews", input, "").await;
        assert_eq!(answer.user_errors(), [""; 0]);
        self.done.insert("recordViews".into());
    }

    async fn write(&mut self, number: usize) {
        let count = self.articles.len();
        if count < 4 || (count < 12 && self.below(6) == 0) {
            let input = json!({
                "title": format!("第{number}篇"), "body": "杭州市的新闻。", "detectRegions": true,
                "regions": [self.some(&REGIONS)], "slug": slug(&mut self.dice), "tags": [self.some(&TAGS)],
            });
            let made = self.mutate("createArticle", input, "article { id version }").await;
            if let Some(id) = made["article"]["id"].as_str() {
                let version = made["article"]["version"].clone();
                self.articles.push(Known { id: id.into(), version });
            }
            return;
        }
        let at = self.below(count);
        let soon = |world: &mut Self| {
            let by = TimeDelta::seconds(1 + i64::try_from(world.dice.below(60)).unwrap());
            world.app.in_time(by)
        };
        let (name, mut input) = match self.below(17) {
            14..17 => {
                let regions = [self.some(&REGIONS)];
                ("updateArticle", json!({ "regions": regions, "channel": self.some(&CHANNELS) }))
            }
            0..4 => ("publishArticle", json!({})),
            4 => ("publishArticle", json!({ "publishAt": soon(self) })),
            5 => ("publishArticle", json!({ "unpublishAt": soon(self) })),
            6 => ("updateArticle", json!({ "title": format!("改{number}"), "body": "改了。" })),
            7 => {
                let regions = [self.some(&REGIONS), self.some(&REGIONS)];
                ("updateArticle", json!({ "regions": regions }))
            }
            8 => ("updateArticle", json!({ "channel": self.some(&CHANNELS) })),
            9 => (
                "updateArticle",
                json!({ "slug": slug(&mut self.dice), "tags": [self.some(&TAGS)] }),
            ),
            10 => ("withdrawArticle", json!({})),
            11 => ("confirmRegions", json!({ "regions": ["330100"] })),
            12 => ("rejectRegions", json!({ "regions": ["330100"] })),
            _ if self.below(3) == 0 => ("deleteArticle", json!({})),
            _ => ("createArticlePreview", json!({})),
        };
        input["id"] = json!(self.articles[at].id);
        if ["updateArticle", "confirmRegions", "rejectRegions"].contains(&name) {
            input["version"] = self.articles[at].version.clone();
        }
        let gives = if name.starts_with("delete") || name.ends_with("Preview") {
            ""
        } else {
            "article { version }"
        };
        let made = self.mutate(name, input, gives).await;
        if let Some(version) = made.pointer("/article/version") {
            self.articles[at].version = version.clone();
        }
        if name == "deleteArticle" {
            self.articles.swap_remove(at);
        }
    }

    async fn change_channel(&mut self, number: usize) {
        let slug = self.some(&CHANNELS);
        match self.below(4) {
            0 | 1 => {
                let input = json!({ "slug": slug, "name": format!("频道{number}") });
                let made = self.mutate("createChannel", input, "channel { id }").await;
                let id = made["channel"]["id"].as_str().map(str::to_owned);
                self.channels.extend(id);
            }
            2 => {
                let id = self.last(|world| &world.channels);
                let input = json!({ "id": id, "name": format!("改{number}"), "slug": slug });
                let made = self.mutate("updateChannel", input, "channel { id }").await;
                if made["channel"].is_null() {
                    let input = json!({ "id": id, "name": format!("另{number}") });
                    self.mutate("updateChannel", input, "").await;
                }
            }
            _ => {
                let id = self.last(|world| &world.channels);
                let made =
                    self.mutate("deleteChannel", json!({ "id": id }), "channel { id }").await;
                if !made["channel"].is_null() {
                    self.channels.pop();
                }
            }
        }
    }

    async fn curate(&mut self, number: usize) {
        if self.articles.is_empty() {
            return;
        }
        let at = self.below(self.articles.len());
        let input = json!({ "id": self.articles[at].id, "reason": "台风" });
        let acts = ["pinArticleInRankings", "excludeArticleFromRankings", "resetArticleRanking"];
        let words = json!({ "words": ["集市口"] });
        match self.below(5) {
            act if act < 3 => _ = self.mutate(acts[act], input, "").await,
            3 if number.is_multiple_of(2) => _ = self.mutate("addSearchWords", words, "").await,
            3 => _ = self.mutate("removeSearchWords", words, "").await,
            _ => {
                let input = json!({ "id": input["id"], "imported": number, "reason": "数错了" });
                self.mutate("correctImportedViews", input, "").await;
            }
        }
    }

    /// Mutations that change nothing for readers.
    async fn look_after(&mut self, number: usize) {
        match self.below(8) {
            0 => {
                let input = json!({ "name": format!("手机{number}"), "scopes": ["COUNT"] });
                let made = self.mutate("createToken", input, "token { id }").await;
                self.tokens.extend(made["token"]["id"].as_str().map(str::to_owned));
            }
            1 => {
                let id = self.last(|world| &world.tokens);
                self.mutate("revokeToken", json!({ "id": id }), "").await;
            }
            2 => {
                let input =
                    json!({ "url": "https://93.184.215.14/", "events": ["REGIONS_CHANGED"] });
                let made = self.mutate("createWebhook", input, "webhook { id }").await;
                self.webhooks.extend(made["webhook"]["id"].as_str().map(str::to_owned));
            }
            3 => {
                let id = self.last(|world| &world.webhooks);
                let input = json!({ "id": id, "description": "前端" });
                self.mutate("updateWebhook", input, "").await;
            }
            4 => {
                let id = self.last(|world| &world.webhooks);
                self.mutate("rotateWebhookSecret", json!({ "id": id }), "").await;
            }
            5 => {
                let id = self.last(|world| &world.webhooks);
                let made = self.mutate("testWebhook", json!({ "id": id }), "delivery { id }").await;
                self.deliveries.extend(made["delivery"]["id"].as_str().map(str::to_owned));
            }
            6 => {
                let id = self.last(|world| &world.deliveries);
                self.mutate("redeliverWebhook", json!({ "id": id }), "").await;
            }
            _ if self.below(3) > 0 => {}
            _ => {
                let id = self.last(|world| &world.webhooks);
                self.mutate("deleteWebhook", json!({ "id": id }), "").await;
                self.webhooks.pop();
                self.deliveries.clear();
            }
        }
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
