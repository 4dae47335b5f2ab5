//! Who changed what, for ever.

use sea_orm::entity::prelude::*;

/// A row of `audit_entry`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// The token, or the user of an identity provider; `None`: the command line.
    pub actor_id: Option<Uuid>,
    /// How it was called then.
    pub actor_name: String,
    /// The mutation, or the command.
    pub action: String,
    /// What was changed, as `Type:key`.
    pub subject: Option<String>,
    /// What was asked for, with long texts cut.
    pub input: Json,
}

impl ActiveModelBehavior for ActiveModel {}
