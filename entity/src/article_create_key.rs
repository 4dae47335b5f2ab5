//! Idempotency keys of article creation, so that a retry creates nothing twice.

use sea_orm::entity::prelude::*;

/// A row of `article_create_key`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "article_create_key")]
pub struct Model {
    /// The token's id, a blank and the client's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// What the first request created.
    pub article_id: Uuid,
    /// SHA-256 of the first request's input, in hexadecimal.
    pub input_hash: String,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
