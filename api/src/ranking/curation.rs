//! What editors want of lists by views, in memory: few articles, asked for by every
//! list.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

/// What an editor wants of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is in no list.
    Excluded,
    /// It is at the head of hot lists.
    Pinned,
}

/// An article that an editor excluded or pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Sorts by the order in which editors said so.
    pub id: Uuid,
    /// The article.
    pub article: Uuid,
    /// What is wanted.
    pub mode: Mode,
    /// Why.
    pub reason: String,
    /// Until then, exclusive; `None`: without end.
    pub until: Option<DateTime<Utc>>,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// By whom.
    pub token: Option<Uuid>,
}

/// What editors excluded and pinned, as of one moment.
#[derive(Debug, Default)]
pub struct Curation {
    newest: Uuid,
    /// By article.
    overrides: HashMap<Uuid, Override>,
}

/// What is wanted of a list at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Articles for the head of it, in their order, wherever they are.
    pub pinned: Vec<Uuid>,
    /// Articles that are not in it, in no order.
    pub excluded: Vec<Uuid>,
}

impl Mode {
    /// The name in the change log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Pinned => "pinned",
        }
    }

    /// The number in the database, where 0 is neither.
    pub fn code(self) -> i16 {
        match self {
            Self::Excluded => 1,
            Self::Pinned => 2,
        }
    }

    /// The mode of that number.
    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Excluded, Self::Pinned].into_iter().find(|mode| mode.code() == code)
    }
}

impl Override {
    /// Whether it holds now.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Curation {
    /// What holds after that word of an editor; no article twice.
    pub fn new(newest: Uuid, overrides: Vec<Override>) -> Self {
        let overrides = overrides.into_iter().map(|one| (one.article, one)).collect();
        Self { newest, overrides }
    }

    /// The id of the last word of an editor; nil while there was none.
    pub fn newest(&self) -> Uuid {
        self.newest
    }

    /// The same after one more word about an article; `None`: nothing is wanted of it.
    pub fn with(mut self, id: Uuid, article: Uuid, wanted: Option<Override>) -> Self {
        self.newest = id;
        self.overrides.remove(&article);
        self.overrides.extend(wanted.map(|wanted| (article, wanted)));
        self
    }

    /// What holds for an article now.
    pub fn of(&self, article: Uuid, now: DateTime<Utc>) -> Option<&Override> {
        self.overrides.get(&article).filter(|wanted| wanted.holds(now))
    }

    /// When the next word of an editor ends that holds now.
    pub fn next_end(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.overrides.values().filter_map(|wanted| wanted.until).filter(|until| now < *until).min()
    }

    /// Whether an article is in no list now.
    pub fn excludes(&self, article: Uuid, now: DateTime<Utc>) -> bool {
        self.of(article, now).is_some_and(|wanted| wanted.mode == Mode::Excluded)
    }

    /// What is wanted of lists now: of what is pinned, the last first.
    pub fn at(&self, now: DateTime<Utc>) -> Wanted {
        let mut holding: Vec<&Override> =
            self.overrides.values().filter(|wanted| wanted.holds(now)).collect();
        holding.sort_unstable_by_key(|wanted| Reverse(wanted.id));
        let of = |mode: Mode| {
            let all = holding.iter().filter(|wanted| wanted.mode == mode);
            all.map(|wanted| wanted.article).collect()
        };
        Wanted { pinned: of(Mode::Pinned), excluded: of(Mode::Excluded) }
    }

    /// Whether something that held at an instant, in milliseconds since 1970, does
    /// not hold now.
    pub fn ended(&self, since: i64, now: DateTime<Utc>) -> bool {
        let mut ends = self.overrides.values().filter_map(|wanted| wanted.until);
        ends.any(|end| since < end.timestamp_millis() && end <= now)
    }
}
