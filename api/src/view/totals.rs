//! Totals of all articles, in memory: filled at the start, raised by each batch
//! once it is committed, here or elsewhere. Reading one asks no database.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::RwLock;

use uuid::Uuid;

use super::class::Class;
use super::log;
use super::log::Batch;
use crate::db::Db;
use crate::db::scan::Row;
use crate::error::Error;

/// The views of an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Counted here.
    pub counted: i64,
    /// The largest number that an import brought along, or an editor's correction.
    pub imported: i64,
}

impl Totals {
    /// What a page shows.
    pub fn shown(self) -> i64 {
        self.counted.saturating_add(self.imported)
    }
}

/// The totals that this instance knows.
#[derive(Default)]
pub struct Memory {
    totals: RwLock<HashMap<Uuid, Totals>>,
}

impl Memory {
    /// Knows these.
    pub fn new(totals: HashMap<Uuid, Totals>) -> Self {
        Self { totals: RwLock::new(totals) }
    }

    /// The views of an article.
    pub fn of(&self, article: Uuid) -> Totals {
        let totals = self.totals.read().unwrap_or_else(PoisonError::into_inner);
        totals.get(&article).copied().unwrap_or_default()
    }

    /// Tells each of these the views of its article, all as of one moment.
    pub fn each<'a, T>(
        &self,
        these: &'a [T],
        article: impl Fn(&T) -> Uuid,
        mut told: impl FnMut(&'a T, Totals),
    ) {
        let totals = self.totals.read().unwrap_or_else(PoisonError::into_inner);
        for one in these {
            told(one, totals.get(&article(one)).copied().unwrap_or_default());
        }
    }

    /// Adds the views of a batch.
    pub fn add(&self, batch: &Batch) {
        let mut totals = self.totals.write().unwrap_or_else(PoisonError::into_inner);
        for display in batch.displays.iter().filter(|display| display.class == Class::Counted) {
            totals.entry(display.article).or_default().counted += 1;
        }
    }

    /// Takes over what an import or an editor says of earlier views.
    pub fn set_imported(&self, article: Uuid, imported: i64) {
        let mut totals = self.totals.write().unwrap_or_else(PoisonError::into_inner);
        totals.entry(article).or_default().imported = imported;
    }

    /// Knows what the other one knows, and nothing else.
    pub fn replace(&self, other: Self) {
        let other = other.totals.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.totals.write().unwrap_or_else(PoisonError::into_inner) = other;
    }
}

/// Reads all totals as they are folded, and up to which batch of the log that is.
pub async fn read(db: Db) -> Result<(i64, HashMap<Uuid, Totals>), Error> {
    let mut moment = db.moment().await?;
    let folded = log::folded_at(&mut moment).await?;
    let mut totals = HashMap::new();
    let take = |row: Row| {
        totals.insert(row.id(0)?, Totals { counted: row.get(1)?, imported: row.get(2)? });
        Ok(())
    };
    moment.each("SELECT article_id, counted, imported FROM view_total", take).await?;
    Ok((folded, totals))
}
