//! Lists by views as they were at a moment, for those who page through them.

use sea_orm::entity::prelude::*;

/// A row of `ranking_snapshot`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ranking_snapshot")]
pub struct Model {
    /// What cursors call it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub as_of: DateTimeUtc,
    /// The list as JSON.
    #[sea_orm(column_type = "Text")]
    pub content: String,
}

impl ActiveModelBehavior for ActiveModel {}
