//! What is known of an article to the last batch: the tables as of one moment, and the
//! displays of it that are not folded into them yet.

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::Views;
use super::batch::Display;
use super::follow;
use super::log;
use crate::db::Db;
use crate::error::Error;

/// All there is of an article.
pub struct Latest {
    /// The tables.
    pub tables: DatabaseTransaction,
    /// What they lack.
    pub displays: Vec<Display>,
}

/// All there is of an article at this moment.
pub async fn of(db: &Db, views: &Views, article: Uuid) -> Result<Latest, Error> {
    loop {
        let tables = db.snapshot().await?;
        let folded = log::folded(&tables).await?;
        let batches = views.tail().after_folded(folded);
        if let Some(batches) = batches {
            let displays = batches.iter().flat_map(|batch| &*batch.displays);
            let displays = displays.filter(|display| display.article == article).cloned().collect();
            return Ok(Latest { tables, displays });
        }
        // Somebody folded in between, or this instance has yet to hear of what was folded.
        drop(tables);
        follow::run(db, views).await?;
    }
}
