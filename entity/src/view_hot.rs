//! How hot an article is: log2 forward-decay scores.

use sea_orm::entity::prelude::*;

/// A row of `view_hot`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "view_hot")]
pub struct Model {
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// With the half-life of an hour.
    pub fast: f64,
    /// With the half-life of three hours.
    pub slow: f64,
}

impl ActiveModelBehavior for ActiveModel {}
