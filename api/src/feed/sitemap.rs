//! Sitemaps (<https://www.sitemaps.org/protocol.html>), and those of news
//! (<https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap>).

use chrono::DateTime;
use chrono::Months;
use chrono::NaiveDate;
use chrono::SecondsFormat;
use chrono::Utc;

use super::printable;
use crate::article::block::escape;

/// So many articles has a file at most; the protocol allows 50,000 and 50 MB.
pub const MOST: u64 = 10_000;
/// So many files has a month at most.
const MOST_PARTS: u64 = 1_000;
/// So many articles has a news sitemap at most.
pub const MOST_NEWS: u64 = 1_000;

/// A file of a sitemap: some of the articles of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The first day of the month, in UTC.
    pub month: NaiveDate,
    /// From 1.
    pub number: u64,
}

impl Part {
    /// Reads `2026-11` and `2026-11-2`.
    pub fn read(name: &str) -> Option<Self> {
        let mut fields = name.splitn(3, '-');
        let (year, month) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let number = fields.next().map_or(Some(1), |number| number.parse().ok())?;
        let part = Self { month: NaiveDate::from_ymd_opt(year, month, 1)?, number };
        // One name for each, and none that no article can be in.
        let possible = (0..=9999).contains(&year) && (1..=MOST_PARTS).contains(&number);
        (possible && part.name() == name).then_some(part)
    }

    /// The name that is read.
    pub fn name(self) -> String {
        let month = self.month.format("%Y-%m");
        match self.number {
            1 => month.to_string(),
            number => format!("{month}-{number}"),
        }
    }

    /// When its month begins, and the next one.
    pub fn span(self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let next = self.month.checked_add_months(Months::new(1))?;
        let begin = |day: NaiveDate| day.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
        Some((begin(self.month)?, begin(next)?))
    }
}

/// A page, as a sitemap tells it.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its address.
    pub address: String,
    /// When it was changed last.
    pub modified: DateTime<Utc>,
    /// What a news sitemap tells of it.
    pub news: Option<News>,
}

/// What a news sitemap tells.
#[derive(Clone, Debug)]
pub struct News {
    /// The name of the publication.
    pub publication: String,
    /// Its language.
    pub language: String,
    /// When the article appeared.
    pub published: DateTime<Utc>,
    /// Its title.
    pub title: String,
}

/// A list of pages.
pub fn pages(pages: &[Page]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset \
         xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n",
    );
    for Page { address, modified, news } in pages {
        let (address, modified) = (text(address), instant(*modified));
        xml += &format!("<url><loc>{address}</loc><lastmod>{modified}</lastmod>");
        if let Some(News { publication, language, published, title }) = news {
            xml += &format!(
                "<news:news><news:publication><news:name>{}</news:name><news:language>{}\
                 </news:language></news:publication><news:publication_date>{}\
                 </news:publication_date><news:title>{}</news:title></news:news>",
                text(publication),
                text(language),
                instant(*published),
                text(title)
            );
        }
        xml += "</url>\n";
    }
    xml + "</urlset>\n"
}

/// A list of sitemaps.
pub fn index(addresses: &[String]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex \
         xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for address in addresses {
        xml += &format!("<sitemap><loc>{}</loc></sitemap>\n", text(address));
    }
    xml + "</sitemapindex>\n"
}

fn text(text: &str) -> String {
    escape(&printable(text))
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_one_name() {
        for name in ["2026-11", "2026-11-2", "2026-01-12"] {
            assert_eq!(Part::read(name).unwrap().name(), name);
        }
        for name in [
            "",
            "2026",
            "2026-13",
            "2026-1",
            "2026-11-1",
            "2026-11-02",
            "2026-11-x",
            "26-11",
            "+10000-01",
            "2026-11-1001",
        ] {
            assert_eq!(Part::read(name), None, "{name}");
        }
    }
}
