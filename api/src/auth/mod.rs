//! Who asks, and what they may do.

pub mod command;
pub mod ended;
pub mod graphql;
pub mod http;
pub mod http_address;
pub mod http_body;
pub mod jwt;
mod jwt_keys;
pub mod mutation;
pub mod preview;
pub mod rate;
pub mod token;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use crate::article::Audience;
use crate::error::Error;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See what is not public.
    ReadDrafts,
    /// Write drafts: what readers do not see.
    Write,
    /// Change what readers see.
    Publish,
    /// Tell for which reader views are counted.
    Count,
    /// Say who may do what, and who is told of changes.
    Admin,
    /// Ask as often as it likes.
    Unlimited,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ReadDrafts, Self::Write, Self::Publish, Self::Count, Self::Admin, Self::Unlimited];

    /// The name on the command line and in errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadDrafts => "read-drafts",
            Self::Write => "write",
            Self::Publish => "publish",
            Self::Count => "count",
            Self::Admin => "admin",
            Self::Unlimited => "unlimited",
        }
    }

    /// The scope of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Whether who has this one may do what the other allows: each step of a newsroom
    /// includes those below it.
    fn includes(self, other: Self) -> bool {
        let step = |scope| match scope {
            Self::ReadDrafts => Some(1),
            Self::Write => Some(2),
            Self::Publish => Some(3),
            Self::Admin => Some(4),
            Self::Count | Self::Unlimited => None,
        };
        match (step(self), step(other)) {
            (Some(own), Some(other)) => own >= other,
            _ => self == other,
        }
    }
}

/// The one who asks.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The token, or the user of an identity provider; `None`: a reader.
    pub token: Option<Uuid>,
    /// How that is called.
    pub name: String,
    /// Until then it holds, exclusive; `None`: without end.
    pub expires_at: Option<DateTime<Utc>>,
    scopes: Vec<Scope>,
    /// The only article that a preview shows beside what is public.
    preview: Option<Uuid>,
}

impl Caller {
    /// Whether the caller has the scope, or one that includes it.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| own.includes(scope))
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
        match self.preview {
            _ if self.has(Scope::ReadDrafts) => Audience::Editor,
            Some(article) => Audience::Preview(article, now),
            None => Audience::Public(now),
        }
    }

    /// Whether it is somebody who works here, whose views are none of a reader.
    pub fn is_staff(&self) -> bool {
        self.has(Scope::ReadDrafts) || self.preview.is_some()
    }

    /// Whether it sees what the public sees, and nothing else.
    pub fn is_public(&self) -> bool {
        let more = |scope: &Scope| ![Scope::Count, Scope::Unlimited].contains(scope);
        self.preview.is_none() && !self.scopes.iter().any(more)
    }

    /// Whether it still holds.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
