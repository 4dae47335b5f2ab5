//! A correction of the imported base of an article, for ever.

use sea_orm::entity::prelude::*;

/// A row of `view_correction`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_correction")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The article.
    pub article_id: Uuid,
    /// When it was made.
    pub at: DateTimeUtc,
    /// By whom.
    pub token_id: Option<Uuid>,
    /// The base before.
    pub before: i64,
    /// The base after.
    pub after: i64,
    /// Why.
    pub reason: String,
}

impl ActiveModelBehavior for ActiveModel {}
