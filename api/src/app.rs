//! What a running instance holds, opened once.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use tokio::sync::Mutex;
use tokio::sync::Notify;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::article;
use crate::auth::ended::Ended;
use crate::auth::http_body;
use crate::auth::jwt::Jwt;
use crate::auth::rate::Rates;
use crate::auth::token::LastUses;
use crate::cache::Cache;
use crate::clock;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::event;
use crate::live::Live;
use crate::ranking::Rankings;
use crate::ranking::Sources;
use crate::ranking::curate;
use crate::recommend;
use crate::recommend::Recommendations;
use crate::region;
use crate::region::Tree;
use crate::region::plan::Change;
use crate::search;
use crate::search::parse::Words;
use crate::view::Views;

/// An instance, shared. Each request has it.
#[derive(Clone)]
pub struct App(Arc<Instance>);

/// What an instance holds.
pub struct Instance {
    /// What it is known by among others.
    pub id: Uuid,
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Config,
    /// The counting of views.
    pub views: Arc<Views>,
    /// How often who asked.
    pub rates: Rates,
    /// How users of an identity provider are known.
    pub users: Option<Jwt>,
    /// When tokens were used.
    pub last_uses: LastUses,
    /// Tokens that were revoked.
    pub ended: Ended,
    /// Room for large bodies of requests, in bytes.
    pub bodies: Arc<Semaphore>,
    /// Words that queries are not cut at.
    pub words: Words,
    /// Told when articles wait to be indexed for search.
    pub unindexed: Notify,
    /// Those who subscribe.
    pub live: Arc<Live>,
    /// Answers to the public.
    pub cache: Cache,
    /// Held by the one who follows the change log.
    pub following: Mutex<()>,
    ranked: Arc<Rankings>,
    recommended: Arc<Recommendations>,
    tree: RwLock<Arc<Tree>>,
    /// The last event of the change log that is reflected in memory.
    followed: AtomicI64,
}

impl Deref for App {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        &self.0
    }
}

impl App {
    /// Connects, migrates, loads the region directory. A later edition than the one
    /// that is read is left to [`file_anew`](Self::file_anew).
    pub async fn open(config: Config, clock: Clock) -> Result<Self, Error> {
        let db = Db::connect(&config.database_url).await?;
        db.migrate().await?;
        let staged = region::load::builtin(&db).await?;
        if staged && region::edition(&db.read).await? == 0 {
            article::refile::run(&db, &clock, |_| ()).await?;
        }
        Self::assume_ready(db, config, clock).await
    }

    /// An instance of a database that is known to be migrated and loaded.
    pub async fn assume_ready(db: Db, config: Config, clock: Clock) -> Result<Self, Error> {
        config.pages.check()?;
        let newest = event::newest(&db.read).await?;
        let (followed, live) = (AtomicI64::new(newest), Arc::new(Live::new(&config, newest)));
        let tree = RwLock::new(Arc::new(region::read(&db.read).await?));
        let views = Arc::new(Views::new(&config));
        let ranked = Arc::new(Rankings::new(config.ranking_min_visitors.into()));
        curate::follow(&db, &ranked, clock.now()).await?;
        let words = Words::default();
        search::words::follow(&db.read, &words).await?;
        let rates = Rates::new(&config);
        let cache = Cache::new(&config);
        let instance = Instance {
            id: clock::new_id(),
            users: Jwt::new(&config.jwt)?,
            last_uses: LastUses::default(),
            ended: Ended::default(),
            bodies: http_body::room(&config),
            db,
            clock,
            config,
            views,
            rates,
            words,
            unindexed: Notify::new(),
            live,
            cache,
            following: Mutex::default(),
            ranked,
            recommended: Arc::default(),
            tree,
            followed,
        };
        Ok(Self(Arc::new(instance)))
    }

    /// The region directory of this moment.
    pub fn tree(&self) -> Arc<Tree> {
        self.tree.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What lists by views are made of.
    pub fn rankings(&self) -> Sources {
        Sources {
            db: self.db.clone(),
            clock: self.clock.clone(),
            views: self.views.clone(),
            rankings: self.ranked.clone(),
            tree: self.tree(),
        }
    }

    /// What recommended reading is made of.
    pub fn recommendations(&self) -> recommend::Sources {
        recommend::Sources { ranked: self.rankings(), recommendations: self.recommended.clone() }
    }

    /// Up to which event memory reflects the change log.
    pub fn followed(&self) -> i64 {
        self.followed.load(Ordering::SeqCst)
    }

    /// Notes that memory reflects the change log up to this event.
    pub fn set_followed(&self, id: i64) {
        self.followed.store(id, Ordering::SeqCst);
    }

    /// Carries out a staged change of the directory and looks for the next;
    /// removes what the last one left.
    pub async fn file_anew(&self) -> Result<(), Error> {
        while region::load::builtin(&self.db).await? {
            article::refile::run(&self.db, &self.clock, |_| ()).await?;
        }
        while article::refile::clean(&self.db, self.clock.now()).await? {}
        Ok(())
    }

    /// Makes a new edition of the directory and switches to it.
    /// `progress` hears how many articles each batch filed.
    pub async fn change_regions(
        &self,
        changes: Vec<Change>,
        progress: impl Fn(u64),
    ) -> Result<(), Error> {
        article::refile::run(&self.db, &self.clock, |_| ()).await?;
        let txn = self.db.begin_setup().await?;
        region::stage(&txn, self.tree().edition(), changes).await?;
        txn.commit().await?;
        article::refile::run(&self.db, &self.clock, progress).await?;
        self.refresh_tree().await
    }

    /// Reads the region directory anew.
    pub async fn refresh_tree(&self) -> Result<(), Error> {
        let tree = Arc::new(region::read(&self.db.read).await?);
        *self.tree.write().unwrap_or_else(PoisonError::into_inner) = tree;
        Ok(())
    }
}
