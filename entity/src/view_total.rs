//! Views of an article. Without a foreign key: counting never waits for, nor
//! fails with, the article's row.

use sea_orm::entity::prelude::*;

/// A row of `view_total`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_total")]
pub struct Model {
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// Views counted here.
    pub counted: i64,
    /// The largest number that an import brought along.
    pub imported: i64,
}

impl ActiveModelBehavior for ActiveModel {}
