//! What webhooks tell of an event: what is public of it, and which pages it concerns.

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;
use entity::article_slug::Model as Slug;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use crate::cache::tag;
use crate::event::Event;
use crate::event::Kind;
use crate::id;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// An article appeared for readers.
    ArticlePublished,
    /// One that they see is another than before.
    ArticleUpdated,
    /// One was taken down, or moved to the future.
    ArticleWithdrawn,
    /// The time of one is over.
    ArticleExpired,
    /// One that they saw is gone for good.
    ArticleDeleted,
    /// A channel was created, changed or deleted.
    ChannelChanged,
    /// The region directory changed.
    RegionsChanged,
}

impl Told {
    /// All that there is.
    pub const ALL: [Self; 7] = [
        Self::ArticlePublished,
        Self::ArticleUpdated,
        Self::ArticleWithdrawn,
        Self::ArticleExpired,
        Self::ArticleDeleted,
        Self::ChannelChanged,
        Self::RegionsChanged,
    ];

    /// The type that bodies tell.
    pub fn name(self) -> &'static str {
        match self {
            Self::ArticlePublished => "article.published",
            Self::ArticleUpdated => "article.updated",
            Self::ArticleWithdrawn => "article.withdrawn",
            Self::ArticleExpired => "article.expired",
            Self::ArticleDeleted => "article.deleted",
            Self::ChannelChanged => "channel.changed",
            Self::RegionsChanged => "regions.changed",
        }
    }
}

/// The type of a test.
pub const TEST: &str = "webhook.test";

/// As what an event is told; `None` when it is nothing to readers. What they see
/// is the event's own word, of when it happened: later ones have events of their own.
pub fn told(event: &Event) -> Option<Told> {
    // What the clock brings about is seen by its nature, and says nothing of it.
    let seen = event.data["seen"].as_bool();
    let kinds = [
        (Kind::ArticlePublished, Told::ArticlePublished, seen != Some(false)),
        (Kind::ArticleUpdated, Told::ArticleUpdated, seen == Some(true)),
        (Kind::ArticleWithdrawn, Told::ArticleWithdrawn, seen == Some(true)),
        (Kind::ArticleScheduled, Told::ArticleWithdrawn, seen == Some(true)),
        (Kind::ArticleExpired, Told::ArticleExpired, true),
        (Kind::ArticleDeleted, Told::ArticleDeleted, seen == Some(true)),
        (Kind::ChannelChanged, Told::ChannelChanged, true),
        (Kind::RegionsChanged, Told::RegionsChanged, true),
    ];
    let (_, told, public) = kinds.into_iter().find(|(kind, ..)| kind.name() == event.kind)?;
    public.then_some(told)
}

/// What an event is about: what comes later of the same waits for it.
pub fn subject(event: &Event) -> String {
    match (event.article_id, event.data["id"].as_str()) {
        (Some(article), _) => format!("Article:{article}"),
        (None, Some(channel)) => format!("Channel:{channel}"),
        (None, None) => "Regions:all".into(),
    }
}

/// The body, as JSON. `slugs` are those of its article.
pub fn body(told: Told, event: &Event, slugs: &[Slug]) -> String {
    let mut data = match event.article_id {
        Some(article) => of_article(event, article, slugs),
        None if event.kind == Kind::ChannelChanged.name() => {
            let key = event.data["id"].as_str().unwrap_or_default();
            json!({ "id": id::encode("Channel", key), "slug": event.data["slug"] })
        }
        None => json!({}),
    };
    data["tags"] = tag::of(event).into();
    envelope(told.name(), event.at, data)
}

/// The body of a test.
pub fn test(at: DateTime<Utc>) -> String {
    envelope(TEST, at, json!({ "message": "The webhook works." }))
}

fn envelope(kind: &str, at: DateTime<Utc>, data: Value) -> String {
    let timestamp = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string()
}

fn of_article(event: &Event, article: Uuid, slugs: &[Slug]) -> Value {
    let data = &event.data;
    // One that it got later may be nobody's business yet.
    let known = slugs.iter().filter(|slug| slug.created_at <= event.at).map(|slug| &slug.slug);
    json!({
        "id": id::encode("Article", &article.to_string()),
        "slug": data["slug"],
        "slugs": known.collect::<Vec<_>>(),
        "version": data["version"],
        "regions": merged(&data["regions"], &data["left"]["regions"]),
    })
}

/// The texts of two lists.
fn merged(one: &Value, other: &Value) -> Vec<String> {
    let lists = [one, other].into_iter().filter_map(Value::as_array).flatten();
    lists.filter_map(Value::as_str).map(str::to_owned).collect()
}
