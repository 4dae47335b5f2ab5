//! Answers to the public, kept while they are true: from the change log it is known what
//! each event makes stale ([`tag`]), and resolvers note what an answer is made from
//! ([`reads`]). Numbers of views are no part of what is kept ([`body`]).

pub mod body;
pub mod flight;
pub mod graphql;
pub mod http;
pub mod http_answer;
pub mod http_kept;
pub mod http_metrics;
pub mod marks;
pub mod reads;
pub mod tag;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use std::time::Instant;

use chrono::DateTime;
use chrono::Utc;
use quick_cache::Weighter;

use self::flight::Flights;
use self::http_answer::Answer;
use self::marks::Marks;
use self::reads::Noted;
use crate::config::Config;

/// What an answer takes beside its bytes.
const OVERHEAD: u64 = 600;

/// The answers of an instance.
pub struct Cache {
    /// By all that decides them; `None`: nothing is kept.
    answers: Option<quick_cache::sync::Cache<Box<[u8]>, Arc<Answer>, ByWeight>>,
    /// An instance that has not looked into the change log for so long may have missed
    /// something, and answers nothing from here.
    lag: Duration,
    marks: Marks,
    /// Answers that are being made.
    pub flights: Flights,
    /// The next instant at which something appears or expires by itself, in milliseconds
    /// since 1970. Past: what it changes has not been looked up yet.
    flip: AtomicI64,
    /// What did so up to this instant is in the change log.
    flipped: AtomicI64,
    /// When the change log was read to its end.
    followed: Mutex<Option<Instant>>,
    /// How it went.
    pub counts: Counts,
}

/// How requests of the public went, since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Answered from here.
    pub hits: AtomicU64,
    /// Made anew.
    pub misses: AtomicU64,
    /// Made anew because the change log was not followed in time, or something had just
    /// appeared or expired.
    pub bypassed: AtomicU64,
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<Box<[u8]>, Arc<Answer>> for ByWeight {
    fn weight(&self, key: &Box<[u8]>, answer: &Arc<Answer>) -> u64 {
        OVERHEAD + key.len() as u64 + answer.weight()
    }
}

impl Cache {
    /// As the settings have it.
    pub fn new(config: &Config) -> Self {
        let bytes = config.cache_size.saturating_mul(1 << 20);
        let usual = usize::try_from(bytes / 8192).unwrap_or(usize::MAX);
        let answers = (bytes > 0)
            .then(|| quick_cache::sync::Cache::with_weighter(usual.max(100), bytes, ByWeight));
        Self {
            answers,
            lag: Duration::from_millis(config.cache_lag),
            marks: Marks::default(),
            flights: Flights::default(),
            flip: AtomicI64::new(i64::MIN),
            flipped: AtomicI64::new(0),
            followed: Mutex::default(),
            counts: Counts::default(),
        }
    }

    /// Whether answers are kept at all.
    pub fn is_on(&self) -> bool {
        self.answers.is_some()
    }

    /// Whether answers may be taken from here now.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        let followed = *self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        now.timestamp_millis() < self.flip.load(SeqCst)
            && followed.is_some_and(|at| at.elapsed() < self.lag)
    }

    /// The answer that is known by that key, if it is true now.
    pub fn get(&self, key: &[u8], now: DateTime<Utc>) -> Option<Arc<Answer>> {
        let answers = self.answers.as_ref()?;
        if !self.is_open(now) {
            self.counts.bypassed.fetch_add(1, Relaxed);
            return None;
        }
        let found = answers.get(key);
        let answer = found.filter(|answer| {
            let ended = answer.until.is_some_and(|until| until <= now);
            !ended && answer.made.holds(&self.marks)
        });
        let count = if answer.is_some() { &self.counts.hits } else { &self.counts.misses };
        count.fetch_add(1, Relaxed);
        answer
    }

    /// How often something was made stale so far.
    pub fn moment(&self) -> u64 {
        self.marks.moment()
    }

    /// What an answer was made from that was begun at that moment; `None` if some of it has
    /// changed since.
    pub fn made(&self, noted: &Noted, moment: u64) -> Option<marks::Made> {
        self.marks.made(&noted.tags, moment)
    }

    /// Keeps an answer.
    pub fn keep(&self, key: &[u8], answer: Arc<Answer>) {
        if let Some(answers) = &self.answers {
            answers.insert(key.into(), answer);
        }
    }

    /// What is kept takes so many bytes, about.
    pub fn weight(&self) -> u64 {
        self.answers.as_ref().map_or(0, quick_cache::sync::Cache::weight)
    }

    /// Makes stale what was made from anything with these tags.
    pub fn drop_tagged(&self, tags: impl IntoIterator<Item = String>) {
        self.marks.change(tags);
    }

    /// Makes everything stale.
    pub fn drop_all(&self) {
        self.marks.change_all();
        if let Some(answers) = &self.answers {
            answers.clear();
        }
    }

    /// Notes that the change log was read to its end.
    pub fn follow(&self) {
        self.set_followed(Some(Instant::now()));
    }

    /// Notes when something appears or expires by itself next.
    pub fn set_flip(&self, at: Option<DateTime<Utc>>) {
        self.flip.store(at.map_or(i64::MAX, |at| at.timestamp_millis()), SeqCst);
    }

    /// Notes that what appeared or expired by itself up to an instant is in the change log.
    pub fn set_flipped(&self, until: DateTime<Utc>) {
        self.flipped.store(until.timestamp_millis(), SeqCst);
    }

    /// That instant.
    pub fn flipped(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.flipped.load(SeqCst)).unwrap_or_default()
    }

    /// Answers nothing from here until the change log was read again.
    pub fn close(&self) {
        self.set_followed(None);
    }

    /// When something appears or expires by itself next, as far as that is known.
    pub fn next_flip(&self) -> Option<DateTime<Utc>> {
        // Times that no calendar has stand for none.
        DateTime::from_timestamp_millis(self.flip.load(SeqCst))
    }

    /// Whether the instant of the next flip has come.
    pub fn flips(&self, now: DateTime<Utc>) -> bool {
        self.flip.load(SeqCst) <= now.timestamp_millis()
    }

    fn set_followed(&self, at: Option<Instant>) {
        *self.followed.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}
