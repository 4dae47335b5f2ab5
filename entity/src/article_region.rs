//! The regions of an article and every ancestor of them, so that "newest in a
//! province" is one index range.

use sea_orm::entity::prelude::*;

/// A row of `article_region`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "article_region")]
pub struct Model {
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// The region or one of its ancestors.
    #[sea_orm(primary_key, auto_increment = false)]
    pub region_code: String,
    /// The first edition of the directory under which the article is filed here.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_from: i64,
    /// The first edition under which it no longer is; null while it lasts.
    pub edition_until: Option<i64>,
    /// Whether an editor named this very region.
    pub direct: bool,
    /// As the article's, while it is published; otherwise null.
    pub published_at: Option<DateTimeUtc>,
    /// As the article's.
    pub unpublish_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
