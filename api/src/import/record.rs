//! The records of the JSON Lines format, as `import` reads and `export` writes
//! them. A line is one JSON object; `type` says which.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

use super::origin::Recommended;
use crate::article::input::LeadImage;
use crate::article::input::Source;
use crate::region::Division;

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// `"type": "channel"`.
    Channel(ChannelRecord),
    /// `"type": "region"`.
    Region(RegionRecord),
    /// `"type": "page"`.
    Page(PageRecord),
    /// `"type": "article"`.
    Article(Box<ArticleRecord>),
}

/// A channel; one with a known slug gets the name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelRecord {
    /// `channel`.
    #[serde(rename = "type", default)]
    pub kind: ChannelTag,
    /// 1 to 60 letters, digits, - or _.
    pub slug: String,
    /// As shown to readers.
    pub name: String,
}

/// A region outside the compiled-in directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionRecord {
    /// `region`.
    #[serde(rename = "type", default)]
    pub kind: RegionTag,
    /// Unique; six digits for divisions of China.
    pub code: String,
    /// The full name.
    pub name: String,
    /// province, prefecture or county.
    pub level: String,
    /// As in the directory's file, e.g. district; other by default.
    #[serde(rename = "regionType", default = "other")]
    pub region_type: String,
    /// The code of the region above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Unique, e.g. europe/france; none for a closed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The name without its ending; the name by default.
    #[serde(rename = "shortName", default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// What it was called before.
    #[serde(rename = "formerNames", default, skip_serializing_if = "Vec::is_empty")]
    pub former_names: Vec<String>,
    /// A syllable for each character, parted by blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinyin: Option<String>,
    /// The date or year from which it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The date or year in which it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The code of the region that it became part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

impl RegionRecord {
    /// The record of a region.
    pub fn of(region: &Division) -> Self {
        let region = region.clone();
        Self {
            kind: Default::default(),
            level: region.level.as_str().into(),
            region_type: region.kind.as_str().into(),
            short_name: Some(region.short_name).filter(|short| *short != region.name),
            code: region.code,
            name: region.name,
            parent: region.parent,
            path: region.path,
            former_names: region.former_names,
            pinyin: region.pinyin,
            since: region.since,
            until: region.until,
            successor: region.successor,
        }
    }
}

/// A portal page that articles came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PageRecord {
    /// `page`.
    #[serde(rename = "type", default)]
    pub kind: PageTag,
    /// UUID.
    pub id: Uuid,
    /// The site's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The site's column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The page as it came.
    pub raw: String,
    /// The page's recommended list.
    #[serde(default)]
    pub recommended: Vec<Recommended>,
    /// When it was imported first.
    pub imported_at: DateTime<Utc>,
}

/// An article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArticleRecord {
    /// `article`.
    #[serde(rename = "type", default)]
    pub kind: ArticleTag,
    /// UUID; made when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// What the system that it comes from knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Slugs, today's first; made of the title when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slugs: Vec<String>,
    /// Empty or left out: a draft that needs review.
    #[serde(default)]
    pub title: String,
    /// Who wrote it, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byline: Option<String>,
    /// Where it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The image above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_image: Option<LeadImage>,
    /// The slug of a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Codes of up to 100 regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// The newsroom's own data.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// The text in Markdown.
    #[serde(default)]
    pub body: String,
    /// The text in HTML, in place of `body`; it becomes Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_html: Option<String>,
    /// DRAFT, PUBLISHED or WITHDRAWN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<RecordState>,
    /// Start of visibility that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_at: Option<DateTime<Utc>>,
    /// End of visibility, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpublish_at: Option<DateTime<Utc>>,
    /// Since when readers see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// The last editorial change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Views that it had where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_views: Option<i64>,
    /// The id of the `page` record that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Uuid>,
    /// What identified it at its imports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub import_keys: Vec<String>,
    /// What its last import left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_import: Option<LastImport>,
}

/// What the last import of an article left, to tell corrections and editors'
/// changes from what is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastImport {
    /// The article's version after it.
    pub version: i64,
    /// The fingerprint of what was imported.
    pub hash: String,
    /// When it was.
    pub at: DateTime<Utc>,
}

/// The state of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordState {
    /// Being written.
    Draft,
    /// Released.
    Published,
    /// Taken down.
    Withdrawn,
}

macro_rules! tag {
    ($name:ident, $text:literal) => {
        /// The value of `type`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            /// The only one.
            #[default]
            #[serde(rename = $text)]
            Tag,
        }
    };
}
tag!(ChannelTag, "channel");
tag!(RegionTag, "region");
tag!(PageTag, "page");
tag!(ArticleTag, "article");

fn other() -> String {
    "other".into()
}

/// Reads a line.
pub fn parse(line: &str) -> Result<Record, String> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(rename = "type", borrow)]
        kind: std::borrow::Cow<'a, str>,
    }
    let head: Head = serde_json::from_str(line).map_err(|error| {
        if error.is_data() {
            "the line must be a JSON object with `type`: article, region, channel or page".into()
        } else {
            format!("the line is not JSON: {error}")
        }
    })?;
    let record = match &*head.kind {
        "channel" => serde_json::from_str(line).map(Record::Channel),
        "region" => serde_json::from_str(line).map(Record::Region),
        "page" => serde_json::from_str(line).map(Record::Page),
        "article" => serde_json::from_str(line).map(|article| Record::Article(Box::new(article))),
        other => {
            let known = "article, region, channel and page";
            return Err(format!("`type` is `{other}`: there are {known}"));
        }
    };
    record.map_err(|error| format!("the record is wrong: {error}"))
}
