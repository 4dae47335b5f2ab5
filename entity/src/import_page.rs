//! A portal page that was imported, kept as it came.

use sea_orm::entity::prelude::*;

/// A row of `import_page`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_page")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of the text, in hexadecimal; the same page is kept once.
    #[sea_orm(unique)]
    pub hash: String,
    /// The site's name.
    pub site: Option<String>,
    /// The site's column, e.g. 最新热点.
    pub site_column: Option<String>,
    /// The page as decoded, untouched.
    pub raw: String,
    /// The page's recommended list: rank, title, views.
    pub recommended: Json,
    /// When it was imported first.
    pub imported_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
