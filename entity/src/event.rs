//! The change log, in commit order.

use sea_orm::entity::prelude::*;

/// A row of `event`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Rises in commit order.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the change was made.
    pub at: DateTimeUtc,
    /// What happened, e.g. `article.published`.
    pub kind: String,
    /// To which article.
    pub article_id: Option<Uuid>,
    /// What listeners need besides: slugs, regions, channel.
    pub data: Json,
    /// Makes an event that several instances may find unique.
    #[sea_orm(unique)]
    pub once: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
