//! Views of an article in an hour.

use sea_orm::entity::prelude::*;

/// A row of `view_hour`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_hour")]
pub struct Model {
    /// The hour (UTC), in hours since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i32,
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// Views counted in it.
    pub counted: i64,
}

impl ActiveModelBehavior for ActiveModel {}
