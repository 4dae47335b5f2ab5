//! Keeps the pool, and what is read together, up to date. Asks the database only for articles
//! that changed.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use uuid::Uuid;

use super::Sources;
use super::pool::Pool;
use super::read;
use crate::error::Error;
use crate::view::tail::Follower;

/// When more articles changed than this, it is quicker to read all.
const MANY: usize = 4_000;

/// Adds what is new, or reads everything if that cannot be. The articles that appeared since,
/// unless everything was read.
pub async fn run(sources: &Sources) -> Result<Vec<Uuid>, Error> {
    let recommendations = &*sources.recommendations;
    let _turn = recommendations.turn.lock().await;
    views(sources);
    let touched: HashSet<Uuid> = std::mem::take(
        &mut *recommendations.touched.lock().unwrap_or_else(PoisonError::into_inner),
    );
    let stale = recommendations.stale.swap(false, Ordering::SeqCst) || touched.len() > MANY;
    let edition = sources.ranked.tree.edition();
    let fits = |pool: &Pool| !stale && pool.edition == edition && !pool.is_old();
    let fits = recommendations.pool().as_ref().is_some_and(fits);
    let done = match fits {
        true => put(sources, touched).await,
        false => read::all(&sources.ranked.db, edition).await.map(|pool| {
            *recommendations.pool_mut() = Some(pool);
            Vec::new()
        }),
    };
    if done.is_err() {
        recommendations.set_stale();
    }
    done
}

/// Adds what was counted since.
fn views(sources: &Sources) {
    let fresh = sources.ranked.views.tail().take_fresh(Follower::Recommendations);
    let mut together = sources.recommendations.together();
    let displays = fresh.iter().flatten().flat_map(|batch| batch.displays.iter());
    displays.for_each(|view| together.view(view));
}

/// Puts articles that changed into the pool, or takes them out; those that are new there.
async fn put(sources: &Sources, touched: HashSet<Uuid>) -> Result<Vec<Uuid>, Error> {
    let (mut touched, mut new) = (Vec::from_iter(touched), Vec::new());
    touched.sort();
    for ids in touched.chunks(read::BATCH) {
        let edition = sources.ranked.tree.edition();
        let read = read::some(&sources.ranked.db, edition, ids.to_vec()).await?;
        let found: HashSet<Uuid> = read.iter().map(|read| read.id).collect();
        if let Some(pool) = &mut *sources.recommendations.pool_mut() {
            ids.iter().filter(|id| !found.contains(id)).for_each(|id| pool.remove(*id));
            new.extend(read::put(pool, read));
        }
    }
    Ok(new)
}
