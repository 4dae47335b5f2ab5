//! What an editor said of an article among what is recommended with another one, for ever: the
//! last row of the two says what holds.

use sea_orm::entity::prelude::*;

/// A row of `recommendation_override`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_override")]
pub struct Model {
    /// UUIDv7; each is larger than all before.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The article that is read; `None`: whichever.
    pub article_id: Option<Uuid>,
    /// The article that is recommended or not.
    pub recommended_id: Uuid,
    /// 0: nothing, 1: blocked, 2: pinned.
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
