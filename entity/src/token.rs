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
    /// It is of no use from then on; `None`: without end.
    pub expires_at: Option<DateTimeUtc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTimeUtc>,
    /// When it was used last, to about a minute.
    pub last_used_at: Option<DateTimeUtc>,
    /// The only article that it shows, of a preview.
    pub article_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
