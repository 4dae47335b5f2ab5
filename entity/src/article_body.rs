//! The text of an article: what was written, and what was rendered from it.

use sea_orm::entity::prelude::*;

/// A row of `article_body`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "article_body")]
pub struct Model {
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// The source text, CommonMark with `<!--more-->` as the fold.
    pub markdown: String,
    /// Sanitised HTML.
    pub html: String,
    /// The blocks as JSON; their texts make up the plain text.
    pub blocks: String,
    /// So many blocks stand before the fold.
    pub fold_at: Option<i32>,
    /// Words: Latin ones, and each Chinese character as one.
    pub word_count: i32,
    /// Which renderer made html and blocks.
    pub renderer_version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
