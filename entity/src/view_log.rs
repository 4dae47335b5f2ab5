//! A committed batch of displays. The views are acknowledged by it, and folded from it.

use sea_orm::entity::prelude::*;

/// A row of `view_log`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_log")]
pub struct Model {
    /// Its number, from 1 without gaps, in the order of commits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// When it was written.
    pub at: DateTimeUtc,
    /// The displays, encoded.
    pub displays: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
