//! Articles: draft → published → withdrawn; who may see what, and when.

pub mod block;
pub mod body;
pub mod find;
pub mod flip;
pub mod graphql;
pub mod graphql_body;
pub mod graphql_filter;
pub mod graphql_load;
pub mod graphql_parts;
pub mod graphql_tag;
pub mod index;
pub mod input;
pub mod list;
pub mod mutation;
pub mod mutation_input;
pub mod mutation_tag;
pub mod lists;
pub mod note;
pub mod publish;
pub mod refile;
pub mod slug;
pub mod tagging;
pub mod write;

use chrono::DateTime;
use chrono::Utc;
pub use entity::article::Model as Article;
pub use entity::article::State;
use sea_orm::ColumnTrait;
use sea_orm::Condition;
use sea_orm::ExprTrait;
use uuid::Uuid;

/// For whom articles are read. There is no way to read one without saying so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Readers, at this instant: published and within its time.
    Public(DateTime<Utc>),
    /// Who previews one article, at this instant: that, and what readers see.
    Preview(Uuid, DateTime<Utc>),
    /// Those who may see drafts: everything.
    Editor,
}

impl Audience {
    /// Whether this audience may see the article.
    pub fn sees(self, article: &Article) -> bool {
        match self {
            Self::Editor => true,
            Self::Preview(id, now) => article.id == id || Self::Public(now).sees(article),
            Self::Public(now) => {
                article.state == State::Published
                    && article.published_at.is_some_and(|at| at <= now)
                    && article.unpublish_at.is_none_or(|at| now < at)
            }
        }
    }

    /// The instant at which readers see what they see in lists; `None` for editors. What a
    /// preview adds is read by itself, not in lists.
    fn now(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Editor => None,
            Self::Public(now) | Self::Preview(_, now) => Some(now),
        }
    }

    /// The same as [`sees`](Self::sees), for a query of `article`.
    fn condition(self) -> Condition {
        use entity::article::Column;
        match self {
            Self::Editor => Condition::all(),
            Self::Preview(id, now) => {
                Condition::any().add(Column::Id.eq(id)).add(Self::Public(now).condition())
            }
            Self::Public(now) => Condition::all()
                .add(Column::State.eq(State::Published))
                .add(Column::PublishedAt.lte(now))
                .add(Column::UnpublishAt.is_null().or(Column::UnpublishAt.gt(now))),
        }
    }
}
