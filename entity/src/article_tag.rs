//! The tags of an article, for "newest with this tag" as one index range.

use sea_orm::entity::prelude::*;

/// A row of `article_tag`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "article_tag")]
pub struct Model {
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// The tag, as written.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag: String,
    /// As the article's, while it is published; otherwise null.
    pub published_at: Option<DateTimeUtc>,
    /// As the article's.
    pub unpublish_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
