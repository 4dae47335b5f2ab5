//! Recommended reading (推荐阅读): what a reader of an article may want next.
//!
//! Every instance keeps the newest articles in memory ([`pool`]): what they are about ([`text`])
//! and where. It is kept up by the change log ([`follow`], [`read`]). What is read in the same
//! visit comes from the log of views ([`together`]). A list is chosen out of that ([`choose`],
//! [`make`]) and kept for a while ([`kept`]). Editors pin and block ([`curate`]).

pub mod choose;
pub mod curate;
pub mod follow;
pub mod graphql;
pub mod kept;
pub mod make;
pub mod mutation;
pub mod pool;
pub mod read;
pub mod text;
pub mod together;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use chrono::DateTime;
use chrono::Utc;
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::kept::Lists;
use self::pool::Pool;
use self::together::Together;
use crate::ranking;

/// So many lists are made at a time of articles that appeared.
const PREPARED: usize = 100;
/// So many lists are made at a time.
const MAKERS: usize = 2;

/// Why an article is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// An editor pinned it.
    Editor,
    /// It tells of the same event.
    SameStory,
    /// It is about something similar.
    Similar,
    /// Who read the one read the other.
    ReadTogether,
    /// It is about the same region.
    SameRegion,
    /// It is among what is read most now, or was.
    Hot,
}

/// What was hot.
#[derive(Clone)]
struct Hot {
    at: DateTime<Utc>,
    /// By the last word of an editor on lists by views.
    curated: Uuid,
    articles: Vec<Uuid>,
}

/// What an instance holds for recommended reading.
#[derive(Default)]
pub struct Recommendations {
    pool: RwLock<Option<Pool>>,
    together: Mutex<Together>,
    hot: Mutex<Option<Hot>>,
    /// The lists.
    pub lists: Lists,
    /// Articles that changed since the pool last looked.
    touched: Mutex<HashSet<Uuid>>,
    /// Articles that appeared, whose lists are to be made.
    appeared: Mutex<Vec<Uuid>>,
    /// Whether the pool is to be read anew.
    stale: AtomicBool,
    /// Held by those who make lists.
    makers: Makers,
    /// Held by the one who brings the pool up to date.
    turn: tokio::sync::Mutex<()>,
}

struct Makers(Arc<Semaphore>);

impl Default for Makers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAKERS)))
    }
}

/// What recommended reading is made of.
#[derive(Clone)]
pub struct Sources {
    /// What lists by views are made of.
    pub ranked: ranking::Sources,
    /// What is recommended.
    pub recommendations: Arc<Recommendations>,
}

impl Recommendations {
    /// Notes that articles changed.
    pub fn touch(&self, articles: impl IntoIterator<Item = Uuid>) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).extend(articles);
    }

    /// Notes that an article appeared.
    pub fn appear(&self, article: Uuid) {
        let mut appeared = self.appeared.lock().unwrap_or_else(PoisonError::into_inner);
        // After an import, whoever reads one of very many has its list made.
        if appeared.len() < PREPARED {
            appeared.push(article);
        }
    }

    /// Has the pool read anew.
    pub fn set_stale(&self) {
        self.stale.store(true, Ordering::SeqCst);
    }

    fn together(&self) -> MutexGuard<'_, Together> {
        self.together.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hot(&self) -> MutexGuard<'_, Option<Hot>> {
        self.hot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self) -> RwLockReadGuard<'_, Option<Pool>> {
        self.pool.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool_mut(&self) -> RwLockWriteGuard<'_, Option<Pool>> {
        self.pool.write().unwrap_or_else(PoisonError::into_inner)
    }
}
