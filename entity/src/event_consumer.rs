//! Who reads the change log for somebody else, and how far it is read.

use sea_orm::entity::prelude::*;

/// A row of `event_consumer`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_consumer")]
pub struct Model {
    /// For what.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The last event that was taken.
    pub position: i64,
    /// The instance that does it.
    pub holder: Uuid,
    /// Until then no other instance does, exclusive.
    pub until: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
