//! What the instances agree on: data versions and positions of jobs.

use sea_orm::entity::prelude::*;

/// A row of `setting`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setting")]
pub struct Model {
    /// The name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The value as text.
    pub value: String,
}

impl ActiveModelBehavior for ActiveModel {}
