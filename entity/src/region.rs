//! An administrative division (GB/T 2260), or another region.

use sea_orm::entity::prelude::*;

/// A row of `region`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region")]
pub struct Model {
    /// Six digits of GB/T 2260 where it has one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// The full name, e.g. 石家庄市.
    pub name: String,
    /// `province`, `prefecture` or `county`.
    pub level: String,
    /// The type of division, e.g. `prefecture_city`.
    pub kind: String,
    /// The code of the row above, which may be a summary group.
    pub parent: Option<String>,
    /// e.g. `hebei/shijiazhuang`; null for summary groups.
    #[sea_orm(unique)]
    pub path: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
