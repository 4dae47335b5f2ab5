//! The visits of a network to an article in a window.

use sea_orm::entity::prelude::*;

/// A row of `view_network`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_network")]
pub struct Model {
    /// The hour after whose end nobody asks for it, in hours since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i32,
    /// The hash of network, article and window.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Uuid,
    /// How many.
    pub visits: i64,
}

impl ActiveModelBehavior for ActiveModel {}
