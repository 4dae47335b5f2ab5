//! A committed batch of counted views, for those who follow.

use sea_orm::entity::prelude::*;

/// A row of `view_batch`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_batch")]
pub struct Model {
    /// The instance that wrote it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub writer: Uuid,
    /// Its number among the writer's batches, from 1 without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// When it was written.
    pub at: DateTimeUtc,
    /// The views, encoded.
    pub views: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
