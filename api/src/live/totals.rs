//! Totals of views, told when they change.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::try_unfold;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::sleep_until;
use uuid::Uuid;

use crate::clock::Clock;
use crate::db::Db;
use crate::error::Error;
use crate::view::Views;
use crate::view::totals::Totals;

/// The time between two answers, at least.
const PAUSE: Duration = Duration::from_secs(1);

/// One who wants to know totals.
pub struct Watcher {
    db: Db,
    clock: Clock,
    views: Arc<Views>,
    articles: Vec<Uuid>,
    /// What was looked at before, whether readers see the article or not.
    told: HashMap<Uuid, Totals>,
    changed: watch::Receiver<()>,
    next: Instant,
}

impl Watcher {
    /// Of these articles; those that readers do not see are left out while they do not.
    pub fn new(db: Db, clock: Clock, views: Arc<Views>, articles: Vec<Uuid>) -> Self {
        let mut changed = views.changed.subscribe();
        // The first answer comes at once.
        changed.mark_changed();
        let told = HashMap::new();
        Self { db, clock, views, articles, told, changed, next: Instant::now() }
    }

    /// All of them, then those that changed.
    pub fn totals(self) -> impl Stream<Item = Result<Vec<(Uuid, Totals)>, Error>> {
        try_unfold(self, |mut watcher| async move {
            let totals = watcher.next().await?;
            Ok(totals.map(|totals| (totals, watcher)))
        })
    }

    async fn next(&mut self) -> Result<Option<Vec<(Uuid, Totals)>>, Error> {
        loop {
            sleep_until(self.next).await;
            if self.changed.changed().await.is_err() {
                return Ok(None);
            }
            self.next = Instant::now() + PAUSE;
            let first = self.told.is_empty();
            let changed = self.changed_ones();
            let seen = self.seen(&changed).await?;
            self.told.extend(changed);
            if first || !seen.is_empty() {
                return Ok(Some(seen));
            }
        }
    }

    /// Those whose totals are others than before.
    fn changed_ones(&self) -> Vec<(Uuid, Totals)> {
        let totals = self.articles.iter().map(|id| (*id, self.views.totals.of(*id)));
        totals.filter(|(id, totals)| self.told.get(id) != Some(totals)).collect()
    }

    /// Of these, those that readers see.
    async fn seen(&self, changed: &[(Uuid, Totals)]) -> Result<Vec<(Uuid, Totals)>, Error> {
        let names: Vec<String> = changed.iter().map(|(id, _)| id.to_string()).collect();
        let names = names.iter().map(String::as_str);
        let seen = self.views.known.find(&self.db.read, names, self.clock.now()).await?;
        let seen: HashSet<Uuid> = seen.into_values().collect();
        Ok(changed.iter().filter(|(id, _)| seen.contains(id)).copied().collect())
    }
}
