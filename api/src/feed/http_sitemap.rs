//! `GET /sitemap.xml`, `/sitemap-news.xml` and `/sitemaps/{month}.xml`.

use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use chrono::Datelike;
use chrono::TimeDelta;
use reqwest::Url;

use super::http::bounded;
use super::http::not_configured;
use super::sitemap;
use super::sitemap::MOST;
use super::sitemap::MOST_NEWS;
use super::sitemap::News;
use super::sitemap::Page;
use super::sitemap::Part;
use crate::app::App;
use crate::article::Audience;
use crate::article::list;
use crate::article::list::Filter;
use crate::article::list::Listed;
use crate::cache::http_kept;
use crate::cache::http_kept::Made;
use crate::cache::reads::Reads;
use crate::cache::tag;
use crate::error::Error;
use crate::protocol::execute::Endpoint;

/// Which sitemaps there are is known so long.
const AGE: TimeDelta = TimeDelta::minutes(10);
/// What is news.
const NEWS: TimeDelta = TimeDelta::hours(48);

/// Which file.
#[derive(Clone, Copy, Debug)]
enum File {
    Index,
    News,
    Month(Part),
}

/// `GET /sitemap.xml`: which files there are.
pub async fn index(State(endpoint): State<Endpoint>, headers: HeaderMap) -> Response {
    get(&endpoint, File::Index, &headers).await
}

/// `GET /sitemap-news.xml`: what appeared within two days.
pub async fn news(State(endpoint): State<Endpoint>, headers: HeaderMap) -> Response {
    get(&endpoint, File::News, &headers).await
}

/// `GET /sitemaps/{month}.xml`: what appeared in a month.
pub async fn month(
    State(endpoint): State<Endpoint>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    match file.strip_suffix(".xml").and_then(Part::read) {
        Some(part) => get(&endpoint, File::Month(part), &headers).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn get(endpoint: &Endpoint, file: File, headers: &HeaderMap) -> Response {
    let app = &endpoint.app;
    let pages = &app.config.pages;
    let (Some(home), true) = (&pages.site, pages.article.is_some()) else {
        return not_configured();
    };
    let key = format!("M{file:?}").into_bytes();
    let xml = HeaderValue::from_static("application/xml; charset=utf-8");
    let make = async |reads: std::sync::Arc<Reads>| {
        let work = async {
            let text = match file {
                File::Index => files(app, home, &reads).await?,
                File::News => recent(app, &reads).await?,
                File::Month(part) => of_month(app, part, &reads).await?,
            };
            Ok(Made { text, dated: false })
        };
        bounded(endpoint, work).await
    };
    match http_kept::answer(app, &key, headers, xml, make).await {
        Ok(response) | Err(response) => response,
    }
}

async fn files(app: &App, home: &Url, reads: &Reads) -> Result<String, Error> {
    let now = app.clock.now();
    reads.until(now + AGE);
    let (db, audience) = (&app.db.read, Audience::Public(now));
    let mut names = vec!["sitemap-news.xml".to_owned()];
    let mut rest = Filter::default();
    // From one month that has articles to the next.
    while let Some(first) = list::listed(db, audience, &rest, 0, 1).await?.first() {
        let Some(month) = first.published_at.date_naive().with_day(1) else { break };
        let Some(of_month) = filter(Part { month, number: 1 }) else { break };
        let count = list::count_of(db, audience, &of_month).await?;
        let parts = (1..=count.div_ceil(MOST)).map(|number| Part { month, number });
        names.extend(parts.map(|part| format!("sitemaps/{}.xml", part.name())));
        rest.from = of_month.until;
    }
    let addresses = names.iter().filter_map(|name| home.join(name).ok());
    Ok(sitemap::index(&addresses.map(Into::into).collect::<Vec<String>>()))
}

async fn of_month(app: &App, part: Part, reads: &Reads) -> Result<String, Error> {
    reads.tag(tag::ARTICLES);
    let missing = || Error::not_found("month", "There are no articles of this month.");
    let filter = filter(part).ok_or_else(missing)?;
    let (db, audience) = (&app.db.read, Audience::Public(app.clock.now()));
    let skip = (part.number - 1).saturating_mul(MOST);
    let articles = list::listed(db, audience, &filter, skip, MOST).await?;
    if articles.is_empty() {
        return Err(missing());
    }
    Ok(sitemap::pages(
        &articles.iter().filter_map(|article| page(app, article)).collect::<Vec<_>>(),
    ))
}

async fn recent(app: &App, reads: &Reads) -> Result<String, Error> {
    let now = app.clock.now();
    reads.tag(tag::ARTICLES);
    // By then one of them may be too old.
    reads.until(now + AGE);
    let filter = Filter { from: Some(now - NEWS), ..Filter::default() };
    let (db, audience) = (&app.db.read, Audience::Public(now));
    let count = list::count_of(db, audience, &filter).await?;
    let skip = count.saturating_sub(MOST_NEWS);
    let articles = list::listed(db, audience, &filter, skip, MOST_NEWS).await?;
    let news = |article: &Listed| {
        let news = News {
            publication: app.config.site_name.clone(),
            language: app.config.pages.language.clone(),
            published: article.published_at,
            title: article.title.clone(),
        };
        Some(Page { news: Some(news), ..page(app, article)? })
    };
    Ok(sitemap::pages(&articles.iter().rev().filter_map(news).collect::<Vec<_>>()))
}

fn filter(part: Part) -> Option<Filter> {
    let (from, until) = part.span()?;
    Some(Filter { from: Some(from), until: Some(until), ..Filter::default() })
}

fn page(app: &App, article: &Listed) -> Option<Page> {
    let address = app.config.pages.of(article.id, &article.slug)?;
    let modified = article.updated_at.max(article.published_at);
    Some(Page { address, modified, news: None })
}
