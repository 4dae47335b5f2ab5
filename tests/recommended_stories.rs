//! How good recommended reading is, measured with labelled stories: see `stories/README.md`.

use std::collections::BTreeSet;
use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::app::start_of_time;
use crate::helpers::dice::Dice;
use crate::helpers::import;
use crate::helpers::import::record;
use crate::helpers::rankings::ids;
use crate::helpers::stories;
use crate::helpers::stories::Labelled;
use crate::helpers::views::event_id;
use crate::helpers::views::report;

const ANSWER: &str = "pageInfo { endCursor } \
                      nodes { id title reprints { id } \
                      recommended(first: 60) { reason article { id } } }";

/// An article as the server answers.
struct Told {
    reprints: Vec<String>,
    /// The articles with each reason, in their order.
    recommended: Vec<(String, String)>,
}

struct Measured {
    app: TestApp,
    labelled: Vec<Labelled>,
    /// Keys by id.
    keys: HashMap<String, usize>,
    told: HashMap<usize, Told>,
}

impl Measured {
    async fn begin() -> Self {
        let labelled = stories::all();
        let app = TestApp::start_with(|config| {
            config.ranking_min_visitors = 0;
            config.max_complexity = 1_000_000;
        })
        .await;
        // Published in a random order, so that time tells nothing of stories.
        let mut dice = Dice(20_261_128);
        let mut times: Vec<i64> = (1..=labelled.len() as i64).collect();
        for at in (1..times.len()).rev() {
            times.swap(at, usize::try_from(dice.below(at as u64 + 1)).unwrap());
        }
        let records: Vec<Value> = labelled
            .iter()
            .zip(times)
            .map(|(one, minutes)| {
                let at = start_of_time() - TimeDelta::minutes(minutes);
                record(json!({
                    "externalId": one.key, "title": one.title, "body": one.text,
                    "publishedAt": at.to_rfc3339(),
                }))
            })
            .collect();
        import::import(&app, &import::lines(&records)).await;
        // No list is left that was made before all were there.
        app.advance(TimeDelta::minutes(10));
        let mut measured = Self { app, labelled, keys: HashMap::new(), told: HashMap::new() };
        measured.ask().await;
        measured
    }

    async fn ask(&mut self) {
        let by_title: HashMap<&str, usize> =
            (0..).zip(&self.labelled).map(|(at, one)| (one.title.as_str(), at)).collect();
        assert_eq!(by_title.len(), self.labelled.len(), "titles tell articles apart");
        let mut after = Value::Null;
        while self.told.len() < self.labelled.len() {
            let query = format!("{{ articles(first: 50, after: {after}) {{ {ANSWER} }} }}");
            let page = self.app.anon.query(&query).await.data("/articles").clone();
            after = page["pageInfo"]["endCursor"].clone();
            let nodes = page["nodes"].as_array().unwrap();
            assert!(!nodes.is_empty());
            for node in nodes {
                let at = by_title[node["title"].as_str().unwrap()];
                self.keys.insert(text(&node["id"]), at);
                let all = |name: &str| node[name].as_array().unwrap().clone();
                let recommended = all("recommended");
                let reason = |one: &Value| (text(&one["article"]["id"]), text(&one["reason"]));
                let told = Told {
                    reprints: all("reprints").iter().map(|one| text(&one["id"])).collect(),
                    recommended: recommended.iter().map(reason).collect(),
                };
                self.told.insert(at, told);
            }
        }
    }

