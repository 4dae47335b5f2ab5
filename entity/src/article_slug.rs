//! Every slug that an article has or had. A slug is never given twice.

use sea_orm::entity::prelude::*;

/// A row of `article_slug`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "article_slug")]
pub struct Model {
    /// As in the address of a page, not percent-encoded.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// The article that answers to it; stays when the article is deleted.
    pub article_id: Uuid,
    /// When it was given.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
