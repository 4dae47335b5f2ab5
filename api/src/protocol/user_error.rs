//! Expected failures of mutations, as data.

use async_graphql::Enum;
use async_graphql::SimpleObject;

use crate::error::Error;
use crate::error::Fault;
use crate::error::Reason;

/// A fault of a mutation's input, or a state of things that forbids it.
#[derive(SimpleObject)]
pub struct UserError {
    /// The input field to blame, e.g. `["leadImage", "url"]`; empty when none is.
    field: Vec<String>,
    /// A sentence for people that says what to do. May change.
    message: String,
    /// For programs. New values may come.
    code: UserErrorCode,
}

/// Why a mutation was refused. New values may come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Reason")]
pub enum UserErrorCode {
    /// A value is needed.
    Required,
    /// The value breaks its rule.
    Invalid,
    /// The value is longer than allowed.
    TooLong,
    /// What the value names does not exist.
    NotFound,
    /// Somebody else has the value.
    Taken,
    /// The version is not today's: read again and repeat the change.
    StaleVersion,
    /// The state does not allow the act.
    WrongState,
    /// The idempotency key came with another input before.
    KeyReused,
    /// The combination is not supported.
    Unsupported,
    /// What is stored cannot tell it for this time zone.
    NotRepresentable,
    /// It was kept once, and is no more.
    NotKept,
    /// What it points to is no longer kept.
    Expired,
}

impl From<Fault> for UserError {
    fn from(fault: Fault) -> Self {
        let field = fault.field.split('.').filter(|part| !part.is_empty());
        let field = field.map(str::to_owned).collect();
        Self { field, message: fault.message, code: fault.reason.into() }
    }
}

/// Splits a result into what a payload shows: the object or the user errors.
/// Errors that are not the input's stay errors.
pub fn split<T>(result: Result<T, Error>) -> Result<(Option<T>, Vec<UserError>), Error> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(error) => {
            let faults = error.faults()?;
            Ok((None, faults.into_iter().map(UserError::from).collect()))
        }
    }
}
