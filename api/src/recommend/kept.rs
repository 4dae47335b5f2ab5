//! Lists that were made: made anew when somebody reads them a while later.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
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
/// So many lists are made at a time of articles that appeared.
const PREPARED: usize = 100;
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
    /// The last list if it is younger than that, and nothing ended since that an editor said.
    fn younger(&self, than: TimeDelta, now: DateTime<Utc>) -> Option<Arc<List>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let young = (TimeDelta::zero()..than).contains(&(now - last.made));
        (young && last.ends.is_none_or(|end| now < end)).then_some(last)
    }

    async fn renew(&self, sources: &Sources, article: Uuid) -> Result<Arc<List>, Error> {
        let made = Arc::new(make(sources, article).await?);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
        Ok(made)
    }
}

/// What is recommended with an article.
pub async fn today(sources: &Sources, article: Uuid) -> Result<Arc<List>, Error> {
    let now = sources.ranked.clock.now();
    let place = sources.recommendations.lists.of(article);
    if let Some(fresh) = place.younger(FRESH, now) {
        return Ok(fresh);
    }
    if let Some(last) = place.younger(STALE, now) {
        if let Ok(turn) = place.turn.clone().try_lock_owned() {
            let sources = sources.clone();
            tokio::spawn(async move {
                if let Err(error) = place.renew(&sources, article).await {
                    tracing::warn!(?error, "what is recommended could not be made anew");
                }
                drop(turn);
            });
        }
        return Ok(last);
    }
    let _turn = place.turn.lock().await;
    match place.younger(FRESH, sources.ranked.clock.now()) {
        Some(fresh) => Ok(fresh),
        None => place.renew(sources, article).await,
    }
}

/// Brings what lists are made of up to date, and makes those of articles that appeared.
pub async fn prepare(sources: &Sources) -> Result<(), Error> {
    let appeared = follow::run(sources).await?;
    // After an import, whoever reads one of very many has its list made.
    for article in appeared.into_iter().take(PREPARED) {
        today(sources, article).await?;
    }
    Ok(())
}
