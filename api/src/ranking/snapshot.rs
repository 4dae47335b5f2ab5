//! Lists as they were at a moment: computed at most every few seconds, kept for
//! those who page through them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use super::Key;
use super::Sources;
use super::curation::Curation;
use super::list;
use super::store;
use crate::error::Error;
use crate::error::Reason;

/// A list is not computed again before that, in milliseconds.
const FRESH: i64 = 5_000;
/// A list that is older than that is not shown as today's, in milliseconds.
const STALE: i64 = 60_000;
/// For so long one can page through a list, in milliseconds.
pub const KEPT: i64 = 600_000;
/// So many lists are kept in memory for paging; others are in the database.
const MOST: usize = 5_000;
/// Other instances find lists that are longer than this.
const SHARED: usize = 20;
/// The longest wait for a list to be stored for other instances.
const PATIENCE: Duration = Duration::from_secs(1);

/// A list at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What cursors call it.
    pub id: Uuid,
    /// Which list it is: [`Key::name`].
    pub list: String,
    /// When, in milliseconds since 1970.
    pub as_of: i64,
    /// Since when views are counted, in milliseconds since 1970; `None`: always.
    pub from: Option<i64>,
    /// The articles.
    pub lines: Vec<Line>,
    /// The code of the first region that it was filled up from; `None` if it was not,
    /// or from the whole site.
    pub filled_from: Option<String>,
    /// The last word of an editor that it knows: [`Curation::newest`].
    #[serde(skip)]
    pub curated: Uuid,
}

/// An article's place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The article.
    pub article: Uuid,
    /// From 1; of articles with the same views the same.
    pub rank: u32,
    /// The rank at the full hour before.
    pub previous: Option<u32>,
    /// The views in the window.
    pub views: i64,
    /// Whether it is from a wider region.
    pub filled: bool,
    /// Whether an editor pinned it here.
    #[serde(default)]
    pub pinned: bool,
}

/// The lists of an instance.
#[derive(Default)]
pub struct Lists {
    today: Mutex<HashMap<Key, Arc<List>>>,
    kept: Mutex<HashMap<Uuid, Arc<Snapshot>>>,
}

#[derive(Default)]
struct List {
    last: Mutex<Option<Arc<Snapshot>>>,
    /// Held by the one who computes it.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl List {
    /// The last one if it is younger than that, in milliseconds.
    fn younger(&self, than: i64, now: DateTime<Utc>) -> Option<Arc<Snapshot>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        last.filter(|last| (0..than).contains(&(now.timestamp_millis() - last.as_of)))
    }

    /// The same if since then nothing was pinned or excluded, and nothing ended to be.
    fn current(&self, than: i64, curation: &Curation, now: DateTime<Utc>) -> Option<Arc<Snapshot>> {
        let last = self.younger(than, now)?;
        let same = last.curated == curation.newest() && !curation.ended(last.as_of, now);
        same.then_some(last)
    }
}

/// A list of the last minute, if possible of the last seconds; with what editors
/// want now.
pub async fn today(sources: &Sources, key: &Key) -> Result<Arc<Snapshot>, Error> {
    let now = sources.clock.now();
    let list = sources.rankings.lists.of(key, now);
    let curation = sources.rankings.curation();
    if let Some(fresh) = list.current(FRESH, &curation, now) {
        return Ok(fresh);
    }
    if let Some(last) = list.current(STALE, &curation, now) {
        if let Ok(turn) = list.turn.clone().try_lock_owned() {
            let (sources, key) = (sources.clone(), key.clone());
            tokio::spawn(async move {
                if let Err(error) = renew(&sources, &key, &list).await {
                    tracing::warn!(?error, "a list could not be computed");
                }
                drop(turn);
            });
        }
        return Ok(last);
    }
    let _turn = list.turn.lock().await;
    match list.current(FRESH, &sources.rankings.curation(), sources.clock.now()) {
        Some(fresh) => Ok(fresh),
        None => renew(sources, key, &list).await,
    }
}

async fn renew(sources: &Sources, key: &Key, list: &List) -> Result<Arc<Snapshot>, Error> {
    let made = Arc::new(list::make(sources, key).await?);
    sources.rankings.lists.keep(made.clone());
    *list.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
    if made.lines.len() > SHARED {
        let (db, stored) = (sources.db.clone(), made.clone());
        let storing = tokio::spawn(async move {
            if let Err(error) = store::write(&db, &stored).await {
                tracing::warn!(?error, "a list could not be stored for other instances");
            }
        });
        // A long import may hold up writers; whoever pages here does not need them.
        drop(tokio::time::timeout(PATIENCE, storing).await);
    }
    Ok(made)
}

/// The snapshot of that id, on whatever instance it was made. Fails if it is of
/// another list, or too old.
pub async fn earlier(sources: &Sources, key: &Key, id: Uuid) -> Result<Arc<Snapshot>, Error> {
    let mut found = sources.rankings.lists.kept(id);
    if found.is_none() {
        found = store::read(&sources.db, id).await?.map(Arc::new);
    }
    let now = sources.clock.now().timestamp_millis();
    let found = found.filter(|found| now - found.as_of <= KEPT).ok_or_else(|| {
        let message = "This list is no longer kept: ask for its first page again, without `after`.";
        Error::invalid("after", Reason::Expired, message)
    })?;
    if found.list != key.name() {
        let message = "`after` is the cursor of another list: pass one that this list gave you.";
        return Err(Error::invalid("after", Reason::Invalid, message));
    }
    Ok(found)
}

impl Lists {
    fn of(&self, key: &Key, now: DateTime<Utc>) -> Arc<List> {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if !today.contains_key(key) && today.len() >= MOST {
            today.retain(|_, list| list.younger(STALE, now).is_some());
        }
        today.entry(key.clone()).or_default().clone()
    }

    fn kept(&self, id: Uuid) -> Option<Arc<Snapshot>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn keep(&self, snapshot: Arc<Snapshot>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            // The older half, or all that is too old.
            let mut times: Vec<i64> = kept.values().map(|kept| kept.as_of).collect();
            times.sort_unstable();
            let middle = times.get(times.len() / 2).copied().unwrap_or(0);
            let oldest = middle.max(snapshot.as_of - KEPT);
            kept.retain(|_, kept| kept.as_of > oldest);
        }
        kept.insert(snapshot.id, snapshot);
    }

    /// Forgets what nobody may page through any more.
    pub fn prune(&self, now: DateTime<Utc>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| now.timestamp_millis() - kept.as_of <= KEPT);
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        today.retain(|_, list| list.younger(STALE, now).is_some() || list.turn.try_lock().is_err());
    }
}
