//! The visitors of an article on a day, as a sketch.

use sea_orm::entity::prelude::*;

/// A row of `view_visitors`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_visitors")]
pub struct Model {
    /// The site's day, in days since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// A HyperLogLog sketch.
    pub sketch: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
