//! The secret of each day, under which its visitors are hashed. Made by the
//! instance that needs it first, shared through the database, removed when no
//! event of the day is accepted any more: then nobody can tell who read.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::RwLock;

use entity::view_salt;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::sea_query::OnConflict;
use sha2::Digest;
use sha2::Sha256;

use crate::clock;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;

/// A day's secret.
pub type Salt = [u8; 32];

/// The salts that this instance has seen.
#[derive(Default)]
pub struct Salts {
    days: RwLock<BTreeMap<i32, Salt>>,
}

impl Salts {
    /// The salt of a day of the site.
    pub async fn of(&self, db: &Db, day: i32) -> Result<Salt, Error> {
        let known = self.days.read().unwrap_or_else(PoisonError::into_inner).get(&day).copied();
        if let Some(salt) = known {
            return Ok(salt);
        }
        let salt = match find(&db.read, day).await? {
            Some(salt) => salt,
            None => make(db, day).await?,
        };
        self.days.write().unwrap_or_else(PoisonError::into_inner).insert(day, salt);
        Ok(salt)
    }

    /// Removes the salts of days before this one.
    pub async fn prune(&self, txn: &Txn, before: i32) -> Result<(), Error> {
        view_salt::Entity::delete_many()
            .filter(view_salt::Column::Day.lt(before))
            .exec(&txn.db)
            .await?;
        self.days.write().unwrap_or_else(PoisonError::into_inner).retain(|day, _| *day >= before);
        Ok(())
    }
}

async fn make(db: &Db, day: i32) -> Result<Salt, Error> {
    let txn = db.begin().await?;
    let salt: Salt = Sha256::digest(clock::random()).into();
    let row = view_salt::ActiveModel { day: Set(day), salt: Set(salt.to_vec()) };
    let keep = OnConflict::column(view_salt::Column::Day).do_nothing().to_owned();
    view_salt::Entity::insert(row).on_conflict(keep).exec_without_returning(&txn.db).await?;
    // Another instance may have been faster.
    let salt = find(&txn.db, day).await?;
    txn.commit().await?;
    salt.ok_or_else(|| Error::Internal(format!("the salt of day {day} is not 32 bytes")))
}

async fn find(db: &impl sea_orm::ConnectionTrait, day: i32) -> Result<Option<Salt>, Error> {
    let row = view_salt::Entity::find_by_id(day).one(db).await?;
    Ok(row.and_then(|row| row.salt.try_into().ok()))
}
