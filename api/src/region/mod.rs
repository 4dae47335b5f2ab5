//! The region directory: divisions of China (GB/T 2260) and other regions.
//!
//! The base is a file compiled into the binary; the table holds what the
//! instances use, and each instance keeps it in memory as a [`Tree`]. Each change
//! makes a new edition of the directory: it is staged, articles are filed anew,
//! and then all readers are switched to it at once.

mod kind;
mod table;
mod tree;

pub mod check;
pub mod command;
pub mod detect;
pub mod file;
pub mod graphql;
pub mod graphql_query;
pub mod http;
pub mod json;
pub mod load;
pub mod plan;
pub mod search;

pub use kind::Kind;
pub use table::Pending;
pub use table::current;
pub use table::edition;
pub use table::lock;
pub use table::pending;
pub use table::read;
pub use table::read_at;
pub use table::save_pending;
pub use table::set;
pub use table::stage;
pub use table::switch;
pub use tree::Tree;

/// One region. Its code is what it is known by; names repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Six digits of GB/T 2260 where it has one.
    pub code: String,
    /// The full name, e.g. 石家庄市.
    pub name: String,
    /// The name without its ending, e.g. 石家庄.
    pub short_name: String,
    /// What it was called before.
    pub former_names: Vec<String>,
    /// Province, prefecture or county.
    pub level: Level,
    /// The type of division.
    pub kind: Kind,
    /// The code of the row above, which may be a summary group.
    pub parent: Option<String>,
    /// e.g. `hebei/shijiazhuang`; `None` for summary groups and closed divisions.
    pub path: Option<String>,
    /// Of the full name, a syllable for each character: `shi jia zhuang shi`.
    pub pinyin: Option<String>,
    /// ISO 3166-2, of provinces.
    pub iso: Option<String>,
    /// The date or year from which it exists, where that is known.
    pub since: Option<String>,
    /// The date or year in which it was closed.
    pub until: Option<String>,
    /// The code of the region that it became part of.
    pub successor: Option<String>,
    /// Who says so, e.g. `mca-2024`.
    pub source: String,
    /// How it came here.
    pub origin: Origin,
}

impl Division {
    /// Whether it exists today.
    pub fn is_open(&self) -> bool {
        self.until.is_none()
    }

    /// Whether it is an administrative division, or a region of the newsroom's;
    /// functional areas and the like are known to the statistics alone.
    pub fn is_administrative(&self) -> bool {
        match self.kind {
            Kind::FunctionalArea | Kind::Group => false,
            Kind::Other => self.origin != Origin::Builtin,
            _ => true,
        }
    }

    /// Whether it was closed since this directory is in use: articles may stand
    /// there, and people go on using its name.
    pub fn is_closed_lately(&self) -> bool {
        !self.is_open() && (self.path.is_some() || self.origin != Origin::Builtin)
    }

    /// Whether both say the same, wherever they came from.
    pub fn same(&self, other: &Self) -> bool {
        let other = Self { origin: self.origin, ..other.clone() };
        *self == other
    }
}

/// How a region came into the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// With the binary.
    Builtin,
    /// With a file that an operator loaded; a later binary leaves it alone.
    File,
    /// With an import, by an editor; outside the built-in directory.
    Import,
}

impl Origin {
    const ALL: [Self; 3] = [Self::Builtin, Self::File, Self::Import];

    /// The name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::File => "file",
            Self::Import => "import",
        }
    }

    /// The origin of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == name)
    }
}

/// The level of a division, by its place in the code (GB/T 2260).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 省级: the first two digits.
    Province,
    /// 地级: the first four digits.
    Prefecture,
    /// 县级: all six digits.
    County,
}

impl Level {
    const ALL: [Self; 3] = [Self::Province, Self::Prefecture, Self::County];

    /// The name in data files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}
