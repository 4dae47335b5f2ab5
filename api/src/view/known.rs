//! Which articles exist for readers, remembered for a few seconds so that not
//! every view asks the database. That there is none is never remembered: it may
//! just have been published.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use quick_cache::sync::Cache;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::article::find;
use crate::article::find::Shown;
use crate::error::Error;
use crate::id;

/// What was read so long ago is read again.
const FRESH: TimeDelta = TimeDelta::seconds(10);
/// So many articles and slugs are remembered.
const MOST: usize = 50_000;

/// The articles that were asked for lately.
pub struct Known {
    /// A slug is never given to another article.
    slugs: Cache<String, Uuid>,
    shown: Cache<Uuid, (Shown, DateTime<Utc>)>,
}

impl Default for Known {
    fn default() -> Self {
        Self { slugs: Cache::new(MOST), shown: Cache::new(MOST) }
    }
}

impl Known {
    /// The articles that readers see now among these global ids, UUIDs and slugs.
    pub async fn find<'a>(
        &self,
        db: &impl ConnectionTrait,
        names: impl Iterator<Item = &'a str>,
        now: DateTime<Utc>,
    ) -> Result<HashMap<&'a str, Uuid>, Error> {
        let (mut named, mut slugs) = (HashMap::new(), Vec::new());
        for name in names {
            match id::uuid("Article", name, "article").ok().or_else(|| self.slugs.get(name)) {
                Some(id) => drop(named.insert(name, id)),
                None => slugs.push(name),
            }
        }
        if !slugs.is_empty() {
            let holders = find::holders(db, &slugs).await?;
            for name in slugs {
                if let Some(id) = holders.get(name) {
                    self.slugs.insert(name.to_owned(), *id);
                    named.insert(name, *id);
                }
            }
        }
        // Looked at once: while the database answers, what is remembered may be forgotten.
        let mut seen: HashMap<Uuid, Option<bool>> =
            named.values().map(|id| (*id, self.is_shown(*id, now))).collect();
        let asked: Vec<Uuid> =
            seen.iter().filter(|(_, shown)| shown.is_none()).map(|(id, _)| *id).collect();
        if !asked.is_empty() {
            for (id, shown) in find::shown(db, &asked).await? {
                self.shown.insert(id, (shown, now));
                seen.insert(id, Some(shown.at(now)));
            }
        }
        named.retain(|_, id| seen.get(id) == Some(&Some(true)));
        Ok(named)
    }

    /// What is remembered of an article, unless that is too long ago.
    fn is_shown(&self, id: Uuid, now: DateTime<Utc>) -> Option<bool> {
        let (shown, read) = self.shown.get(&id)?;
        // A start that lies ahead may have been moved.
        (now - read < FRESH && shown.from <= now).then(|| shown.at(now))
    }

    /// The article has changed.
    pub fn forget(&self, id: Uuid) {
        self.shown.remove(&id);
    }
}
