//! What happens on the walk.

use chrono::TimeDelta;
use serde_json::json;

use super::Known;
use super::REGIONS;
use super::World;
use crate::helpers::import;
use crate::helpers::import::Page;
use crate::helpers::import::record;
use crate::helpers::questions::CHANNELS;
use crate::helpers::questions::TAGS;
use crate::helpers::questions::slug;
use crate::helpers::views::event_id;

impl World {
    /// Does something at random; much of it succeeds.
    pub async fn act(&mut self, number: usize) {
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
                    return;
                }
                // No article is in this one.
                let input = json!({ "slug": "spare", "name": format!("空{number}") });
                let made = self.mutate("createChannel", input, "channel { id }").await;
                self.channels.extend(made["channel"]["id"].as_str().map(str::to_owned));
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
        let other = self.below(self.articles.len());
        let mut between = json!({ "recommended": self.articles[other].id, "reason": "台风" });
        if self.below(2) == 0 {
            between["id"] = input["id"].clone();
        }
        match self.below(8) {
            act if act < 3 => _ = self.mutate(acts[act], input, "").await,
            5 => {
                between["id"] = input["id"].clone();
                self.mutate("pinRecommendation", between, "").await;
            }
            6 => _ = self.mutate("blockRecommendation", between, "").await,
            7 => _ = self.mutate("resetRecommendation", between, "").await,
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
}
