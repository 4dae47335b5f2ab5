//! Any object by its global id (GraphQL Global Object Identification).

pub mod graphql;
