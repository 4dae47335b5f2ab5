//! Views of an article in a calendar month of the site: those of days that were
//! folded into it.

use sea_orm::entity::prelude::*;

/// A row of `view_month`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_month")]
pub struct Model {
    /// The month, in months since January 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: i32,
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// Views of the folded days.
    pub counted: i64,
}

impl ActiveModelBehavior for ActiveModel {}
