//! The last import of an article.

use sea_orm::entity::prelude::*;

/// A row of `import_article`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_article")]
pub struct Model {
    /// The article, which may be deleted by now.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// The article's version after that import; another one now means that an
    /// editor changed it here.
    pub article_version: i64,
    /// SHA-256 of what was imported, in hexadecimal.
    pub content_hash: String,
    /// The page that it came from.
    pub page_id: Option<Uuid>,
    /// When it was imported.
    pub imported_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
