//! The log of batches: every instance adds to it in its counting transactions
//! and follows those of the others. Each writer numbers its batches without gaps
//! and commits them in order, so a follower that has seen a number has seen all
//! before it, whatever other instances hold open.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::view_batch;
use entity::view_writer;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::batch::Counted;
use crate::db::Txn;
use crate::error::Error;

/// So many batches are read at a time.
pub const MOST: u64 = 500;

/// A batch of a writer.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Who wrote it.
    pub writer: Uuid,
    /// Its number, from 1.
    pub seq: i64,
    /// The views.
    pub views: Vec<Counted>,
}

/// Up to which batch of each writer the log has been followed.
#[derive(Debug, Default)]
pub struct Followed(HashMap<Uuid, i64>);

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

impl Followed {
    /// The last batch of every writer that is in the database.
    pub async fn read(db: &impl ConnectionTrait) -> Result<Self, Error> {
        let mut followed = HashMap::new();
        for writer in writers(db).await? {
            followed.insert(writer.id, last(db, &writer).await?);
        }
        Ok(Self(followed))
    }

    /// The last batch of a writer that was followed, 0 for none.
    pub fn of(&self, writer: Uuid) -> i64 {
        self.0.get(&writer).copied().unwrap_or(0)
    }

    /// Goes on to a batch if it is the next of its writer.
    pub fn admit(&mut self, batch: &Batch) -> Applied {
        let followed = self.0.entry(batch.writer).or_insert(0);
        match batch.seq - *followed {
            ..=0 => Applied::Before,
            1 => {
                *followed = batch.seq;
                Applied::Now
            }
            _ => Applied::Gap,
        }
    }
}

/// Where an entry stands in the log.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Who writes it.
    pub writer: Uuid,
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Appends a batch.
pub async fn append(txn: &Txn, stamp: Stamp, views: &[Counted]) -> Result<(), Error> {
    let Stamp { writer, seq, at } = stamp;
    let row = view_batch::Model { writer, seq, at, views: encode(views)? };
    view_batch::Entity::insert(row.into_active_model()).exec_without_returning(&txn.db).await?;
    Ok(())
}

/// Views as the log has them.
pub fn encode(views: &[Counted]) -> Result<Vec<u8>, Error> {
    postcard::to_stdvec(views)
        .map_err(|error| Error::Internal(format!("views cannot be encoded: {error}")))
}

/// Notes that a writer lives.
pub async fn alive(txn: &Txn, writer: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    use view_writer::Column;
    let row = view_writer::ActiveModel { id: Set(writer), folded: Set(0), seen_at: Set(now) };
    let again = OnConflict::column(Column::Id).update_column(Column::SeenAt).to_owned();
    view_writer::Entity::insert(row).on_conflict(again).exec_without_returning(&txn.db).await?;
    Ok(())
}

/// Every writer, with the number up to which its batches are folded.
pub async fn writers(db: &impl ConnectionTrait) -> Result<Vec<view_writer::Model>, Error> {
    Ok(view_writer::Entity::find().order_by_asc(view_writer::Column::Id).all(db).await?)
}

/// At most [`MOST`] batches of a writer after a number.
pub async fn after(db: &impl ConnectionTrait, writer: Uuid, seq: i64) -> Result<Vec<Batch>, Error> {
    use view_batch::Column;
    let rows = view_batch::Entity::find()
        .filter(Column::Writer.eq(writer))
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(MOST)
        .all(db)
        .await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: view_batch::Model) -> Result<Batch, Error> {
    let views = postcard::from_bytes(&row.views)
        .map_err(|error| Error::Internal(format!("a batch of views is not readable: {error}")))?;
    Ok(Batch { writer: row.writer, seq: row.seq, views })
}

/// The number of a writer's last batch.
pub async fn last(db: &impl ConnectionTrait, writer: &view_writer::Model) -> Result<i64, Error> {
    let last: Option<i64> = view_batch::Entity::find()
        .select_only()
        .column(view_batch::Column::Seq)
        .filter(view_batch::Column::Writer.eq(writer.id))
        .order_by_desc(view_batch::Column::Seq)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.unwrap_or(writer.folded))
}
