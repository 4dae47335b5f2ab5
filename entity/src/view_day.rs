//! Views of an article on a calendar day of the site.

use sea_orm::entity::prelude::*;

/// A row of `view_day`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_day")]
pub struct Model {
    /// The day, in days since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// Views counted on it.
    pub counted: i64,
}

impl ActiveModelBehavior for ActiveModel {}
