//! What an editor gives for an article, and the rules it must keep.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

use super::Article;
use super::slug;
use crate::error::Error;
use crate::error::Fault;
use crate::error::Reason;
use crate::region::Tree;

/// The largest body, in bytes of Markdown.
pub const MAX_BODY: usize = 16 << 20;
/// The largest metadata object, in bytes of JSON.
pub const MAX_METADATA: usize = 16 << 10;
/// The most tags of an article.
pub const MAX_TAGS: usize = 20;
/// The most regions of an article.
pub const MAX_REGIONS: usize = 100;

/// Everything about an article that an editor writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// `None`: made of the title when the article is created, else kept.
    pub slug: Option<String>,
    /// May be empty in drafts.
    pub title: String,
    /// Who wrote it, as printed.
    pub byline: Option<String>,
    /// Where it was taken from.
    pub source: Source,
    /// The image above the text and on cards.
    pub lead_image: Option<LeadImage>,
    /// The channel's id; must exist.
    pub channel: Option<Uuid>,
    /// Free words, each once.
    pub tags: Vec<String>,
    /// Codes of regions; must exist.
    pub regions: Vec<String>,
    /// Whether those that the title and the text name are added.
    pub detect_regions: bool,
    /// The newsroom's own data.
    pub metadata: Map<String, Value>,
    /// The text in Markdown.
    pub body: String,
    /// When an editor changed it last; `None`: now.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Where an article was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The original's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An article's image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadImage {
    /// Its address, http or https.
    pub url: String,
    /// What it shows, for those who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// What is printed below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// Checks all rules and tells all faults at once. Blanks around single-line
/// texts go, empty ones become absent.
pub fn check(mut content: Content, tree: &Tree) -> Result<Content, Error> {
    let mut faults = Vec::new();
    content.title = content.title.trim().to_owned();
    content.byline = tidy(content.byline);
    content.source.name = tidy(content.source.name);
    content.source.url = tidy(content.source.url);
    content.tags = once(content.tags.iter().map(|tag| tag.trim().to_owned()));
    content.regions = once(content.regions.into_iter());
    if let Some(Err(Error::Invalid(wrong))) = content.slug.as_deref().map(slug::check) {
        faults.extend(wrong);
    }
    line(&mut faults, "title", &content.title, 300);
    line(&mut faults, "byline", content.byline.as_deref().unwrap_or_default(), 200);
    line(&mut faults, "source.name", content.source.name.as_deref().unwrap_or_default(), 200);
    if let Some(url) = &content.source.url {
        address(&mut faults, "source.url", url);
    }
    if let Some(image) = &content.lead_image {
        lead_image(&mut faults, image);
    }
    at_most(&mut faults, "tags", content.tags.len(), MAX_TAGS);
    for tag in &content.tags {
        if tag.is_empty() {
            faults.push(Fault::new("tags", Reason::Required, "A tag must not be empty."));
        }
        line(&mut faults, "tags", tag, 60);
    }
    at_most(&mut faults, "regions", content.regions.len(), MAX_REGIONS);
    for code in &mut content.regions {
        match tree.resolve(code) {
            // A former code stands for what became of it; an article may stay where
            // nothing followed.
            Some(region) if region.is_open() || region.is_closed_lately() => {
                code.clone_from(&region.code);
            }
            Some(region) => {
                let message = format!("`{code}` {} was closed, and nothing followed.", region.name);
                faults.push(Fault::new("regions", Reason::NotFound, message));
            }
            None => {
                let message = format!("`{code}` is not the code of a region of the directory.");
                faults.push(Fault::new("regions", Reason::NotFound, message));
            }
        }
    }
    content.regions = once(std::mem::take(&mut content.regions).into_iter());
    metadata(&mut faults, &content.metadata);
    if content.body.len() > MAX_BODY {
        let message = format!("`body` must have at most {MAX_BODY} bytes.");
        faults.push(Fault::new("body", Reason::TooLong, message));
    }
    if content.body.contains('\0') {
        let message = "`body` must not hold the NUL character.";
        faults.push(Fault::new("body", Reason::Invalid, message));
    }
    if faults.is_empty() { Ok(content) } else { Err(Error::Invalid(faults)) }
}

/// The tags of a stored article.
pub fn tags_of(article: &Article) -> Vec<String> {
    let tags = article.tags.as_array().into_iter().flatten();
    tags.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The lead image of a stored article.
pub fn lead_image_of(article: &Article) -> Option<LeadImage> {
    serde_json::from_value(article.lead_image.clone()?).ok()
}

/// The metadata of a stored article.
pub fn metadata_of(article: &Article) -> Map<String, Value> {
    article.metadata.as_object().cloned().unwrap_or_default()
}

fn tidy(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

fn line(faults: &mut Vec<Fault>, field: &str, text: &str, most: usize) {
    if text.chars().count() > most {
        let message = format!("`{field}` must have at most {most} characters.");
        faults.push(Fault::new(field, Reason::TooLong, message));
    }
    if text.chars().any(char::is_control) {
        let message = format!("`{field}` must be one line without control characters.");
        faults.push(Fault::new(field, Reason::Invalid, message));
    }
}

fn address(faults: &mut Vec<Fault>, field: &str, url: &str) {
    line(faults, field, url, 2000);
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/') || url.contains(' ')) {
        let message = format!("`{field}` must be an address that begins with http:// or https://.");
        faults.push(Fault::new(field, Reason::Invalid, message));
    }
}

fn lead_image(faults: &mut Vec<Fault>, image: &LeadImage) {
    address(faults, "leadImage.url", &image.url);
    line(faults, "leadImage.alt", image.alt.as_deref().unwrap_or_default(), 500);
    line(faults, "leadImage.caption", image.caption.as_deref().unwrap_or_default(), 500);
    line(faults, "leadImage.credit", image.credit.as_deref().unwrap_or_default(), 200);
    for (field, size) in [("leadImage.width", image.width), ("leadImage.height", image.height)] {
        if size.is_some_and(|size| !(1..=100_000).contains(&size)) {
            let message = format!("`{field}` must be from 1 to 100000 pixels.");
            faults.push(Fault::new(field, Reason::Invalid, message));
        }
    }
}

fn at_most(faults: &mut Vec<Fault>, field: &str, count: usize, most: usize) {
    if count > most {
        let message = format!("`{field}` must have at most {most} entries.");
        faults.push(Fault::new(field, Reason::TooLong, message));
    }
}

fn metadata(faults: &mut Vec<Fault>, metadata: &Map<String, Value>) {
    let metadata = Value::Object(metadata.clone());
    if metadata.to_string().len() > MAX_METADATA {
        let message = format!("`metadata` must have at most {MAX_METADATA} bytes as JSON.");
        faults.push(Fault::new("metadata", Reason::TooLong, message));
    }
    if holds_nul(&metadata) {
        let message = "`metadata` must not hold the NUL character.";
        faults.push(Fault::new("metadata", Reason::Invalid, message));
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => {
            members.iter().any(|(key, value)| key.contains('\0') || holds_nul(value))
        }
        _ => false,
    }
}
