//! Hands changes to those who listen, without waiting for any of them.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;
use sea_orm::ConnectionTrait;
use tokio::sync::Semaphore;
use tokio::sync::broadcast;
use tokio::sync::watch;
use uuid::Uuid;

use super::change;
use super::change::Change;
use super::change::ChangeKind;
use super::change::Wanted;
use crate::config::Config;
use crate::error::Error;
use crate::event::Event;
use crate::event::Kind;

/// So many changes of a list are kept for listeners that are behind.
const OF_LIST: usize = 1024;
/// The same of an article.
const OF_ARTICLE: usize = 16;
/// So many answers are made at once, so that a change with many listeners leaves room for
/// requests.
const AT_ONCE: usize = 16;

/// What can be listened to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Changes of an article.
    Article(Uuid),
    /// Articles that appear.
    Published,
    /// The same, in a channel.
    InChannel(Uuid),
    /// The same, in the region of that code or below it.
    InRegion(String),
}

/// Those who listen at an instance.
pub struct Live {
    topics: Mutex<Topics>,
    /// Room for answers that are made at once.
    pub room: Arc<Semaphore>,
    /// Places for subscriptions.
    pub subscriptions: Arc<Semaphore>,
    /// Places for sockets.
    pub sockets: Arc<Semaphore>,
    most_sockets: u32,
    stopping: watch::Sender<bool>,
}

struct Topics {
    /// The last event that was looked at.
    passed: i64,
    listeners: HashMap<Topic, broadcast::Sender<Arc<Change>>>,
}

/// Hears changes of a topic until it is dropped.
pub struct Ear {
    live: Arc<Live>,
    /// Of what.
    pub topic: Topic,
    /// The changes.
    pub changes: broadcast::Receiver<Arc<Change>>,
    /// Those of events after this one come, unless too many are not taken in time.
    pub since: i64,
}

impl Live {
    /// Nobody listens; what happened up to the event `passed` is no news.
    pub fn new(config: &Config, passed: i64) -> Self {
        let places = |most: u32| Arc::new(Semaphore::new(most as usize));
        Self {
            topics: Mutex::new(Topics { passed, listeners: HashMap::new() }),
            room: Arc::new(Semaphore::new(AT_ONCE)),
            subscriptions: places(config.max_subscriptions),
            sockets: places(config.max_sockets),
            most_sockets: config.max_sockets,
            stopping: watch::Sender::new(false),
        }
    }

    /// Listens to a topic from now on.
    pub fn listen(self: &Arc<Self>, topic: Topic) -> Ear {
        let mut topics = self.topics();
        let size = if matches!(topic, Topic::Article(_)) { OF_ARTICLE } else { OF_LIST };
        let listeners = topics.listeners.entry(topic.clone());
        let changes = listeners.or_insert_with(|| broadcast::Sender::new(size)).subscribe();
        Ear { live: self.clone(), topic, changes, since: topics.passed }
    }

    /// How many listen to changes.
    pub fn listeners(&self) -> usize {
        self.topics().listeners.values().map(broadcast::Sender::receiver_count).sum()
    }

    /// Tells those who listen what they may hear of these events. Repeated after a failure,
    /// it may tell some again.
    pub async fn tell(
        &self,
        db: &impl ConnectionTrait,
        edition: i64,
        events: &[Event],
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let heard = self.pass(events);
        if heard.is_empty() {
            return Ok(());
        }
        for change in change::of(db, edition, &heard, &Wanted::default(), now).await? {
            self.send(change);
        }
        Ok(())
    }

    /// Those of the events that somebody may listen to.
    fn pass<'a>(&self, events: &'a [Event]) -> Vec<&'a Event> {
        let mut topics = self.topics();
        topics.passed = events.last().map_or(topics.passed, |event| event.id);
        let articles: HashSet<Uuid> = topics.listeners.keys().filter_map(Topic::article).collect();
        let lists = topics.listeners.len() > articles.len();
        let heard = |event: &&Event| {
            event.article_id.is_some_and(|article| articles.contains(&article))
                || (lists && event.kind == Kind::ArticlePublished.name())
        };
        events.iter().filter(heard).collect()
    }

    fn send(&self, change: Change) {
        let change = Arc::new(change);
        let mut topics = vec![Topic::Article(change.article_id)];
        if change.kind == ChangeKind::Published {
            let channel = change.article.as_ref().and_then(|article| article.channel_id);
            topics.push(Topic::Published);
            topics.extend(channel.map(Topic::InChannel));
            topics.extend(change.regions.iter().cloned().map(Topic::InRegion));
        }
        let known = self.topics();
        for listeners in topics.iter().filter_map(|topic| known.listeners.get(topic)) {
            // An error means that nobody listens any more.
            drop(listeners.send(change.clone()));
        }
    }

    /// Ends all sockets and streams.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until they have to end.
    pub async fn stopped(&self) {
        // The sender is a part of this.
        drop(self.stopping.subscribe().wait_for(|stopping| *stopping).await);
    }

    /// Waits until no socket is left.
    pub async fn emptied(&self) {
        // Never closed: an error cannot be.
        drop(self.sockets.acquire_many(self.most_sockets).await);
    }

    fn topics(&self) -> MutexGuard<'_, Topics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topic {
    fn article(&self) -> Option<Uuid> {
        match self {
            Self::Article(article) => Some(*article),
            _ => None,
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let mut topics = self.live.topics();
        let only = |listeners: &broadcast::Sender<_>| listeners.receiver_count() <= 1;
        if topics.listeners.get(&self.topic).is_some_and(only) {
            topics.listeners.remove(&self.topic);
        }
    }
}
