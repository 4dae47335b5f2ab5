//! An administrative division (GB/T 2260), or another region.

use sea_orm::entity::prelude::*;

/// A row of `region`: what the editions of the directory from `edition_from` to
/// before `edition_until` say about a region.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region")]
pub struct Model {
    /// Six digits of GB/T 2260 where it has one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// The first edition with this row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edition_from: i64,
    /// The first edition without it; null while it lasts.
    pub edition_until: Option<i64>,
    /// The full name, e.g. 石家庄市.
    pub name: String,
    /// The name without its ending, e.g. 石家庄.
    pub short_name: String,
    /// What it was called before, separated by `|`.
    pub former_names: String,
    /// `province`, `prefecture` or `county`.
    pub level: String,
    /// The type of division, e.g. `prefecture_city`.
    pub kind: String,
    /// The code of the row above, which may be a summary group.
    pub parent: Option<String>,
    /// e.g. `hebei/shijiazhuang`; null for summary groups and closed divisions.
    pub path: Option<String>,
    /// Of the full name, a syllable for each character: `shi jia zhuang shi`.
    pub pinyin: Option<String>,
    /// ISO 3166-2, of provinces.
    pub iso: Option<String>,
    /// The date or year from which it exists, where that is known.
    pub since: Option<String>,
    /// The date or year in which it was closed.
    pub until: Option<String>,
    /// The code of the region that it became part of.
    pub successor: Option<String>,
    /// Who says so, e.g. `mca-2024`.
    pub source: String,
    /// How it came here: `builtin`, `file` or `import`.
    pub origin: String,
}

impl ActiveModelBehavior for ActiveModel {}