    /// The share of articles of the same story among the first five that a list has for each
    /// article of a story; places that a list leaves empty count as wrong.
    fn precision(&self, mut list: impl FnMut(usize, &Told) -> Vec<String>) -> f64 {
        let (mut right, mut places) = (0, 0);
        for (at, one) in self.labelled.iter().enumerate() {
            if one.story.is_none() || one.reprint_of.is_some() {
                continue;
            }
            let list = list(at, &self.told[&at]);
            let same = |id: &String| {
                let other = &self.labelled[self.keys[id]];
                other.key != one.key && other.story == one.story
            };
            right += list.iter().take(5).filter(|id| same(id)).count();
            places += 5;
        }
        f64::from(u32::try_from(right).unwrap()) / f64::from(places)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What its text speaks for, the same story first.
fn by_text(told: &Told) -> Vec<String> {
    let with = |reason: &'static str| {
        told.recommended.iter().filter(move |one| one.1 == reason).map(|one| one.0.clone())
    };
    with("SAME_STORY").chain(with("SIMILAR")).collect()
}

#[tokio::test]
async fn what_texts_speak_for_is_of_the_same_story_and_beats_what_is_new_hot_or_random() {
    let measured = Measured::begin().await;
    let (app, mut dice) = (&measured.app, Dice(4_711));
    let all: Vec<&String> = measured.keys.keys().collect();
    // Who reads what is chance, and some is read much more than other.
    let mut events = Vec::new();
    for reader in 0..2_000 {
        let (one, other) = (dice.below(all.len() as u64), dice.below(all.len() as u64));
        let at = usize::try_from(one.min(other)).unwrap();
        events.push(json!({
            "eventId": event_id(app.app.clock.now()), "article": all[at],
            "visitorId": format!("读者{reader}"),
        }));
    }
    for events in events.chunks(100) {
        report(&app.anon, &json!(events)).await;
    }
    // Lists by views are looked at again.
    app.advance(TimeDelta::minutes(2));
    let list = "nodes { id }";
    let newest = app.anon.query(&format!("{{ articles(first: 6) {{ {list} }} }}")).await;
    let hottest = app.anon.query(&format!("{{ hotArticles(first: 6) {{ {list} }} }}")).await;
    let (newest, hottest) = (ids(&newest), ids(&hottest));
    assert_eq!((newest.len(), hottest.len()), (6, 6));
    let others = |list: &[String], at: usize| -> Vec<String> {
        list.iter().filter(|id| measured.keys[*id] != at).cloned().collect()
    };
    let text = measured.precision(|_, told| by_text(told));
    let newest = measured.precision(|at, _| others(&newest, at));
    let hottest = measured.precision(|at, _| others(&hottest, at));
    let random = measured.precision(|_, _| {
        let mut some = || all[usize::try_from(dice.below(all.len() as u64)).unwrap()].clone();
        (0..5).map(|_| some()).collect()
    });
    let told = format!("text {text}, newest {newest}, hottest {hottest}, random {random}");
    println!("{told}");
    assert!(text >= 0.8, "{told}");
    assert!(text > 2.0 * newest.max(hottest).max(random), "{told}");
}

#[tokio::test]
async fn nearly_the_same_texts_are_recognised_and_never_recommended_with_each_other() {
    let measured = Measured::begin().await;
    let pair = |one: usize, other: usize| (one.min(other), one.max(other));
    let mut found = BTreeSet::new();
    for (at, told) in &measured.told {
        found.extend(told.reprints.iter().map(|id| pair(*at, measured.keys[id])));
    }
    let key = |key: &String| measured.labelled.iter().position(|one| one.key == *key).unwrap();
    let labelled = measured.labelled.iter().enumerate();
    let truth: BTreeSet<(usize, usize)> = labelled
        .filter_map(|(at, one)| one.reprint_of.as_ref().map(|of| pair(at, key(of))))
        .collect();
    let right = f64::from(u32::try_from(found.intersection(&truth).count()).unwrap());
    let of = |all: &BTreeSet<_>| right / f64::from(u32::try_from(all.len()).unwrap());
    let (precision, recall) = (of(&found), of(&truth));
    println!("{} pairs, precision {precision}, recall {recall}", truth.len());
    assert!(truth.len() >= 100 && precision >= 0.95 && recall >= 0.8, "{precision} {recall}");
    for (at, told) in &measured.told {
        let mut shown: Vec<usize> =
            told.recommended.iter().map(|(id, _)| measured.keys[id]).collect();
        shown.push(*at);
        for (nth, one) in shown.iter().enumerate() {
            for other in &shown[nth + 1..] {
                let both = pair(*one, *other);
                assert!(
                    !found.contains(&both) && !truth.contains(&both),
                    "both are shown: {both:?}"
                );
            }
        }
    }
}
