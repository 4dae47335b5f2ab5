//! Which articles stand in a feed, as readers see them.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use reqwest::Url;
use serde::Deserialize;
use uuid::Uuid;

use super::Feed;
use super::Item;
use super::printable;
use crate::app::App;
use crate::article::Article;
use crate::article::Audience;
use crate::article::find;
use crate::article::find::Forms;
use crate::article::input;
use crate::article::list;
use crate::article::list::Filter;
use crate::article::list::InRegion;
use crate::article::list::Order;
use crate::cache::reads::Reads;
use crate::cache::tag;
use crate::channel;
use crate::error::Error;
use crate::error::Reason;
use crate::page;
use crate::page::Page;
use crate::ranking;
use crate::ranking::snapshot;
use crate::region::Division;
use crate::search::graphql_results;
use crate::search::parse::parse;
use crate::search::places::Question;

/// So many articles have feeds that nobody asks more or less of.
const USUAL: i32 = 50;

/// When a feed without articles changed last: Atom wants an instant, and 1970 is taken for a
/// mistake.
const NEVER: DateTime<Utc> = match DateTime::from_timestamp(946_684_800, 0) {
    Some(at) => at,
    None => DateTime::UNIX_EPOCH,
};

/// The parameters of a feed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// A code or a path.
    region: Option<String>,
    /// A slug.
    channel: Option<String>,
    /// What is searched for.
    q: Option<String>,
    /// So many articles.
    limit: Option<i32>,
}

/// What a feed is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The newest articles.
    Articles,
    /// What is most wanted now.
    Hot,
    /// What is found, the newest first.
    Search,
}

impl Kind {
    /// The kind of a file's name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "articles" => Some(Self::Articles),
            "hot" => Some(Self::Hot),
            "search" => Some(Self::Search),
            _ => None,
        }
    }
}

/// Reads a feed of a site, of which it is at `address`.
pub async fn feed(
    app: &App,
    kind: Kind,
    asked: &Asked,
    (home, address): (&Url, Url),
    reads: &Reads,
) -> Result<Feed, Error> {
    [tag::ARTICLES, tag::CHANNELS].into_iter().for_each(|tag| reads.tag(tag));
    let limit = asked.limit.unwrap_or(USUAL);
    if !(1..=page::MAX).contains(&limit) {
        let message = format!("`limit` must be from 1 to {}; {limit} was asked for.", page::MAX);
        return Err(Error::invalid("limit", Reason::Invalid, message));
    }
    let tree = app.tree();
    let region = asked.region.as_ref().map(|region| {
        let missing = || Error::not_found("region", "There is no region of this code or path.");
        tree.named(region).ok_or_else(missing)
    });
    let region: Option<&Division> = region.transpose()?.map(|region| &**region);
    let channel = match &asked.channel {
        None => None,
        Some(slug) => {
            let missing = || Error::not_found("channel", "There is no channel of this slug.");
            Some(channel::by_slug(&app.db, slug).await?.ok_or_else(missing)?)
        }
    };
    if kind != Kind::Search && asked.q.is_some() || kind == Kind::Search && channel.is_some() {
        let message = "`q` goes with /feeds/search alone, and `channel` not with that.";
        return Err(Error::invalid("q", Reason::Unsupported, message));
    }
    if kind == Kind::Articles && region.is_some() && channel.is_some() {
        let message = "Pass `region` or `channel`: no index serves both together.";
        return Err(Error::invalid("channel", Reason::Unsupported, message));
    }
    let places = (region.map(|region| &*region.code), channel.as_ref().map(|found| found.id));
    let articles = match kind {
        Kind::Articles => newest(app, places, limit).await?,
        Kind::Hot => hot(app, places, limit, reads).await?,
        Kind::Search => found(app, asked.q.as_deref(), places.0, limit, reads).await?,
    };
    let named = [region.map(|region| &*region.name), channel.as_ref().map(|found| &*found.name)];
    let words = [Some(&*app.config.site_name)].into_iter().chain(named).chain([asked.q.as_deref()]);
    let title = words.flatten().collect::<Vec<_>>().join(" · ");
    let places = [("region", places.0), ("channel", asked.channel.as_deref())];
    let mut id = format!("{home}#feed-{kind:?}").to_lowercase();
    for (name, value) in places.into_iter().chain([("q", asked.q.as_deref())]) {
        let value: Option<String> =
            value.map(|value| form_urlencoded::byte_serialize(value.as_bytes()).collect());
        id.extend(value.map(|value| format!("-{name}-{value}")));
    }
    let updated = articles
        .iter()
        .map(|article| {
            article.published_at.map_or(article.updated_at, |at| at.max(article.updated_at))
        })
        .max()
        .unwrap_or(NEVER);
    let items = items(app, articles).await?;
    let language = app.config.pages.language.clone();
    let (title, home, address) = (printable(&title), home.to_string(), address.into());
    Ok(Feed { title, id, home, address, language, updated, items })
}

