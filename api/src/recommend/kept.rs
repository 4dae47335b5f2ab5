//! Lists that were made: made anew when somebody reads them a while later.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::TimeDelta;
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::Sources;
use super::follow;
use super::make::List;
use super::make::make;
use crate::error::Error;

/// Who reads a list that is older has it made anew, and does not wait for that.
const FRESH: TimeDelta = TimeDelta::seconds(60);
/// A list that is older than that is made anew before it is read.
const STALE: TimeDelta = TimeDelta::minutes(10);
/// So many lists are kept.
const MOST: usize = 10_000;

/// The lists of an instance.
pub struct Lists(Cache<Uuid, Arc<Place>>);

/// Where the list of an article is kept.
#[derive(Default)]
struct Place {
    last: Mutex<Option<Arc<List>>>,
    /// Held by the one who makes it.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Default for Lists {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Lists {
    fn of(&self, article: Uuid) -> Arc<Place> {
        let none = || Ok::<_, std::convert::Infallible>(Arc::default());
        let Ok(place) = self.0.get_or_insert_with(&article, none);
        place
    }

    /// Forgets the list of an article, or all, because an editor said something of it. What is
    /// being made of it meanwhile is not kept.
    pub fn told(&self, article: Option<Uuid>) {
        match article {
            Some(article) => _ = self.0.remove(&article),
            None => self.0.clear(),
        }
    }
}

impl Place {
    /// The last list if it is younger than that, and what editors want is the same.
    fn younger(&self, than: TimeDelta, sources: &Sources) -> Option<Arc<List>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let now = sources.ranked.clock.now();
        let young = (TimeDelta::zero()..than).contains(&(now - last.made));
        let same = last.ends.is_none_or(|end| now < end)
            && last.curated == sources.ranked.rankings.curation().newest();
        (young && same).then_some(last)
    }

    async fn renew(&self, sources: &Sources, article: Uuid) -> Result<Arc<List>, Error> {
        let made = Arc::new(make(sources, article).await?);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
        Ok(made)
    }
}

/// What is recommended with an article.
pub async fn today(sources: &Sources, article: Uuid) -> Result<Arc<List>, Error> {
    let place = sources.recommendations.lists.of(article);
    if let Some(fresh) = place.younger(FRESH, sources) {
        return Ok(fresh);
    }
    if let Some(last) = place.younger(STALE, sources) {
        renew_beside(sources, &place, article);
        return Ok(last);
    }
    let _turn = place.turn.lock().await;
    if let Some(fresh) = place.younger(FRESH, sources) {
        return Ok(fresh);
    }
    let makers = sources.recommendations.makers.0.acquire().await;
    let _maker = makers.map_err(|error| Error::Internal(error.to_string()))?;
    place.renew(sources, article).await
}

/// Has a list made anew, unless somebody does it, or all are busy: then who reads it next.
fn renew_beside(sources: &Sources, place: &Arc<Place>, article: Uuid) {
    let Ok(turn) = place.turn.clone().try_lock_owned() else { return };
    let makers = sources.recommendations.makers.0.clone();
    let Ok(maker) = makers.try_acquire_owned() else { return };
    let (sources, place) = (sources.clone(), place.clone());
    tokio::spawn(async move {
        if let Err(error) = place.renew(&sources, article).await {
            tracing::warn!(?error, "what is recommended could not be made anew");
        }
        drop((maker, turn));
    });
}

/// Brings what lists are made of up to date, and makes those of articles that appeared.
pub async fn prepare(sources: &Sources) -> Result<(), Error> {
    follow::run(sources).await?;
    let appeared = std::mem::take(
        &mut *sources.recommendations.appeared.lock().unwrap_or_else(PoisonError::into_inner),
    );
    for article in appeared {
        today(sources, article).await?;
    }
    Ok(())
}
