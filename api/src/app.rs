//! What a running instance holds, opened once.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::event;
use crate::region;
use crate::region::Tree;

/// An instance. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Arc<Config>,
    tree: Arc<RwLock<Arc<Tree>>>,
    /// The last event of the change log that is reflected in memory.
    followed: Arc<AtomicI64>,
}

impl App {
    /// Connects, migrates, loads the region directory.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, Error> {
        let db = Db::connect(&config.database_url).await?;
        db.migrate().await?;
        region::load(&db, clock.now()).await?;
        Self::assume_ready(db, config, clock).await
    }

    /// An instance of a database that is known to be migrated and loaded.
    pub async fn assume_ready(db: Db, config: Config, clock: Clock) -> Result<Self, Error> {
        let followed = Arc::new(AtomicI64::new(event::newest(&db.read).await?));
        let tree = Arc::new(RwLock::new(Arc::new(region::read(&db.read).await?)));
        Ok(Self { db, clock, config: Arc::new(config), tree, followed })
    }

    /// The region directory of this moment.
    pub fn tree(&self) -> Arc<Tree> {
        self.tree.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Up to which event memory reflects the change log.
    pub fn followed(&self) -> i64 {
        self.followed.load(Ordering::SeqCst)
    }

    /// Notes that memory reflects the change log up to this event.
    pub fn set_followed(&self, id: i64) {
        self.followed.store(id, Ordering::SeqCst);
    }

    /// Reads the region directory anew.
    pub async fn refresh_tree(&self) -> Result<(), Error> {
        let tree = Arc::new(region::read(&self.db.read).await?);
        *self.tree.write().unwrap_or_else(PoisonError::into_inner) = tree;
        Ok(())
    }
}
