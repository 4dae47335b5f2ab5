//! Events of a day that were no counted view, by class.

use sea_orm::entity::prelude::*;

/// A row of `view_excluded`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_excluded")]
pub struct Model {
    /// The site's day, in days since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// Why they were not counted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub class: i16,
    /// How many.
    pub excluded: i64,
}

impl ActiveModelBehavior for ActiveModel {}
