//! An API token, known by its hash alone.

use sea_orm::entity::prelude::*;

/// A row of `token`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who or what uses it.
    pub name: String,
    /// SHA-256 of the token, in hexadecimal.
    #[sea_orm(unique)]
    pub hash: String,
    /// Scopes, separated by blanks.
    pub scopes: String,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
