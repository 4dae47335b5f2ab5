//! Somebody who is told of changes.

use sea_orm::entity::prelude::*;

/// A row of `webhook`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Where it is told.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Of which kinds of events, separated by blanks; empty: of all.
    pub kinds: String,
    /// In this region only.
    pub region_code: Option<String>,
    /// In this channel only.
    pub channel_id: Option<Uuid>,
    /// What is signed with: `whsec_` and base64.
    pub secret: String,
    /// What was signed with before.
    pub former_secret: Option<String>,
    /// Until then it is signed with both, exclusive.
    pub former_until: Option<DateTimeUtc>,
    /// Whether it is told anything at present.
    pub enabled: bool,
    /// Events up to this one are nothing to it.
    pub since: i64,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
