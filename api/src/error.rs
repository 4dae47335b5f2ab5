//! What can go wrong, in half a dozen kinds; knows no protocol.
//!
//! Use `Invalid` and `Conflict` for what the one who asks can mend (mutations
//! answer them as `userErrors`), `NotFound` where something named must exist,
//! `Unavailable` for what may pass by itself, and `Internal` for the rest: its
//! text goes to the log, never to a client.

use std::fmt;

/// A failure, with a stable [`code`](Error::code).
#[derive(Clone, Debug)]
pub enum Error {
    /// This needs a token, and none was sent.
    Unauthenticated,
    /// The token that was sent is not known.
    UnknownToken,
    /// The JSON Web Token that was sent is refused; half a sentence says why.
    RefusedToken(&'static str),
    /// It has expired or was revoked.
    EndedToken,
    /// The token lacks this scope.
    Forbidden(&'static str),
    /// This does not exist, or not for the one who asks.
    NotFound(Fault),
    /// The input breaks a rule.
    Invalid(Vec<Fault>),
    /// The state of things forbids it.
    Conflict(Fault),
    /// What a subscriber missed can no longer be told.
    ResyncRequired,
    /// A subscriber does not keep up with what happens.
    Lagged,
    /// Something needed is out of reach; a sentence for the operator.
    Unavailable(String),
    /// A fault of ours; for the log only.
    Internal(String),
}

/// One fault of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub reason: Reason,
    /// The input field, e.g. `leadImage.url`; empty when none is to blame.
    pub field: String,
    /// A sentence that says what to do.
    pub message: String,
}

/// Why an input was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
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
    /// The version is not today's.
    StaleVersion,
    /// The state does not allow the act.
    WrongState,
    /// The idempotency key came with another input before.
    KeyReused,
    /// No index serves this combination.
    Unsupported,
    /// What is stored cannot tell it for this time zone.
    NotRepresentable,
    /// It was kept once, and is no more.
    NotKept,
    /// What it points to is no longer kept.
    Expired,
}

impl Error {
    /// A single fault of the input.
    pub fn invalid(field: &str, reason: Reason, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(field, reason, message)])
    }

    /// A conflict with the state of things.
    pub fn conflict(field: &str, reason: Reason, message: impl Into<String>) -> Self {
        Self::Conflict(Fault::new(field, reason, message))
    }

    /// Something named does not exist.
    pub fn not_found(field: &str, message: impl Into<String>) -> Self {
        Self::NotFound(Fault::new(field, Reason::NotFound, message))
    }

    /// The stable code of `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated
            | Self::UnknownToken
            | Self::RefusedToken(_)
            | Self::EndedToken => "UNAUTHENTICATED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::NotFound(_) => "NOT_FOUND",
            Self::Invalid(faults) => match faults.first().map(|fault| fault.reason) {
                Some(Reason::Unsupported) => "UNSUPPORTED_COMBINATION",
                Some(Reason::NotRepresentable) => "TIME_ZONE_NOT_REPRESENTABLE",
                Some(Reason::NotKept) => "NO_LONGER_KEPT",
                Some(Reason::Expired) => "RANKING_EXPIRED",
                _ => "BAD_USER_INPUT",
            },
            Self::Conflict(_) => "CONFLICT",
            Self::ResyncRequired => "RESYNC_REQUIRED",
            Self::Lagged => "SUBSCRIPTION_LAGGED",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// The faults that a mutation reports as `userErrors`, or the error itself
    /// when it is not the input's.
    pub fn faults(self) -> Result<Vec<Fault>, Self> {
        match self {
            Self::Invalid(faults) => Ok(faults),
            Self::Conflict(fault) | Self::NotFound(fault) => Ok(vec![fault]),
            other => Err(other),
        }
    }
}

impl Fault {
    /// A fault of one field.
    pub fn new(field: &str, reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, field: field.into(), message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthenticated => f.write_str(
                "This needs a token: send `Authorization: Bearer TOKEN`; `redian token create` makes \
                 one.",
            ),
            Self::UnknownToken => f.write_str(
                "The token is not known here: check it and its `Bearer` before it, or leave the \
                 `Authorization` header out to read as the public.",
            ),
            Self::RefusedToken(why) => write!(
                f,
                "The token is refused: {why}. Get another one from your identity provider, or \
                 leave the `Authorization` header out to read as the public."
            ),
            Self::EndedToken => f.write_str(
                "The token has expired or was revoked: get a new one, or leave the `Authorization` \
                 header out to read as the public.",
            ),
            Self::Forbidden(scope) => write!(f, "This needs a token with the scope `{scope}`."),
            Self::NotFound(fault) | Self::Conflict(fault) => f.write_str(&fault.message),
            Self::Invalid(faults) => {
                let messages: Vec<&str> = faults.iter().map(|fault| &*fault.message).collect();
                f.write_str(&messages.join(" "))
            }
            Self::ResyncRequired => f.write_str(
                "What happened after this cursor can no longer be told: read what you show anew, and \
                 begin again without `after`.",
            ),
            Self::Lagged => f.write_str(
                "So much happened that it could not be told in time: subscribe again, with the last \
                 cursor that you have as `after`.",
            ),
            Self::Unavailable(message) => f.write_str(message),
            Self::Internal(_) => f.write_str(
                "Something went wrong here. Try again; if it stays, give the operator the request \
                 id.",
            ),
        }
    }
}

impl std::error::Error for Error {}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        let text = error.to_string();
        // What another writer did at the same time; trying again finds it done.
        let conflict = error.sql_err().is_some()
            || ["database is locked", "deadlock detected"].iter().any(|sign| text.contains(sign));
        match error {
            _ if conflict => {
                tracing::warn!(error = text, "two writers at once");
                Self::Unavailable("Somebody changed the same at this moment. Try again.".into())
            }
            sea_orm::DbErr::ConnectionAcquire(_) | sea_orm::DbErr::Conn(_) => {
                tracing::error!(error = text, "the database is out of reach");
                Self::Unavailable("The database is out of reach. Try again in a moment.".into())
            }
            _ => Self::Internal(text),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
