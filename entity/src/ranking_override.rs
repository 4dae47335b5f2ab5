//! What an editor said of an article's place in lists by views, for ever: the last
//! row of an article says what holds.

use sea_orm::entity::prelude::*;

/// A row of `ranking_override`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ranking_override")]
pub struct Model {
    /// UUIDv7; each is larger than all before.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The article.
    pub article_id: Uuid,
    /// 0: nothing, 1: excluded, 2: pinned.
    pub mode: i16,
    /// Why.
    pub reason: String,
    /// Until then, exclusive; `None`: without end.
    pub until: Option<DateTimeUtc>,
    /// When it was said.
    pub at: DateTimeUtc,
    /// By whom.
    pub token_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
