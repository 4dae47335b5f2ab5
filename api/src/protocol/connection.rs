//! Relay connections, and what a page of one costs.

use async_graphql::OutputType;
use async_graphql::connection::Connection;
use async_graphql::connection::Edge;

use crate::page::DEFAULT;
use crate::page::MAX;
use crate::page::Slice;

/// Wraps a slice of a list, each item with its cursor.
pub fn connection<T, N: OutputType>(
    slice: Slice<T>,
    edge: impl Fn(T) -> (String, N),
) -> Connection<String, N> {
    let mut connection = Connection::new(slice.has_previous, slice.has_next);
    connection.edges.extend(slice.items.into_iter().map(|item| {
        let (cursor, node) = edge(item);
        Edge::new(cursor, node)
    }));
    connection
}

/// How many items a page may have, for the cost of a query.
pub fn size(first: Option<i32>, last: Option<i32>) -> usize {
    let asked = first.or(last).unwrap_or(DEFAULT);
    usize::try_from(asked.clamp(1, MAX)).unwrap_or(1)
}
