//! Tags: what an answer was made from, and what an event makes stale. The same words as
//! webhooks and the headers for other caches tell.

use serde_json::Value;
use uuid::Uuid;

use crate::event::Event;
use crate::event::Kind;

/// Of every list of articles that is not of one region or channel, and of what is not there.
pub const ARTICLES: &str = "articles";
/// Of everything that shows a channel.
pub const CHANNELS: &str = "channels";
/// Of lists by views, and of what is recommended.
pub const RANKINGS: &str = "rankings";
/// Of what is known of imports.
pub const IMPORTS: &str = "imports";
/// Of what is found by words.
pub const SEARCH: &str = "search";
/// Of the region directory, and so of everything.
pub const REGIONS: &str = "regions";

/// Of an article.
pub fn article(id: Uuid) -> String {
    format!("article:{id}")
}

/// Of the articles in a region and below it.
pub fn region(code: &str) -> String {
    format!("region:{code}")
}

/// Of a channel and its articles.
pub fn channel(id: Uuid) -> String {
    format!("channel:{id}")
}

/// The tags of what an event makes stale for readers: of the article, of the lists where it
/// stands or stood, of the list of all.
pub fn of(event: &Event) -> Vec<String> {
    let (kind, data) = (event.kind.as_str(), &event.data);
    let is = |kinds: &[Kind]| kinds.iter().any(|one| one.name() == kind);
    let Some(id) = event.article_id else {
        return match data["id"].as_str() {
            Some(id) if is(&[Kind::ChannelChanged]) => {
                vec![format!("channel:{id}"), CHANNELS.into()]
            }
            _ if is(&[Kind::ArticlesImported]) => vec![IMPORTS.into()],
            _ if is(&[Kind::RecommendationCurated]) => vec![RANKINGS.into()],
            _ if is(&[Kind::SearchChanged]) => vec![SEARCH.into()],
            _ if is(&[Kind::RegionsChanged]) => vec![REGIONS.into()],
            _ => Vec::new(),
        };
    };
    if is(&[Kind::RankingCurated]) {
        return vec![RANKINGS.into()];
    }
    let mut tags = vec![article(id)];
    if is(&[Kind::RecommendationCurated]) {
        return tags;
    }
    // What readers did not see and do not see stands in no list.
    if is(&[Kind::ArticleCreated]) || data["seen"] == false {
        return tags;
    }
    tags.push(ARTICLES.into());
    let (left, channels) = (&data["left"], [&data["channel"], &data["left"]["channel"]]);
    let named = channels.into_iter().filter_map(Value::as_str);
    tags.extend(named.map(|channel| format!("channel:{channel}")));
    let codes = [&data["regions"], &left["regions"]].into_iter().filter_map(Value::as_array);
    tags.extend(codes.flatten().filter_map(Value::as_str).map(region));
    tags
}
