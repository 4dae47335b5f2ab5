//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use chrono::SecondsFormat;
use serde_json::Value;
use serde_json::json;

use super::Feed;
use super::Item;
use crate::error::Error;

/// Writes a feed.
pub fn write(feed: &Feed) -> Result<String, Error> {
    let items: Vec<Value> = feed.items.iter().map(item).collect();
    let written = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": feed.language,
        "items": items,
    });
    Ok(written.to_string())
}

fn item(item: &Item) -> Value {
    let at = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut written = json!({
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.html,
        "summary": item.summary,
        "date_published": at(item.published),
        "date_modified": at(item.updated),
        "tags": item.tags,
    });
    if let Some(image) = &item.image {
        written["image"] = json!(image);
    }
    if let Some(byline) = &item.byline {
        written["authors"] = json!([{ "name": byline }]);
    }
    written
}
