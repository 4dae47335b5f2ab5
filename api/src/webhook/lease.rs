//! One instance at a time reads the change log for webhooks: it holds a lease, and writes down
//! how far it is.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::event_consumer;
use entity::event_consumer::Column;
use entity::event_consumer::Model as Consumer;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::Condition;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;

const NAME: &str = "webhooks";
/// Takes or keeps the lease for this time: up to which event the log is read. `None` when another instance
/// has it.
pub async fn hold(
    db: &Db,
    holder: Uuid,
    length: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<i64>, Error> {
    let known = event_consumer::Entity::find_by_id(NAME).one(&db.read).await?;
    match known {
        Some(known) if known.holder == holder && now + length / 2 < known.until => {
            Ok(Some(known.position))
        }
        Some(known) if known.holder != holder && now < known.until => Ok(None),
        Some(_) => take(db, holder, now + length, now).await,
        None => {
            let first = Consumer { name: NAME.into(), position: 0, holder, until: now + length };
            let txn = db.begin().await?;
            let skip = OnConflict::column(Column::Name).do_nothing().to_owned();
            let inserted = event_consumer::Entity::insert(first.into_active_model())
                .on_conflict(skip)
                .exec_without_returning(&txn.db)
                .await?;
            txn.commit().await?;
            Ok((inserted > 0).then_some(0))
        }
    }
}

async fn take(
    db: &Db,
    holder: Uuid,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<i64>, Error> {
    let txn = db.begin().await?;
    let free = Condition::any().add(Column::Holder.eq(holder)).add(Column::Until.lte(now));
    let taken = event_consumer::ActiveModel {
        holder: Set(holder),
        until: Set(until),
        ..Default::default()
    };
    let taken = event_consumer::Entity::update_many()
        .set(taken)
        .filter(Column::Name.eq(NAME))
        .filter(free)
        .exec(&txn.db)
        .await?;
    let known = event_consumer::Entity::find_by_id(NAME).one(&txn.db).await?;
    txn.commit().await?;
    let position = known.map(|known| known.position);
    Ok(position.filter(|_| taken.rows_affected > 0))
}

/// Notes that the log is read up to an event; false when another instance has the lease, or
/// has read on.
pub async fn advance(txn: &Txn, holder: Uuid, from: i64, to: i64) -> Result<bool, Error> {
    let advanced = event_consumer::Entity::update_many()
        .set(event_consumer::ActiveModel { position: Set(to), ..Default::default() })
        .filter(Column::Name.eq(NAME))
        .filter(Column::Holder.eq(holder))
        .filter(Column::Position.eq(from))
        .exec(&txn.db)
        .await?;
    Ok(advanced.rows_affected > 0)
}

/// Gives the lease back, if it is this holder's.
pub async fn release(db: &Db, holder: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    let known = event_consumer::Entity::find_by_id(NAME).one(&db.read).await?;
    if known.is_none_or(|known| known.holder != holder) {
        return Ok(());
    }
    let txn = db.begin().await?;
    event_consumer::Entity::update_many()
        .set(event_consumer::ActiveModel { until: Set(now), ..Default::default() })
        .filter(Column::Name.eq(NAME))
        .filter(Column::Holder.eq(holder))
        .exec(&txn.db)
        .await?;
    txn.commit().await
}
