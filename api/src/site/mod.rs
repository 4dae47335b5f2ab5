//! The site as a whole: its name and how much it has.

pub mod graphql;
