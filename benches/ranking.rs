//! How well the hot list foresees what is read next, and how other lists do.
//!
//! `cargo bench --bench ranking`: five simulated sites of 300 articles a day, with the readers
//! of a large, a small and a tiny one. Every half hour each ranking lists 20 articles, judged
//! by their NDCG against what readers will want in the following hour, which the model knows.
//! It prints the means and fails if the product's rule is not as good as it was.

#[path = "ranking_model.rs"]
mod model;

use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Instant;

use model::Article;
use model::DAY;
use model::SLOT_MS;
use model::SLOTS;
use model::View;
use model::WARM_UP;
use model::World;
use redian::view::score;

const SEEDS: u64 = 5;
/// Length of the lists.
const TOP: usize = 20;
/// Views an hour, over the last day, from which on the rule is the shorter half-life.
const BUSY: f64 = 200.0;
const HOUR_MS: i64 = 3_600_000;

/// A site, and what the product's rule must reach there.
struct Site {
    name: &'static str,
    views_an_hour: f64,
    floor: f64,
}

/// The floors are 0.02 below what was measured first.
const SITES: [Site; 3] = [
    Site { name: "large", views_an_hour: 10_400.0, floor: 0.928 },
    Site { name: "small", views_an_hour: 215.0, floor: 0.825 },
    Site { name: "tiny", views_an_hour: 18.0, floor: 0.633 },
];

/// Repeated views count in none but two.
#[derive(Clone, Copy, PartialEq)]
enum Ranking {
    Rule,
    /// By the score with the half-life of this place.
    Hot(usize),
    HotWithRepeats(usize),
    /// Views of so many slots.
    Window(usize),
    HackerNews,
    AllTime,
    Latest,
}

const RANKINGS: [(Ranking, &str); 10] = [
    (Ranking::Rule, "the product's rule"),
    (Ranking::Hot(0), "half-life 1 h"),
    (Ranking::Hot(1), "half-life 3 h"),
    (Ranking::HotWithRepeats(0), "half-life 1 h, with repeats"),
    (Ranking::HotWithRepeats(1), "half-life 3 h, with repeats"),
    (Ranking::Window(2), "window 1 h"),
    (Ranking::Window(DAY), "window 24 h"),
    (Ranking::HackerNews, "Hacker News"),
    (Ranking::AllTime, "all-time total"),
    (Ranking::Latest, "latest"),
];

/// What the rule must beat at every size.
const WORSE: [Ranking; 3] = [Ranking::Window(DAY), Ranking::HackerNews, Ranking::AllTime];
/// Attacked articles that the rule may list at a time on the largest site, where 40 visitors
/// are few. On smaller ones they are many, and no formula helps.
const MOST_BOTS: f64 = 0.6;

/// What the rankings know of the articles, by their places.
struct Counts {
    hot: [Vec<f64>; 2],
    with_repeats: [Vec<f64>; 2],
    total: Vec<u32>,
    /// In each slot so far.
    slots: Vec<Vec<u32>>,
}

impl Counts {
    fn new(articles: usize) -> Self {
        let scores = || [vec![f64::NEG_INFINITY; articles], vec![f64::NEG_INFINITY; articles]];
        Self { hot: scores(), with_repeats: scores(), total: vec![0; articles], slots: Vec::new() }
    }

    fn slot(&mut self, views: &[View]) {
        let mut seen = HashSet::new();
        let mut counts = vec![0; self.total.len()];
        for view in views {
            let first = seen.insert((view.article, view.visitor));
            for (place, half_life) in score::HALF_LIVES.into_iter().enumerate() {
                let one = score::of(view.at_ms, half_life);
                let hot = &mut self.with_repeats[place][view.article];
                *hot = score::add(*hot, one);
                if first {
                    let hot = &mut self.hot[place][view.article];
                    *hot = score::add(*hot, one);
                }
            }
            counts[view.article] += u32::from(first);
        }
        self.total.iter_mut().zip(&counts).for_each(|(total, count)| *total += count);
        self.slots.push(counts);
    }

    /// By what the articles are sorted, highest first.
    fn keys(&self, ranking: Ranking, world: &World, now_ms: i64) -> Vec<f64> {
        let last = |count| self.slots[self.slots.len() - count..].iter();
        match ranking {
            Ranking::Rule => {
                let views: u32 = last(DAY).flatten().sum();
                let quiet = f64::from(views) / 24.0 < BUSY;
                self.keys(Ranking::Hot(usize::from(quiet)), world, now_ms)
            }
            Ranking::Hot(place) => self.hot[place].clone(),
            Ranking::HotWithRepeats(place) => self.with_repeats[place].clone(),
            Ranking::Window(count) => {
                let mut sums = vec![0.0; self.total.len()];
                for slot in last(count) {
                    sums.iter_mut().zip(slot).for_each(|(sum, count)| *sum += f64::from(*count));
                }
                sums
            }
            Ranking::HackerNews => {
                // (points - 1)^0.8 / (hours + 2)^1.8, with views for points.
                let key = |(article, total): (&Article, &u32)| {
                    let age = (now_ms - article.published_ms).max(0) as f64 / HOUR_MS as f64;
                    f64::from(total.saturating_sub(1)).powf(0.8) / (age + 2.0).powf(1.8)
                };
                world.articles.iter().zip(&self.total).map(key).collect()
            }
            Ranking::AllTime => self.total.iter().map(|total| f64::from(*total)).collect(),
            Ranking::Latest => vec![0.0; self.total.len()],
        }
    }
}

