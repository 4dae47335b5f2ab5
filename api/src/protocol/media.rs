//! Media types: what a request is sent as, and what its answer is wanted as (GraphQL over
//! HTTP, draft of 2025, 4 to 6; RFC 9110, 12.5.1).

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use headers::HeaderMapExt;
use headers_accept::Accept;
use mediatype::MediaType;
use mediatype::ReadParams;
use mediatype::names;

/// What an answer can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/json`, for those who do not know the other one.
    Json,
    /// `application/graphql-response+json`.
    Graphql,
    /// `text/html`: the page for browsers.
    Html,
    /// `text/event-stream`: answers one after the other.
    EventStream,
}

/// In the order in which they are chosen by those who take anything. With a charset for
/// those who name one: ranges are compared with their parameters.
const OFFERED: [(&str, Media); 8] = [
    ("application/json", Media::Json),
    ("application/json;charset=utf-8", Media::Json),
    ("application/graphql-response+json", Media::Graphql),
    ("application/graphql-response+json;charset=utf-8", Media::Graphql),
    ("text/html", Media::Html),
    ("text/html;charset=utf-8", Media::Html),
    ("text/event-stream", Media::EventStream),
    ("text/event-stream;charset=utf-8", Media::EventStream),
];

impl Media {
    /// The header of an answer.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::EventStream => "text/event-stream",
        })
    }

    /// The status of a well-formed request of which nothing was executed. By
    /// `application/json` alone, proxies could have made an error: it is 200.
    pub fn refused(self) -> StatusCode {
        match self {
            Self::Graphql => StatusCode::BAD_REQUEST,
            Self::Json | Self::Html | Self::EventStream => StatusCode::OK,
        }
    }
}

/// What the client prefers of these; `None` if it takes none of them. Who says nothing,
/// or nothing that can be read, gets JSON.
pub fn wanted(headers: &HeaderMap, of: &[Media]) -> Option<Media> {
    let Ok(Some(accept)) = headers.typed_try_get::<Accept>() else { return Some(Media::Json) };
    let with_charset =
        accept.media_types().any(|accepted| accepted.get_param(names::CHARSET).is_some());
    let offered: Vec<(MediaType, Media)> = OFFERED
        .iter()
        .filter(|(name, media)| of.contains(media) && (with_charset || !name.contains(';')))
        .filter_map(|(name, media)| Some((MediaType::parse(name).ok()?, *media)))
        .collect();
    let chosen = accept.negotiate(offered.iter().map(|(name, _)| name))?;
    offered.iter().find(|(name, _)| name == chosen).map(|(_, media)| *media)
}

/// Whether the body is said to be JSON in UTF-8.
pub fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(Ok(sent)) = sent.map(MediaType::parse) else { return false };
    let charset = sent.get_param(names::CHARSET);
    sent.essence() == mediatype::media_type!(APPLICATION / JSON)
        && charset.is_none_or(|charset| charset.unquoted_str().eq_ignore_ascii_case("utf-8"))
}
