//! Which articles can be searched for. The tokens of their texts are in the full-text index of
//! the database: on SQLite the table `search_index`, on PostgreSQL the column `words`.

use sea_orm::entity::prelude::*;

/// A row of `search_document`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "search_document")]
pub struct Model {
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// Its place in the order of time, the row of `search_index`.
    pub place: i64,
    /// As the article's.
    pub unpublish_at: Option<DateTimeUtc>,
    /// Which version of the program's rules made its tokens.
    pub format: i16,
}

impl ActiveModelBehavior for ActiveModel {}