type Places<'a> = (Option<&'a str>, Option<Uuid>);

async fn newest(
    app: &App,
    (region, channel): Places<'_>,
    limit: i32,
) -> Result<Vec<Article>, Error> {
    let edition = app.tree().edition();
    let region = region.map(|code| InRegion { code: code.to_owned(), descendants: true, edition });
    let filter = Filter { region, channel, ..Filter::default() };
    let page = Page::new(Some(limit), None, None, None)?;
    let audience = Audience::Public(app.clock.now());
    let slice = list::list(&app.db, audience, &filter, Order::Newest, &page).await?;
    Ok(slice.items.into_iter().map(|(_, article)| article).collect())
}

async fn hot(
    app: &App,
    (region, channel): Places<'_>,
    limit: i32,
    reads: &Reads,
) -> Result<Vec<Article>, Error> {
    let (sources, now) = (app.rankings(), app.clock.now());
    reads.tag(tag::RANKINGS);
    // Readers of feeds come every few minutes; a list that is a little older is as good.
    reads.until(now + chrono::TimeDelta::seconds(10));
    let scope = ranking::Scope { region: region.map(str::to_owned), channel };
    let key = ranking::Key { kind: ranking::Kind::Hot, scope };
    let snapshot = snapshot::today(&sources, &key).await?;
    let curation = sources.rankings.curation();
    let shown = snapshot.lines.iter().filter(|line| !curation.excludes(line.article, now));
    let ids: Vec<Uuid> = shown.map(|line| line.article).collect();
    let found = find::by_ids(&app.db, Audience::Public(now), &ids).await?;
    let mut found: HashMap<Uuid, Article> =
        found.into_iter().map(|article| (article.id, article)).collect();
    let limit = usize::try_from(limit).unwrap_or(0);
    Ok(ids.iter().filter_map(|id| found.remove(id)).take(limit).collect())
}

async fn found(
    app: &App,
    query: Option<&str>,
    region: Option<&str>,
    limit: i32,
    reads: &Reads,
) -> Result<Vec<Article>, Error> {
    let Some(query) = query else {
        let message = "Pass the words that are searched for as `q`.";
        return Err(Error::invalid("q", Reason::Required, message));
    };
    reads.tag(tag::SEARCH);
    let question = Question {
        terms: parse(query, &app.words)?,
        region: region.map(str::to_owned),
        from: None,
        until: None,
        now: app.clock.now(),
    };
    let asked = graphql_results::Asked {
        first: usize::try_from(limit).unwrap_or(0),
        after: None,
        by_relevance: false,
        pieces: false,
    };
    let results = graphql_results::page(app, &question, asked).await?;
    Ok(results.found.into_iter().map(|found| found.article.0).collect())
}

async fn items(app: &App, articles: Vec<Article>) -> Result<Vec<Item>, Error> {
    let ids: Vec<Uuid> = articles.iter().map(|article| article.id).collect();
    let forms = Forms { html: true, ..Forms::default() };
    let mut bodies = find::bodies(&app.db, &ids, forms).await?;
    let channels = articles.iter().filter_map(|article| article.channel_id);
    let channels = channel::by_ids(&app.db, &channels.collect::<Vec<_>>()).await?;
    let channels: HashMap<Uuid, String> =
        channels.into_iter().map(|channel| (channel.id, channel.name)).collect();
    let mut items = Vec::with_capacity(articles.len());
    for article in articles {
        let (Some(url), Some(published)) =
            (app.config.pages.of(article.id, &article.slug), article.published_at)
        else {
            continue;
        };
        let own = input::tags_of(&article);
        let channel = article.channel_id.and_then(|id| channels.get(&id).cloned());
        let html = bodies.remove(&article.id).map(|body| body.html).unwrap_or_default();
        items.push(Item {
            id: format!("urn:uuid:{}", article.id),
            url,
            title: printable(&article.title),
            byline: article.byline.as_deref().map(printable),
            published,
            updated: article.updated_at.max(published),
            summary: printable(&article.teaser),
            html: printable(&html),
            image: input::lead_image_of(&article).map(|image| printable(&image.url)),
            tags: channel.into_iter().chain(own).map(|tag| printable(&tag)).collect(),
        });
    }
    Ok(items)
}
