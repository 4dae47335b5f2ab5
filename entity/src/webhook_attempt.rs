//! How an attempt to tell a webhook something ended.

use sea_orm::entity::prelude::*;

/// A row of `webhook_attempt`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_attempt")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of what.
    pub delivery_id: Uuid,
    /// When it began.
    pub at: DateTimeUtc,
    /// The HTTP status that came.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took.
    pub milliseconds: i32,
}

impl ActiveModelBehavior for ActiveModel {}
