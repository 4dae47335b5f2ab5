//! What identifies an imported article, so that importing again doubles
//! nothing. Keys outlive the article: what was deleted here stays deleted.

use sea_orm::entity::prelude::*;

/// A row of `import_key`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_key")]
pub struct Model {
    /// `external …`, `url …`, `title …` or `text …`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The article, which may be deleted by now.
    pub article_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
