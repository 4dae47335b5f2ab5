//! An event that was seen.

use sea_orm::entity::prelude::*;

/// A row of `view_event`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_event")]
pub struct Model {
    /// The hour after whose end nobody asks for it, in hours since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i32,
    /// The event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The code of its class.
    pub class: i16,
}

impl ActiveModelBehavior for ActiveModel {}
