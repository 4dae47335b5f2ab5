//! Totals of all articles, in memory: filled at the start, raised by each batch
//! once it is committed, here or elsewhere. Reading one asks no database.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::RwLock;

use entity::view_total;
use sea_orm::EntityTrait;
use sea_orm::QuerySelect;
use uuid::Uuid;

use super::log;
use super::log::Batch;
use crate::db::Db;
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
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    totals: HashMap<Uuid, Totals>,
    /// The last batch of each writer that is reflected here.
    followed: HashMap<Uuid, i64>,
}

/// What became of a batch that was held against memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was the next.
    Now,
    /// It was reflected already.
    Before,
    /// Batches before it are missing.
    Gap,
}

impl Memory {
    /// The views of an article.
    pub fn of(&self, article: Uuid) -> Totals {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.totals.get(&article).copied().unwrap_or_default()
    }

    /// Up to which batch of a writer memory is; 0 for one that is new.
    pub fn followed(&self, writer: Uuid) -> i64 {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.followed.get(&writer).copied().unwrap_or(0)
    }

    /// Adds a batch if it is the next of its writer.
    pub fn apply(&self, batch: &Batch) -> Applied {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let followed = state.followed.entry(batch.writer).or_insert(0);
        if batch.seq <= *followed {
            return Applied::Before;
        }
        if batch.seq > *followed + 1 {
            return Applied::Gap;
        }
        *followed = batch.seq;
        for view in &batch.views {
            state.totals.entry(view.article).or_default().counted += 1;
        }
        Applied::Now
    }

    /// Takes over what an import or an editor says of earlier views.
    pub fn set_imported(&self, article: Uuid, imported: i64) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.totals.entry(article).or_default().imported = imported;
    }

    /// Reads everything, as of one moment.
    pub async fn load(&self, db: &Db) -> Result<(), Error> {
        let snapshot = db.snapshot().await?;
        let mut state = State::default();
        for writer in log::writers(&snapshot).await? {
            state.followed.insert(writer.id, log::last(&snapshot, &writer).await?);
        }
        let rows: Vec<(Uuid, i64, i64)> = view_total::Entity::find()
            .select_only()
            .columns([
                view_total::Column::ArticleId,
                view_total::Column::Counted,
                view_total::Column::Imported,
            ])
            .into_tuple()
            .all(&snapshot)
            .await?;
        state.totals = rows
            .into_iter()
            .map(|(id, counted, imported)| (id, Totals { counted, imported }))
            .collect();
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }
}
