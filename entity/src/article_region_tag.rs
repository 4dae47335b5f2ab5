//! A region that was found in the text of an article.

use sea_orm::entity::prelude::*;

/// What is thought of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum TagState {
    /// Found; no editor has looked at it.
    #[sea_orm(string_value = "detected")]
    Detected,
    /// An editor says that it is right.
    #[sea_orm(string_value = "confirmed")]
    Confirmed,
    /// An editor says that it is wrong; it is not proposed again.
    #[sea_orm(string_value = "rejected")]
    Rejected,
}

/// A row of `article_region_tag`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "article_region_tag")]
pub struct Model {
    /// The article.
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    /// The region.
    #[sea_orm(primary_key, auto_increment = false)]
    pub region_code: String,
    /// What is thought of it.
    pub state: TagState,
    /// The words of the title or the text.
    pub surface: String,
    /// Where they begin in the title, a line feed and the plain text, in Unicode
    /// code points.
    pub text_offset: i32,
    /// The rule that found it, e.g. `short-name`.
    pub rule: String,
}

impl ActiveModelBehavior for ActiveModel {}
