//! How events are judged.

use serde::Deserialize;
use serde::Serialize;

use crate::error::Fault;

/// What became of an event that was kept. The log has its place among these: new ones come
/// last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Class {
    /// A view.
    Counted,
    /// This visitor's view of this article in this window was counted before.
    Repeat,
    /// A robot's.
    Bot,
    /// Fetched ahead; nobody has seen it yet.
    Prefetch,
    /// Somebody's who works here.
    Staff,
    /// One of too many from one network on one article in one window.
    NetworkCap,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Counted, Self::Repeat, Self::Bot, Self::Prefetch, Self::Staff, Self::NetworkCap];

    /// The number in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::Counted => 1,
            Self::Repeat => 2,
            Self::Bot => 3,
            Self::Prefetch => 4,
            Self::Staff => 5,
            Self::NetworkCap => 6,
        }
    }

    /// The class of a number in the database.
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "COUNTED",
            Self::Repeat => "REPEAT",
            Self::Bot => "BOT",
            Self::Prefetch => "PREFETCH",
            Self::Staff => "STAFF",
            Self::NetworkCap => "NETWORK_CAP",
        }
    }
}

/// What is answered to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New, and kept in this class.
    New(Class),
    /// This event was seen before, and kept in this class then.
    Duplicate(Class),
    /// It happened longer ago than is accepted.
    TooOld,
    /// No article that readers see has this id or slug.
    UnknownArticle,
    /// It breaks a rule; nothing was kept.
    Invalid(Fault),
}

impl Verdict {
    /// The name in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::New(Class::Counted) => "COUNTED",
            Self::New(Class::Repeat) => "REPEAT",
            Self::New(_) => "EXCLUDED",
            Self::Duplicate(_) => "DUPLICATE",
            Self::TooOld => "TOO_OLD",
            Self::UnknownArticle => "UNKNOWN_ARTICLE",
            Self::Invalid(_) => "INVALID",
        }
    }

    /// Why an event was excluded.
    pub fn reason(&self) -> Option<Class> {
        match self {
            Self::New(class) if !matches!(class, Class::Counted | Class::Repeat) => Some(*class),
            _ => None,
        }
    }

    /// The class that a duplicate got when it came first.
    pub fn first(&self) -> Option<Class> {
        match self {
            Self::Duplicate(class) => Some(*class),
            _ => None,
        }
    }

    /// What to do about an event that was not kept.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::TooOld => Some("The event is older than is accepted: drop it."),
            Self::UnknownArticle => {
                Some("Readers see no article with this id or slug: check it, or drop the event.")
            }
            Self::Invalid(fault) => Some(&fault.message),
            Self::New(_) | Self::Duplicate(_) => None,
        }
    }
}
