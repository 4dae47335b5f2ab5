//! Makes the list of an article.

use std::collections::HashSet;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use uuid::Uuid;

use super::Hot;
use super::Reason;
use super::Sources;
use super::choose::Chosen;
use super::choose::Known;
use super::choose::Subject;
use super::choose::choose;
use super::curate;
use super::curate::Mode;
use super::follow;
use super::pool::Pool;
use super::read;
use super::read::Read;
use crate::error::Error;
use crate::ranking::Kind;
use crate::ranking::Window;
use crate::ranking::heat;
use crate::ranking::list;

/// What is hot is looked up again after so long.
const FRESH: TimeDelta = TimeDelta::seconds(5);
/// So many of the hottest articles are looked at.
const HOTTEST: usize = 50;

/// What is recommended with an article.
#[derive(Debug)]
pub struct List {
    /// When it was made.
    pub made: DateTime<Utc>,
    /// When something that an editor said ends, if it does.
    pub ends: Option<DateTime<Utc>>,
    /// The last word of an editor on lists by views that it knows.
    pub curated: Uuid,
    /// The articles, the best first.
    pub articles: Vec<(Uuid, Reason)>,
    /// Articles with nearly the same text, the newest first.
    pub reprints: Vec<Uuid>,
}

/// Makes the list of this moment.
pub async fn make(sources: &Sources, article: Uuid) -> Result<List, Error> {
    let (db, clock) = (&sources.ranked.db, &sources.ranked.clock);
    let (now, curated) = (clock.now(), sources.ranked.rankings.curation().newest());
    let mut words = curate::held(&db.read, Some(article), now).await?;
    words.extend(curate::held(&db.read, None, now).await?);
    let of = |mode: Mode| words.iter().filter(move |word| word.mode == mode);
    let blocked: HashSet<Uuid> = of(Mode::Blocked).map(|word| word.recommended).collect();
    let pinned = of(Mode::Pinned).map(|word| word.recommended);
    let pinned: Vec<Uuid> = pinned.filter(|article| !blocked.contains(article)).collect();
    let hot = hot(sources).await?;
    follow::run(sources).await?;
    let known = Known {
        together: sources.recommendations.together().with(article, now.timestamp_millis()),
        hot,
        blocked,
        pinned,
    };
    let chosen = match here(sources, article, &known, now) {
        Some(chosen) => chosen,
        None => elsewhere(sources, article, &known, now).await?,
    };
    Ok(List {
        made: now,
        curated,
        ends: words.iter().filter_map(|word| word.until).min(),
        articles: chosen.articles,
        reprints: chosen.reprints,
    })
}

/// What is hot, or else was read most at any time; looked up every few seconds.
async fn hot(sources: &Sources) -> Result<Vec<Uuid>, Error> {
    let (now, curated) = (sources.ranked.clock.now(), sources.ranked.rankings.curation().newest());
    let known = sources.recommendations.hot().clone();
    if let Some(known) = known.filter(|known| known.curated == curated)
        && (TimeDelta::zero()..FRESH).contains(&(now - known.at))
    {
        return Ok(known.articles);
    }
    let mut articles = Vec::new();
    for kind in [Kind::Hot, Kind::Read(Window::All)] {
        let missing = HOTTEST.saturating_sub(articles.len());
        if missing > 0 {
            articles.extend(list::glance(&sources.ranked, kind, missing).await?);
        }
    }
    let hot = Hot { at: now, curated, articles: articles.clone() };
    *sources.recommendations.hot() = Some(hot);
    Ok(articles)
}

/// Chooses for an article of the pool; `None`: it is not there.
fn here(sources: &Sources, article: Uuid, known: &Known, now: DateTime<Utc>) -> Option<Chosen> {
    let pool = sources.recommendations.pool();
    let pool = pool.as_ref()?;
    let entry = pool.entry(pool.find(article)?)?;
    let subject = Subject {
        id: article,
        terms: entry.terms.clone(),
        sketch: entry.sketch.clone(),
        places: entry.filed.iter().filter_map(|place| pool.places.name(*place)).collect(),
    };
    Some(chosen(sources, pool, &subject, known, now))
}

/// Chooses for one that is older than those of the pool, or not published.
async fn elsewhere(
    sources: &Sources,
    article: Uuid,
    known: &Known,
    now: DateTime<Utc>,
) -> Result<Chosen, Error> {
    let edition = sources.ranked.tree.edition();
    let read = read::some(&sources.ranked.db, edition, vec![article], |_| false).await?;
    let Some(Read { id, text, places, .. }) = read.into_iter().next() else {
        return Ok(Chosen::default());
    };
    let pool = sources.recommendations.pool();
    let Some(pool) = pool.as_ref() else { return Ok(Chosen::default()) };
    let (terms, sketch) = (pool.terms(&text), text.sketch);
    Ok(chosen(sources, pool, &Subject { id, terms, sketch, places }, known, now))
}

fn chosen(
    sources: &Sources,
    pool: &Pool,
    subject: &Subject,
    known: &Known,
    now: DateTime<Utc>,
) -> Chosen {
    let heat = |articles: &[Uuid]| heat::of(&sources.ranked.rankings, articles, now);
    choose(pool, &sources.ranked.tree, subject, known, heat, now)
}
