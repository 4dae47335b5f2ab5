//! An instance that counts views.

use sea_orm::entity::prelude::*;

/// A row of `view_writer`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_writer")]
pub struct Model {
    /// Made anew at each start.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Up to which batch the sketches and hot scores have its views.
    pub folded: i64,
    /// When it last said that it lives.
    pub seen_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
