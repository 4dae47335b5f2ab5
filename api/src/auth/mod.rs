//! Who asks, and what they may do.

pub mod http;
pub mod http_address;
pub mod http_body;
pub mod rate;
pub mod token;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use crate::article::Audience;
use crate::error::Error;

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See what is not public.
    ReadDrafts,
    /// Change content; includes seeing what is not public.
    Write,
    /// Tell for which reader views are counted.
    Count,
    /// Ask as often as it likes.
    Unlimited,
}

impl Scope {
    const ALL: [Self; 4] = [Self::ReadDrafts, Self::Write, Self::Count, Self::Unlimited];

    /// The name on the command line and in errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadDrafts => "read-drafts",
            Self::Write => "write",
            Self::Count => "count",
            Self::Unlimited => "unlimited",
        }
    }

    /// The scope of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// The one who asks.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The token; `None`: a reader.
    pub token: Option<Uuid>,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Whether the caller has the scope, or one that includes it.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
            || (scope == Scope::ReadDrafts && self.scopes.contains(&Scope::Write))
    }

    /// Fails unless the caller has the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Error> {
        match (self.has(scope), self.token) {
            (true, _) => Ok(()),
            (false, Some(_)) => Err(Error::Forbidden(scope.name())),
            (false, None) => Err(Error::Unauthenticated),
        }
    }

    /// For whom articles are read.
    pub fn audience(&self, now: DateTime<Utc>) -> Audience {
        if self.has(Scope::ReadDrafts) { Audience::Editor } else { Audience::Public(now) }
    }
}
