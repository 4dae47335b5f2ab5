//! What subscribers hear: changes of articles and of their views, as they happen.
//!
//! Every instance follows the change log. What of it readers may hear ([`change`]) goes to
//! those who listen to it ([`hub`]); who comes back is told first what they missed
//! ([`listener`]). Totals come from the log of views ([`totals`]).

pub mod change;
pub mod cursor;
pub mod graphql;
pub mod hub;
pub mod listener;
pub mod place;
pub mod totals;

pub use hub::Live;
