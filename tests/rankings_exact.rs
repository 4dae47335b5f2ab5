//! Lists of what was read most, against a ledger of every view.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;

use crate::helpers::app::TestApp;
use crate::helpers::dice::Dice;
use crate::helpers::make::Made;
use crate::helpers::make::article;
use crate::helpers::make::channel;
use crate::helpers::rankings::ask;
use crate::helpers::rankings::open;
use crate::helpers::views::event_of;
use crate::helpers::views::fold;
use crate::helpers::views::report;
use crate::helpers::views::verdicts;

const HOUR: i64 = 3_600_000;
const WINDOWS: [(&str, i64); 5] =
    [("HOUR", 1), ("DAY", 24), ("WEEK", 168), ("MONTH", 720), ("ALL", i64::MAX)];
const REGIONS: [&str; 5] = ["130104", "130102", "130200", "440305", "440300"];

/// An article and where it is.
struct Place {
    made: Made,
    region: &'static str,
    channel: &'static str,
}

/// The views of each article, in milliseconds since 1970.
type Ledger = BTreeMap<Uuid, Vec<i64>>;

/// A line of a list: article, rank, rank before, views.
type Line = (String, i64, Option<i64>, i64);

async fn places(app: &TestApp, count: usize) -> Vec<Place> {
    for slug in ["news", "tech"] {
        channel(app, slug, slug).await;
    }
    let mut places = Vec::new();
    for number in 0..count {
        let (region, channel) = (REGIONS[number % 5], ["news", "tech"][number % 2]);
        let made = article(&format!("第{number}篇")).about(&[region]).with("channel", channel);
        places.push(Place { made: made.published(app).await, region, channel });
    }
    places
}

/// Some views of the last day, all by different people, most of them of a few.
async fn read(app: &TestApp, places: &[Place], dice: &mut Dice, ledger: &mut Ledger) {
    let now = app.app.clock.now();
    let mut events = Vec::new();
    for _ in 0..dice.below(60) {
        let most = dice.below(places.len() as u64) + 1;
        let made = &places[dice.below(most) as usize].made;
        let age = if dice.below(3) == 0 { dice.below(86_000) } else { dice.below(600) };
        let at = now - TimeDelta::seconds(age.cast_signed());
        events.push(event_of(made, at, &dice.below(1 << 31).to_string()));
        ledger.entry(made.uuid()).or_default().push(at.timestamp_millis());
    }
    if !events.is_empty() {
        let found = verdicts(&report(&app.anon, &Value::from(events)).await);
        assert!(found.iter().all(|verdict| verdict == "COUNTED"), "{found:?}");
    }
}

/// The views of hours, the first one included, the last one not.
fn count(views: &[i64], from: i64, until: i64) -> i64 {
    views.iter().filter(|at| (from..until).contains(&at.div_euclid(HOUR))).count() as i64
}

/// One more than there are larger ones; `None` for nothing.
fn rank(own: i64, all: &[i64]) -> Option<i64> {
    (own > 0).then(|| all.iter().filter(|other| **other > own).count() as i64 + 1)
}

/// What a list must be.
fn expected(places: &[&Place], ledger: &Ledger, now: i64, hours: i64) -> Vec<Line> {
    let hour = now.div_euclid(HOUR);
    // The full hour nearest to an hour ago.
    let then = (now - HOUR / 2).div_euclid(HOUR);
    let none = Vec::new();
    let counts = |until: i64| {
        let from = until.saturating_sub(hours);
        let views = |place: &&Place| ledger.get(&place.made.uuid()).unwrap_or(&none);
        places.iter().map(|place| count(views(place), from, until)).collect::<Vec<i64>>()
    };
    let (today, before) = (counts(hour + 1), counts(then));
    let mut lines: Vec<(Reverse<(i64, Uuid)>, Line)> = Vec::new();
    for (at, place) in places.iter().enumerate() {
        if let Some(rank) = rank(today[at], &today) {
            let previous = self::rank(before[at], &before);
            let line = (place.made.id.clone(), rank, previous, today[at]);
            lines.push((Reverse((today[at], place.made.uuid())), line));
        }
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

/// What a list is, without what it was filled up with.
async fn found(app: &TestApp, field: &str, arguments: &str) -> Vec<Line> {
    let answer = ask(app, field, arguments).await;
    let edges = answer.data(&format!("/{field}/edges")).as_array().unwrap();
    let line = |edge: &Value| {
        let id = edge["node"]["id"].as_str().unwrap().to_owned();
        let views = edge["views"].as_i64().unwrap();
        (id, edge["rank"].as_i64().unwrap(), edge["previousRank"].as_i64(), views)
    };
    edges.iter().filter(|edge| edge["filled"] == false).map(line).collect()
}

/// Scopes as arguments, and whether a place is in them.
type Scope = (&'static str, fn(&Place) -> bool);

const SCOPES: [Scope; 5] = [
    ("", |_| true),
    (r#", region: "130000""#, |place| place.region.starts_with("13")),
    (r#", region: "440305""#, |place| place.region == "440305"),
    (r#", channel: "news""#, |place| place.channel == "news"),
    (r#", channel: "tech", region: "guangdong""#, |place| {
        place.channel == "tech" && place.region.starts_with("44")
    }),
];

#[tokio::test]
async fn most_read_is_what_the_ledger_says_at_any_time_and_after_reading_anew() {
    let app = open().await;
    let places = places(&app, 30).await;
    let (mut dice, mut ledger) = (Dice(11), Ledger::new());
    for round in 0..60 {
        read(&app, &places, &mut dice, &mut ledger).await;
        // Mostly minutes, sometimes days, so that all windows lose something.
        let step = if dice.below(6) == 0 { dice.below(9000) } else { dice.below(150) } + 2;
        app.advance(TimeDelta::minutes(step.cast_signed()));
        read(&app, &places, &mut dice, &mut ledger).await;
        if round % 6 != 5 {
            continue;
        }
        if round % 12 == 5 {
            fold(&app).await;
        }
        let again = app.second_server().await;
        let now = app.app.clock.now().timestamp_millis();
        for (scope, is_in) in SCOPES {
            for (window, hours) in WINDOWS {
                let arguments = format!("window: {window}, first: 100{scope}");
                let inside: Vec<&Place> = places.iter().filter(|place| is_in(place)).collect();
                let expected = expected(&inside, &ledger, now, hours);
                for app in [&app, &again] {
                    let found = found(app, "mostReadArticles", &arguments).await;
                    assert_eq!(found, expected, "round {round}: {arguments}");
                }
            }
            let hot = |lines: Vec<Line>| -> Vec<(String, i64, i64)> {
                lines.into_iter().map(|(id, rank, _, views)| (id, rank, views)).collect()
            };
            let arguments = format!("first: 100{scope}");
            let (here, there) = (
                found(&app, "hotArticles", &arguments).await,
                found(&again, "hotArticles", &arguments).await,
            );
            assert!(!here.is_empty() || !scope.is_empty());
            assert_eq!(hot(here), hot(there), "round {round}: {arguments}");
        }
    }
}
