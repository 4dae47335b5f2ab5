//! What subscribers hear: changes of articles and of their views, as they happen.
//!
//! Every instance follows the change log. What of it readers may hear ([`change`]) goes to
//! those who listen to it ([`hub`]); who comes back is told first what they missed
//! ([`listener`]). Who asks now and then gets the same as a list ([`feed`]). Totals come from the log of views ([`totals`]).

pub mod change;
pub mod cursor;
pub mod feed;
pub mod graphql;
pub mod graphql_feed;
pub mod hub;
pub mod listener;
pub mod place;
pub mod totals;

pub use hub::Live;
