//! Relay connections, and what a page of one costs.

use std::borrow::Cow;

use async_graphql::Description;
use async_graphql::Object;
use async_graphql::OutputType;
use async_graphql::SimpleObject;
use async_graphql::TypeName;
use async_graphql::connection::PageInfo;

use crate::page::DEFAULT;
use crate::page::MAX;
use crate::page::Slice;

/// A page of a list (Relay Cursor Connections Specification).
#[derive(Description)]
pub struct Connection<N: OutputType> {
    edges: Vec<Edge<N>>,
    /// Where to go on, if that is not behind the last item.
    end: Option<String>,
    has_previous: bool,
    has_next: bool,
}

/// An item of a list and its place there.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Edge<N: OutputType> {
    /// Its place: pass it as `after` or `before`.
    cursor: String,
    /// The item.
    node: N,
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

#[Object(name_type, use_type_description)]
impl<N: OutputType> Connection<N> {
    /// The items with their cursors.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The items alone.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page begins and ends, and whether there is more.
    async fn page_info(&self) -> PageInfo {
        let cursor = |edge: Option<&Edge<N>>| edge.map(|edge| edge.cursor.clone());
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: cursor(self.edges.first()),
            end_cursor: self.end.clone().or_else(|| cursor(self.edges.last())),
        }
    }
}

impl<N: OutputType> Default for Connection<N> {
    fn default() -> Self {
        Self { edges: Vec::new(), end: None, has_previous: false, has_next: false }
    }
}

/// Wraps a slice of a list, each item with its cursor.
pub fn connection<T, N: OutputType>(
    slice: Slice<T>,
    edge: impl Fn(T) -> (String, N),
) -> Connection<N> {
    let edges = slice.items.into_iter().map(edge).map(|(cursor, node)| Edge { cursor, node });
    let Slice { has_previous, has_next, .. } = slice;
    Connection { edges: edges.collect(), end: None, has_previous, has_next }
}

impl<N: OutputType> Connection<N> {
    /// Goes on behind this cursor, also when there are no items.
    pub fn ending(self, end: String) -> Self {
        Self { end: Some(end), ..self }
    }
}

/// How many items a page may have, for the cost of a query.
pub fn size(first: Option<i32>, last: Option<i32>) -> usize {
    let asked = first.or(last).unwrap_or(DEFAULT);
    usize::try_from(asked.clamp(1, MAX)).unwrap_or(1)
}
