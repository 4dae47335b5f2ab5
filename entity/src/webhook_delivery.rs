//! What a webhook is told.

use sea_orm::entity::prelude::*;

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum State {
    /// It waits to be sent, or to be sent again.
    Pending = 0,
    /// It was taken.
    Delivered = 1,
    /// It was tried often enough.
    GivenUp = 2,
}

/// A row of `webhook_delivery`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    /// UUIDv7; what `webhook-id` is made of.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is told.
    pub webhook_id: Uuid,
    /// Of which event; `None`: of none, it is a test.
    pub event_id: Option<i64>,
    /// The type that the body tells.
    pub kind: String,
    /// What it is about: what comes later of the same waits for it.
    pub subject: String,
    /// The body as it is signed and sent.
    pub body: String,
    /// What became of it.
    pub state: State,
    /// How often it was sent in vain, since it was asked for.
    pub attempts: i32,
    /// Not to be sent before.
    pub next_at: DateTimeUtc,
    /// When it was written down.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
