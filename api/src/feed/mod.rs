//! Feeds: lists of articles for readers that come by and by. Atom (RFC 4287), RSS 2.0 and JSON
//! Feed 1.1; and sitemaps.

pub mod atom;
pub mod http;
pub mod http_list;
pub mod http_sitemap;
pub mod json_feed;
pub mod rss;
pub mod sitemap;

use chrono::DateTime;
use chrono::Utc;

use crate::error::Error;

/// How a feed is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Atom (RFC 4287).
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

impl Format {
    /// The format of a file name's ending.
    pub fn of(ending: &str) -> Option<Self> {
        match ending {
            "atom" => Some(Self::Atom),
            "rss" => Some(Self::Rss),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    /// Writes a feed.
    pub fn write(self, feed: &Feed) -> Result<String, Error> {
        match self {
            Self::Atom => atom::write(feed),
            Self::Rss => rss::write(feed),
            Self::Json => json_feed::write(feed),
        }
    }
}

/// A list of articles with what it is called.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The name of the site, and of the list.
    pub title: String,
    /// An address that is no other feed's, and stays.
    pub id: String,
    /// The site.
    pub home: String,
    /// Where it is on the site, as it was asked for.
    pub address: String,
    /// The language of the site (RFC 5646).
    pub language: String,
    /// When something in it changed last; without articles, the beginning of 2000.
    pub updated: DateTime<Utc>,
    /// The articles.
    pub items: Vec<Item>,
}

/// An article in a feed. Its texts have no characters that XML cannot have.
#[derive(Clone, Debug)]
pub struct Item {
    /// A URN of its UUID (RFC 9562).
    pub id: String,
    /// Its page.
    pub url: String,
    /// Its title, as plain text.
    pub title: String,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// When it was changed last.
    pub updated: DateTime<Utc>,
    /// Plain text.
    pub summary: String,
    /// The whole text, as sanitised HTML.
    pub html: String,
    /// The address of its lead image.
    pub image: Option<String>,
    /// Its channel and its tags.
    pub tags: Vec<String>,
}

/// A text without the characters that XML 1.0 cannot have (2.2).
pub fn printable(text: &str) -> String {
    let fits = |sign: &char| {
        matches!(sign, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
            || *sign >= '\u{10000}'
    };
    text.chars().filter(fits).collect()
}
