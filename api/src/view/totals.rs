//! Totals of all articles, in memory: filled at the start, raised by each batch
//! once it is committed, here or elsewhere. Reading one asks no database.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::RwLock;

use entity::view_total;
use futures_util::TryStreamExt;
use sea_orm::EntityTrait;
use sea_orm::QuerySelect;
use uuid::Uuid;

use super::log::Applied;
use super::log::Batch;
use super::log::Followed;
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
    followed: Followed,
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
        state.followed.of(writer)
    }

    /// Adds a batch if it is the next of its writer.
    pub fn apply(&self, batch: &Batch) -> Applied {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let applied = state.followed.admit(batch);
        if applied != Applied::Now {
            return applied;
        }
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
        let followed = Followed::read(&snapshot).await?;
        let columns = [
            view_total::Column::ArticleId,
            view_total::Column::Counted,
            view_total::Column::Imported,
        ];
        // One after the other: all of them at once take several times the memory.
        let mut rows = view_total::Entity::find()
            .select_only()
            .columns(columns)
            .into_tuple::<(Uuid, i64, i64)>()
            .stream(&snapshot)
            .await?;
        let mut totals = HashMap::new();
        while let Some((id, counted, imported)) = rows.try_next().await? {
            totals.insert(id, Totals { counted, imported });
        }
        drop(rows);
        let state = State { totals, followed };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }
}
