//! What was seen before, and what each new event is by that.
//!
//! The unique keys of the database decide; how they are asked differs
//! ([`super::store_sqlite`], [`super::store_postgres`]).

use std::collections::HashMap;

use uuid::Uuid;

use super::class::Class;

/// The classes of events.
#[derive(Debug, Default)]
pub struct Seen {
    /// Those that were there before.
    pub before: HashMap<Uuid, Class>,
    /// The new ones.
    pub new: HashMap<Uuid, Class>,
}
