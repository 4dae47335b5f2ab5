//! Search in articles: the same on both databases, Chinese first.
//!
//! A query is words. A word is found wherever its characters stand one after the other, so no
//! dictionary decides what can be found; one only cuts a query into words. The index of the
//! database knows which pairs of characters a text has. Where those do not prove that a word is
//! there, the text itself is looked at.

pub mod command;
pub mod cut;
pub mod fold;
pub mod graphql;
pub mod graphql_results;
pub mod index;
pub mod mutation;
pub mod parse;
pub mod places;
pub mod snippet;
pub mod words;
