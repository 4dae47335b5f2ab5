//! What a scraped portal page is once it has been read: plain data, nothing stored yet.

use chrono::DateTime;
use chrono::Utc;

use crate::region::Kind;
use crate::region::Level;

/// One page that can be imported. Every list is in page order.
#[derive(Debug, Clone)]
pub struct Page {
    /// Name of the file, for reports only.
    pub file: String,
    /// Who showed the page.
    pub site: Site,
    /// The article of the header, then further ones.
    pub articles: Vec<Article>,
    /// `None`: the page has no directory of regions.
    pub regions: Option<Regions>,
    /// `None`: the page has no 推荐阅读 line.
    pub recommended: Option<Recommended>,
    /// What a person should look at, as short keys (`article_2_title_missing`).
    pub warnings: Vec<String>,
    /// Offset from UTC, in minutes, in which the page gives its times.
    pub utc_offset_minutes: i32,
}

/// The portal that showed the page; each part is `None` where the page does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// Name of the site.
    pub name: Option<String>,
    /// Label of the list the article was in, such as 最新热点.
    pub column: Option<String>,
}

/// A text of the page. Unknown values are `None`, never zero or empty.
#[derive(Debug, Clone)]
pub struct Article {
    /// Place on the page, from 1.
    pub n: usize,
    /// Whether the header of the page belongs to it.
    pub kind: ArticleKind,
    /// Where it stands.
    pub lines: Lines,
    /// Title, entities decoded.
    pub title: Option<String>,
    /// When it was last changed.
    pub updated: Updated,
    /// How often it had been seen.
    pub views: Views,
    /// Its text.
    pub body: Body,
    /// What is missing; an article without a title needs an editor (rule 12).
    pub flags: Vec<Flag>,
}

/// First and last line, from 1, both included.
pub type Lines = (usize, usize);

/// Where an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArticleKind {
    /// The text that belongs to the header of the page.
    Main,
    /// Any further text.
    Secondary,
}

/// When the article was last changed, as far as the page says (rule 9).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updated {
    /// The instant, in UTC.
    pub at: Option<DateTime<Utc>>,
    /// How much of the time was given; `None` exactly where `at` is.
    pub precision: Option<Precision>,
    /// As printed: `Some("")` for an empty 更新时间, `None` where there is no such label.
    pub raw: Option<String>,
}

/// The finest part of a time that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// A day.
    Day,
    /// A day and a time of minutes.
    Minute,
    /// A day and a time of seconds.
    Second,
}

/// A number of views: a reading at the moment of the scrape (rule 8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Views {
    /// The number; `None`: not known.
    pub count: Option<u64>,
    /// Written in 万 or 亿, so the last digits are not known.
    pub rounded: bool,
    /// As printed; `None` where there is no such label or line.
    pub raw: Option<String>,
}

/// The text of an article, cleaned and as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// Name of the byline.
    pub author: Option<String>,
    /// The byline as printed, without decoys.
    pub byline_raw: Option<String>,
    /// Where the text was copied from: X of 返回X,查看更多.
    pub source: Option<String>,
    /// That mark as printed, without decoys.
    pub source_raw: Option<String>,
    /// The cleaned text.
    pub blocks: Vec<Block>,
    /// So many blocks stand before 展开全文.
    pub fold_at: Option<usize>,
    /// What was taken out.
    pub decoys: Decoys,
    /// The line as decoded, with entities and emoji: kept so that better rules can be run
    /// later (rule 2).
    pub raw: String,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(String),
    /// A heading with its number as printed (`01`).
    Heading {
        /// The number as printed.
        no: String,
        /// The heading without its number.
        text: String,
    },
}

/// Emoji that a portal scattered over the text (rule 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decoys {
    /// How many emoji were taken out; ❤️ with its selector is one.
    pub removed: usize,
    /// Characters of the page source between two of them, a paragraph break being four.
    pub stride: Option<usize>,
}

/// What an article lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// No title: it needs an editor.
    TitleMissing,
    /// No readable count.
    ViewsMissing,
    /// No byline.
    AuthorMissing,
    /// No 展开全文.
    FoldMissing,
    /// No 返回X,查看更多.
    SourceMissing,
    /// No text at all.
    TextMissing,
}

impl Flag {
    /// The key of the flag in reports and warnings.
    pub fn as_str(self) -> &'static str {
        match self {
            Flag::TitleMissing => "title_missing",
            Flag::ViewsMissing => "views_missing",
            Flag::AuthorMissing => "author_missing",
            Flag::FoldMissing => "fold_missing",
            Flag::SourceMissing => "source_missing",
            Flag::TextMissing => "text_missing",
        }
    }
}

/// The directory of regions below an article (rule 10). What it lacks must not be removed.
#[derive(Debug, Clone)]
pub struct Regions {
    /// First and last line of the directory.
    pub lines: Lines,
    /// Its names, each division once.
    pub nodes: Vec<Node>,
    /// Province and its prefectures that the tree has and the page lacks.
    pub missing: Vec<(String, Vec<Missing>)>,
}

/// A name of the directory. A page never creates a division: without a code it is only a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// `None`: no such division below this parent in the tree.
    pub code: Option<String>,
    /// The name as printed.
    pub name: String,
    /// From the tree, else by the place of the name on the page.
    pub level: Level,
    /// `None` together with `code`.
    pub kind: Option<Kind>,
    /// The names above it, joined by `/`, because names repeat.
    pub parent: Option<String>,
    /// Line of the entry that lists it, from 1.
    pub line: usize,
}

/// A prefecture that the page does not list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its six-digit code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The list below 推荐阅读: titles and counts without a text, never served as articles (rule 13).
#[derive(Debug, Clone)]
pub struct Recommended {
    /// Line of the label, from 1.
    pub line: usize,
    /// What is recommended.
    pub items: Vec<Item>,
}

/// A recommended title.
#[derive(Debug, Clone)]
pub struct Item {
    /// Rank, from 1.
    pub n: usize,
    /// The title, entities decoded.
    pub title: String,
    /// The count printed below it.
    pub views: Views,
    /// Line of the title, from 1.
    pub line: usize,
    /// `n` of the article of this page with the same folded title.
    pub article: Option<usize>,
}
