//! A news site whose readers' wishes are known: what they want, and the views that follow.
//!
//! Demand for an article rises within minutes of its publication, then halves with the
//! article's own half-life; a few articles come back later. The hour of the day makes all of it
//! larger and smaller. Readers' views are a Poisson process with that rate, and some are
//! reloads. Besides, a few visitors attack a few articles with many views.

/// The length of a slot. A visitor's views of an article count once in each, and the rankings
/// are judged at the end of each.
pub const SLOT_MS: i64 = 1_800_000;
/// Slots of a day.
pub const DAY: usize = 48;
/// Slots of the simulation.
pub const SLOTS: usize = 11 * DAY;
/// Slots before the first judgement: the longest window must be full.
pub const WARM_UP: usize = 2 * DAY;

const HOUR_MS: f64 = 3_600_000.0;
const ARTICLES_A_DAY: usize = 300;
/// Of demand, in hours; each for a third of the articles.
const HALF_LIVES: [f64; 3] = [3.0, 8.0, 24.0];
/// The half-life of what holds demand back at first.
const RISE_MS: f64 = 0.25 * HOUR_MS;
/// The standard deviation of the logarithm of demand: one article in 36 is wanted ten
/// times as much as the median.
const SPREAD: f64 = 1.2;
/// Articles that become news again, 12 hours to 4 days later and up to ten times as much.
const IGNITED_AGAIN: f64 = 0.03;
/// Views that the same reader repeats, within ten minutes.
const RELOADS: f64 = 0.1;
const RELOAD_MS: f64 = 600_000.0;

const ATTACKS: usize = 6;
const ATTACK_MS: i64 = 3 * 3_600_000;
const ATTACKERS: u64 = 40;
/// The views of one attack against the mean of all readers' together.
const ATTACK_SHARE: f64 = 0.3;

/// Splitmix64 (Steele, Lea, Flood 2014), so that a seed means the same site for ever.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Above 0, at most 1.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    /// Of a normal distribution (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Demand that rises and fades once.
struct Wave {
    from_ms: i64,
    /// Views an hour that it would begin with if it did not rise.
    rate: f64,
    half_life_ms: f64,
}

impl Wave {
    /// The views from `from` until `until`, without the course of the day.
    fn between(&self, from: i64, until: i64) -> f64 {
        let (from, until) = ((from - self.from_ms).max(0), (until - self.from_ms).max(0));
        // The integral of 2^(-t / half-life).
        let fading = |half_life_ms: f64| {
            let end = |at: i64| (-(at as f64) / half_life_ms).exp2();
            (end(from) - end(until)) * half_life_ms / HOUR_MS / std::f64::consts::LN_2
        };
        self.rate * (fading(self.half_life_ms) - fading(RISE_MS))
    }
}

/// What is read.
pub struct Article {
    /// When it was published, in milliseconds.
    pub published_ms: i64,
    waves: Vec<Wave>,
}

impl Article {
    /// The views by readers that are expected from `from` until `until`, without reloads.
    /// The two should be so close that the hour of the day is the same.
    pub fn demand(&self, from: i64, until: i64) -> f64 {
        let views: f64 = self.waves.iter().map(|wave| wave.between(from, until)).sum();
        views * daylight((from + until) / 2)
    }
}

/// One request of an article.
pub struct View {
    /// When, in milliseconds.
    pub at_ms: i64,
    /// Its place among the articles.
    pub article: usize,
    /// Who.
    pub visitor: u64,
}

/// Somebody's attempt to get an article into the list.
pub struct Attack {
    /// The place of the article among the articles.
    pub article: usize,
    from_ms: i64,
}

impl Attack {
    /// Whether it has begun and is not over.
    pub fn is_on(&self, now_ms: i64) -> bool {
        self.from_ms < now_ms && now_ms <= self.from_ms + ATTACK_MS
    }
}

/// A site.
pub struct World {
    /// In the order of their publication.
    pub articles: Vec<Article>,
    /// All of them after the warm-up.
    pub attacks: Vec<Attack>,
    /// Views of each slot, in no order.
    pub views: Vec<Vec<View>>,
}

