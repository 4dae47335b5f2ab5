//! The secret of a day, under which its visitors are hashed.

use sea_orm::entity::prelude::*;

/// A row of `view_salt`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "view_salt")]
pub struct Model {
    /// The site's day, in days since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    /// 32 random bytes.
    pub salt: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
