//! A section of the portal (频道).

use sea_orm::entity::prelude::*;

/// A row of `channel`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Unique, as in the address of a page.
    #[sea_orm(unique)]
    pub slug: String,
    /// As shown to readers.
    pub name: String,
}

impl ActiveModelBehavior for ActiveModel {}