/// The places of the highest keys; of equal ones the newest.
fn top(keys: &[f64]) -> Vec<usize> {
    let order = |a: &usize, b: &usize| keys[*b].total_cmp(&keys[*a]).then(b.cmp(a));
    let mut places: Vec<_> = (0..keys.len()).collect();
    places.select_nth_unstable_by(TOP, order);
    places.truncate(TOP);
    places.sort_unstable_by(order);
    places
}

/// Discounted cumulative gain (Järvelin and Kekäläinen 2002) with demand as the gain.
fn gain(places: &[usize], demand: &[f64]) -> f64 {
    let gain = |(rank, place): (usize, &usize)| demand[*place] / (rank as f64 + 2.0).log2();
    places.iter().enumerate().map(gain).sum()
}

#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn value(self) -> f64 {
        self.sum / self.count
    }
}

/// How a ranking did on one site.
#[derive(Clone, Copy, Default)]
struct Outcome {
    ndcg: Mean,
    /// The same during attacks.
    attacked: Mean,
    /// Articles that are attacked and listed, during attacks.
    bots: Mean,
    /// Articles that are attacked, during attacks.
    attacks: Mean,
}

fn simulate(site: &Site) -> [Outcome; RANKINGS.len()] {
    let mut outcomes = [Outcome::default(); RANKINGS.len()];
    for seed in 1..=SEEDS {
        let world = World::new(seed, site.views_an_hour);
        let mut counts = Counts::new(world.articles.len());
        for (slot, views) in world.views.iter().enumerate() {
            counts.slot(views);
            let now_ms = (slot as i64 + 1) * SLOT_MS;
            if (WARM_UP..SLOTS - 2).contains(&slot) {
                judge(&world, &counts, now_ms, &mut outcomes);
            }
        }
    }
    outcomes
}

fn judge(world: &World, counts: &Counts, now_ms: i64, outcomes: &mut [Outcome]) {
    let published = world.articles.partition_point(|article| article.published_ms < now_ms);
    let articles = &world.articles[..published];
    let demand = articles.iter().map(|article| article.demand(now_ms, now_ms + HOUR_MS));
    let demand: Vec<_> = demand.collect();
    let best = gain(&top(&demand), &demand);
    let attacks: Vec<_> = world.attacks.iter().filter(|attack| attack.is_on(now_ms)).collect();
    for (outcome, (ranking, _)) in outcomes.iter_mut().zip(RANKINGS) {
        let list = top(&counts.keys(ranking, world, now_ms)[..published]);
        let ndcg = gain(&list, &demand) / best;
        outcome.ndcg.add(ndcg);
        if !attacks.is_empty() {
            outcome.attacked.add(ndcg);
            let bots = attacks.iter().filter(|attack| list.contains(&attack.article));
            outcome.bots.add(bots.count() as f64);
            outcome.attacks.add(attacks.len() as f64);
        }
    }
}

fn main() -> ExitCode {
    let started = Instant::now();
    let results = SITES.each_ref().map(simulate);
    print!("{:27}", "NDCG@20, attacked, bots");
    SITES.iter().for_each(|site| print!("{:>15} {:>6}/h", site.name, site.views_an_hour));
    println!();
    for (place, (_, name)) in RANKINGS.iter().enumerate() {
        print!("{name:27}");
        for outcome in results.iter().map(|outcomes| outcomes[place]) {
            let bots = outcome.bots.value();
            print!("{:11.3} {:.3} {bots:.2}", outcome.ndcg.value(), outcome.attacked.value());
        }
        println!();
    }
    let attacks = results[0][0].attacks.value();
    println!("bots of {attacks:.2}; {:.1} s", started.elapsed().as_secs_f64());
    let failures: Vec<_> = SITES.iter().zip(&results).flat_map(failures).collect();
    failures.iter().for_each(|failure| println!("FAILED: {failure}"));
    match failures.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The floors that are broken.
fn failures((site, outcomes): (&Site, &[Outcome; RANKINGS.len()])) -> Vec<String> {
    let mut failures = Vec::new();
    let rule = outcomes[0].ndcg.value();
    // Written so that what is no number fails too.
    let mut require = |holds: bool, what: String| {
        if !holds {
            failures.push(format!("{}: {what}", site.name));
        }
    };
    require(rule >= site.floor, format!("the rule has {rule:.3} of {}", site.floor));
    for ((ranking, name), outcome) in RANKINGS.iter().zip(outcomes) {
        let other = outcome.ndcg.value();
        let worse = !WORSE.contains(ranking) || other < rule;
        require(worse, format!("the rule has {rule:.3}, {name} {other:.3}"));
    }
    let bots = outcomes[0].bots.value();
    let few = site.name != SITES[0].name || bots <= MOST_BOTS;
    require(few, format!("{bots:.2} attacked articles in the list, not {MOST_BOTS}"));
    failures
}
