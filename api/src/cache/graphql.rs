//! Numbers of views as GraphQL sees them: known, or a hole in an answer that is kept.

use std::borrow::Cow;

use async_graphql::ContextSelectionSet;
use async_graphql::OutputType;
use async_graphql::Positioned;
use async_graphql::ServerResult;
use async_graphql::Value;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use uuid::Uuid;

use super::body::Part;
use super::body::hole;
use crate::protocol::scalar::Long;
use crate::schema::reads;
use crate::view::totals::Totals;

/// A number of views.
pub enum Views {
    /// The number.
    Known(i64),
    /// It is filled in when the answer is sent.
    Hole(Uuid, Part),
}

/// The number of an article that has these totals now.
pub fn views(ctx: &async_graphql::Context<'_>, article: Uuid, totals: Totals, part: Part) -> Views {
    match reads(ctx).is_kept() {
        true => Views::Hole(article, part),
        false => Views::Known(part.of(totals)),
    }
}

impl OutputType for Views {
    fn type_name() -> Cow<'static, str> {
        <Long as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Long as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(match *self {
            Self::Known(number) => number.into(),
            Self::Hole(article, part) => hole(article, part).into(),
        })
    }
}
