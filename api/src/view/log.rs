//! The log of displays: what is in it is acknowledged, and all else is made of it.
//!
//! Batches are numbered from 1 without gaps, whoever writes them: a writer appends
//! the number after the last one that it has seen, and if another instance was
//! faster, it takes over that batch first and judges its own anew. So each batch is
//! judged by all before it, and who has seen a number has seen all before it.

use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use entity::setting;
use entity::view_log;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::DatabaseConnection;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::OnConflict;

use super::batch::Display;
use crate::db::Db;
use crate::db::Txn;
use crate::db::scan::Moment;
use crate::db::scan::Row;
use crate::error::Error;

/// So many batches are read at a time.
pub const MOST: u64 = 500;
/// The setting that tells up to where the log is folded.
pub const FOLDED: &str = "views_folded";

/// A batch of displays that were new.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Its number, from 1.
    pub seq: i64,
    /// The displays, each with its final class.
    pub displays: Arc<[Display]>,
}

/// What became of a batch that came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was the next.
    Now,
    /// It was known already.
    Before,
    /// Batches before it are missing.
    Gap,
}

/// Where a batch is in relation to the last one that was applied.
pub fn follows(through: i64, seq: i64) -> Applied {
    match seq - through {
        ..=0 => Applied::Before,
        1 => Applied::Now,
        _ => Applied::Gap,
    }
}

/// Displays as the log has them.
pub fn encode(displays: &[Display]) -> Result<Vec<u8>, Error> {
    postcard::to_stdvec(displays)
        .map_err(|error| Error::Internal(format!("displays cannot be encoded: {error}")))
}

/// At most [`MOST`] batches after a number. `log` is [`Db::log`].
pub async fn after(log: &DatabaseConnection, seq: i64) -> Result<Vec<Batch>, Error> {
    use view_log::Column;
    let rows = view_log::Entity::find()
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(MOST)
        .all(log)
        .await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: view_log::Model) -> Result<Batch, Error> {
    let displays: Vec<Display> = postcard::from_bytes(&row.displays)
        .map_err(|error| Error::Internal(format!("a batch of views is not readable: {error}")))?;
    Ok(Batch { seq: row.seq, displays: displays.into() })
}

/// Takes over the batches after those that were folded at some moment, until `take` breaks
/// or there are no more. False if some were folded and removed since: look again. Fails if
/// they are missing for another reason.
pub async fn replay(
    db: &Db,
    folded: i64,
    mut take: impl FnMut(Batch) -> ControlFlow<()>,
) -> Result<bool, Error> {
    let mut through = folded;
    loop {
        let batches = after(&db.log, through).await?;
        if batches.is_empty() {
            return Ok(through >= self::folded(&db.read).await?);
        }
        for batch in batches {
            if follows(through, batch.seq) == Applied::Gap {
                if self::folded(&db.read).await? > folded {
                    return Ok(false);
                }
                return Err(Error::Unavailable(format!(
                    "The log of views does not continue this database: it lacks what came after \
                     batch {through} and before batch {}. Restore both from the same backup, or go \
                     on without the log's views: move its file away, whose name ends in -views, \
                     or empty the table view_log.",
                    batch.seq
                )));
            }
            through = batch.seq;
            if take(batch).is_break() {
                return Ok(true);
            }
        }
    }
}

/// All batches after those that were folded at some moment; `None` if some were folded and
/// removed since. To be asked soon after that moment: batches are removed with time.
pub async fn unfolded(db: &Db, folded: i64) -> Result<Option<Vec<Batch>>, Error> {
    let mut batches = Vec::new();
    let take = |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    };
    Ok(replay(db, folded, take).await?.then_some(batches))
}

/// Removes batches before a number that are older than that. The last one stays: whoever
/// was held up for long finds by it that later numbers are taken.
pub async fn prune(db: &Db, folded: i64, before: DateTime<Utc>) -> Result<(), Error> {
    use view_log::Column;
    loop {
        // From the oldest on: nothing looks for old ones among all.
        let oldest: Vec<(i64, DateTime<Utc>)> = view_log::Entity::find()
            .select_only()
            .columns([Column::Seq, Column::At])
            .filter(Column::Seq.lt(folded))
            .order_by_asc(Column::Seq)
            .limit(MOST)
            .into_tuple()
            .all(&db.log)
            .await?;
        let old = oldest.iter().take_while(|(_, at)| *at < before);
        let Some((last, _)) = old.clone().last() else { return Ok(()) };
        view_log::Entity::delete_many().filter(Column::Seq.lte(*last)).exec(&db.log).await?;
        if (old.count() as u64) < MOST {
            return Ok(());
        }
    }
}

/// The number of the last batch that is folded, 0 for none.
pub async fn folded(db: &impl ConnectionTrait) -> Result<i64, Error> {
    match setting::Entity::find_by_id(FOLDED).one(db).await? {
        None => Ok(0),
        Some(row) => number(&row.value),
    }
}

/// The same, at some moment.
pub async fn folded_at(moment: &mut Moment) -> Result<i64, Error> {
    let mut folded = 0;
    let take = |row: Row| {
        folded = number(&row.get::<String>(0)?)?;
        Ok(())
    };
    moment.each(&format!("SELECT value FROM setting WHERE name = '{FOLDED}'"), take).await?;
    Ok(folded)
}

/// The number that the setting [`FOLDED`] is.
pub fn number(value: &str) -> Result<i64, Error> {
    value.parse().map_err(|_| Error::Internal(format!("{FOLDED} is {value}, which is no number")))
}

/// Notes that the log is folded up to a batch.
pub async fn set_folded(txn: &Txn, seq: i64) -> Result<(), Error> {
    let row = setting::ActiveModel { name: Set(FOLDED.into()), value: Set(seq.to_string()) };
    let replace =
        OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row).on_conflict(replace).exec_without_returning(&txn.db).await?;
    Ok(())
}
