//! Lists by views: what is wanted now, and what was read most.
//!
//! Every instance keeps the views of all articles in memory ([`board`]), read once
//! ([`load`]) and then kept up by the log of views ([`follow`]). A list is computed
//! there ([`top`]), looked over ([`list`]) and kept for those who page through it
//! ([`snapshot`]). What editors pin or exclude ([`curate`]) is in memory, too
//! ([`curation`]).

pub mod board;
pub mod bucket;
pub mod crowd;
pub mod curate;
pub mod curation;
pub mod follow;
pub mod graphql;
pub mod graphql_curation;
pub mod heat;
pub mod list;
pub mod load;
pub mod load_places;
pub mod mutation;
pub mod places;
pub mod snapshot;
pub mod store;
pub mod top;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use uuid::Uuid;

use self::curation::Curation;
use crate::clock::Clock;
use crate::db::Db;
use crate::region::Tree;
use crate::view::Views;

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Views that count for less the older they are.
    Hot,
    /// Views in so many hours, the running one among them: 1, 24, 168 or 720.
    Read(Window),
}

/// Whose views are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// The running hour.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// All, also what imports say of earlier times.
    All,
}

/// Which articles a list may have; all of the site by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// About the region of this code or one below it.
    pub region: Option<String>,
    /// In the channel of this id.
    pub channel: Option<Uuid>,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Its order.
    pub kind: Kind,
    /// Its articles.
    pub scope: Scope,
}

impl Scope {
    /// Whether it is the whole site.
    pub fn is_whole(&self) -> bool {
        self.region.is_none() && self.channel.is_none()
    }
}

impl Key {
    /// Tells lists apart, on every instance alike.
    pub fn name(&self) -> String {
        let Scope { region, channel } = &self.scope;
        let channel = channel.map(|id| id.to_string()).unwrap_or_default();
        format!("{:?} {} {channel}", self.kind, region.as_deref().unwrap_or_default())
    }
}

/// What an instance holds for lists by views.
pub struct Rankings {
    /// So many different visitors an article needs on one day.
    min_visitors: usize,
    board: RwLock<Option<board::Board>>,
    /// Whether the board is to be read anew.
    stale: AtomicBool,
    /// Articles that changed since the board last looked.
    touched: Mutex<HashSet<Uuid>>,
    /// Held by the one who brings the board up to date.
    turn: tokio::sync::Mutex<()>,
    lists: snapshot::Lists,
    /// What editors pinned and excluded.
    curation: RwLock<Arc<Curation>>,
}

/// What lists are made of.
#[derive(Clone)]
pub struct Sources {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// The counting of views.
    pub views: Arc<Views>,
    /// The lists.
    pub rankings: Arc<Rankings>,
    /// The region directory of this moment.
    pub tree: Arc<Tree>,
}

impl Rankings {
    /// Empty; an article needs so many different visitors on one day, 0 to 500.
    pub fn new(min_visitors: usize) -> Self {
        Self {
            min_visitors,
            board: RwLock::new(None),
            stale: AtomicBool::new(false),
            touched: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            lists: snapshot::Lists::default(),
            curation: RwLock::default(),
        }
    }

    /// Notes that articles, or what imports say of their views, changed.
    pub fn touch(&self, articles: impl IntoIterator<Item = Uuid>) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).extend(articles);
    }

    /// What editors pinned and excluded.
    pub fn curation(&self) -> Arc<Curation> {
        self.curation.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what editors pinned and excluded if it is later than what is kept.
    pub fn curate(&self, curation: Curation) {
        let mut kept = self.curation.write().unwrap_or_else(PoisonError::into_inner);
        if curation.newest() > kept.newest() {
            *kept = Arc::new(curation);
        }
    }

    /// Has everything read anew.
    pub fn set_stale(&self) {
        self.stale.store(true, Ordering::SeqCst);
    }
}
