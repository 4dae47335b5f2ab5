//! A visitor's visit to an article in a window.

use sea_orm::entity::prelude::*;

/// A row of `view_visit`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_visit")]
pub struct Model {
    /// The hour after whose end nobody asks for it, in hours since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i32,
    /// The hash of visitor, article and window.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
