//! `GET /feeds/{articles|hot|search}.{atom|rss|json}`.

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::Query;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use tokio::time::timeout;

use super::Format;
use super::http_list::Asked;
use super::http_list::Kind;
use super::http_list::feed;
use crate::cache::http_kept;
use crate::cache::http_kept::Made;
use crate::cache::reads::Reads;
use crate::error::Error;
use crate::protocol::answer::Refusal;
use crate::protocol::execute;
use crate::protocol::execute::Answered;
use crate::protocol::execute::Endpoint;
use crate::protocol::media::Media;
use crate::protocol::response;

/// Answers with a feed, or 304 to who has it.
pub async fn get(
    State(endpoint): State<Endpoint>,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let named = file
        .split_once('.')
        .and_then(|(kind, format)| Some((Kind::of(kind)?, Format::of(format)?)));
    let Some((kind, format)) = named else { return StatusCode::NOT_FOUND.into_response() };
    let app = &endpoint.app;
    let pages = &app.config.pages;
    let (Some(home), true) = (&pages.site, pages.article.is_some()) else {
        return not_configured();
    };
    let Ok(Query(asked)) = asked else {
        let message = "A feed takes the parameters `region`, `channel`, `q` and `limit`, a number.";
        return response::refused(Media::Json, StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
    };
    let key = format!("F{file}?{}", query.as_deref().unwrap_or_default()).into_bytes();
    let Ok(mut address) = home.join(&format!("feeds/{file}")) else { return not_configured() };
    address.set_query(query.as_deref().filter(|query| !query.is_empty()));
    let content_type = HeaderValue::from_static(format.content_type());
    let make = async |reads: Arc<Reads>| {
        let work = async {
            let feed = feed(app, kind, &asked, (home, address.clone()), &reads).await?;
            Ok(Made { text: format.write(&feed)?, dated: true })
        };
        bounded(&endpoint, work).await
    };
    match http_kept::answer(app, &key, &headers, content_type, make).await {
        Ok(response) | Err(response) => response,
    }
}

/// Makes a document when there is room for what takes long, and gives up as others do.
pub async fn bounded(
    endpoint: &Endpoint,
    work: impl Future<Output = Result<Made, Error>>,
) -> Result<Made, Response> {
    let busy = |refusal: Refusal| {
        let Answered { status, text, .. } = Answered::refused(Media::Json, &refusal);
        response::unstored(response::text(Media::Json, status, text))
    };
    let _room = execute::room(endpoint).await.map_err(busy)?;
    match timeout(endpoint.app.config.timeout(), work).await {
        Ok(made) => made.map_err(|error| refused(&error)),
        Err(_) => {
            let message = "The document took too long to be made: ask for less of it.";
            Err(busy(Refusal::new("TIMEOUT", message)))
        }
    }
}

/// Tells the operator what is missing.
pub fn not_configured() -> Response {
    let message = "Feeds and sitemaps need to know where articles are shown: start the server \
                   with --site-url and --article-url.";
    let status = StatusCode::NOT_IMPLEMENTED;
    response::refused(Media::Json, status, "NOT_CONFIGURED", message)
}

/// What made a document fail.
fn refused(error: &Error) -> Response {
    let status = match error {
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        _ => return response::failed(Media::Json, error),
    };
    response::refused(Media::Json, status, error.code(), &error.to_string())
}