impl World {
    /// A site with so many views by readers an hour, on average after the warm-up. Sites of
    /// the same seed have the same articles.
    pub fn new(seed: u64, views_an_hour: f64) -> Self {
        let mut random = Random(seed);
        let mut articles = publish(&mut random);
        let slots = (WARM_UP..SLOTS).map(|slot| slot as i64 * SLOT_MS);
        let slot = |from| articles.iter().map(move |article| article.demand(from, from + SLOT_MS));
        let all: f64 = slots.flat_map(slot).sum();
        let scale = views_an_hour * (SLOTS - WARM_UP) as f64 * SLOT_MS as f64 / HOUR_MS / all;
        for wave in articles.iter_mut().flat_map(|article| &mut article.waves) {
            wave.rate *= scale;
        }
        let attacks = attacks(&mut random, &articles);
        let views = (0..SLOTS).map(|_| Vec::new()).collect();
        let mut world = Self { articles, attacks, views };
        world.read(&mut random);
        world.attack(&mut random, views_an_hour);
        world
    }

    fn read(&mut self, random: &mut Random) {
        let mut visitor = ATTACKS as u64 * ATTACKERS;
        for slot in 0..SLOTS {
            for (place, article) in self.articles.iter().enumerate() {
                let until = (slot as i64 + 1) * SLOT_MS;
                let from = (until - SLOT_MS).max(article.published_ms);
                if from >= until {
                    break;
                }
                // From view to view of a Poisson process, in expected views.
                let expected = article.demand(from, until);
                let mut passed = -random.unit().ln();
                while passed < expected {
                    let at = from as f64 + passed / expected * (until - from) as f64;
                    visitor += 1;
                    add(&mut self.views, at, place, visitor);
                    if random.unit() < RELOADS {
                        add(&mut self.views, at + random.unit() * RELOAD_MS, place, visitor);
                    }
                    passed -= random.unit().ln();
                }
            }
        }
    }

    fn attack(&mut self, random: &mut Random, views_an_hour: f64) {
        for (number, attack) in self.attacks.iter().enumerate() {
            let count = views_an_hour * ATTACK_SHARE * ATTACK_MS as f64 / HOUR_MS;
            for _ in 0..count.round() as usize {
                let at = attack.from_ms as f64 + random.unit() * ATTACK_MS as f64;
                let visitor = number as u64 * ATTACKERS + random.below(ATTACKERS);
                add(&mut self.views, at, attack.article, visitor);
            }
        }
    }
}

fn add(views: &mut [Vec<View>], at: f64, article: usize, visitor: u64) {
    let at_ms = at as i64;
    if let Some(slot) = views.get_mut((at_ms / SLOT_MS) as usize) {
        slot.push(View { at_ms, article, visitor });
    }
}

/// The traffic at a time of day against the mean: least at 3 o'clock, most at 15 o'clock.
fn daylight(at_ms: i64) -> f64 {
    let days = (at_ms as f64 / HOUR_MS - 3.0) / 24.0;
    1.0 - 0.8 * (days * std::f64::consts::TAU).cos()
}

fn publish(random: &mut Random) -> Vec<Article> {
    let count = ARTICLES_A_DAY * SLOTS / DAY;
    let length = SLOTS as f64 * SLOT_MS as f64;
    let mut times: Vec<_> = (0..count).map(|_| (random.unit() * length) as i64).collect();
    times.sort_unstable();
    let article = |published_ms| {
        let half_life_ms = HALF_LIVES[random.below(3) as usize] * HOUR_MS;
        let rate = (SPREAD * random.normal()).exp();
        let mut waves = vec![Wave { from_ms: published_ms, rate, half_life_ms }];
        if random.unit() <= IGNITED_AGAIN {
            let from_ms = published_ms + ((12.0 + 84.0 * random.unit()) * HOUR_MS) as i64;
            let rate = rate * 10.0_f64.powf(random.unit());
            waves.push(Wave { from_ms, rate, half_life_ms });
        }
        Article { published_ms, waves }
    };
    times.into_iter().map(article).collect()
}

/// Of articles that are half a day to two days old. They come in pairs, the second when half
/// of the first is over.
fn attacks(random: &mut Random, articles: &[Article]) -> Vec<Attack> {
    let first = WARM_UP as i64 * SLOT_MS;
    let length = SLOTS as i64 * SLOT_MS - 2 * ATTACK_MS - first;
    let mut from_ms = first;
    let attack = |number| {
        from_ms = match number % 2 {
            0 => first + (random.unit() * length as f64) as i64,
            _ => from_ms + ATTACK_MS / 2,
        };
        let age_ms = ((12.0 + 36.0 * random.unit()) * HOUR_MS) as i64;
        let article = articles.partition_point(|article| article.published_ms < from_ms - age_ms);
        Attack { article, from_ms }
    };
    (0..ATTACKS).map(attack).collect()
}
