//! Keeps the pool, and what is read together, up to date. Asks the database only for articles
//! that changed.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use uuid::Uuid;

use super::Recommendations;
use super::Sources;
use super::pool::Pool;
use super::read;
use crate::error::Error;
use crate::view::tail::Follower;

/// So long one waits for somebody else who brings the pool up to date.
const PATIENCE: Duration = Duration::from_secs(1);
/// When more articles changed than this, it is quicker to read all.
const MANY: usize = 4_000;

/// Adds what is new, or reads everything if that cannot be. Goes on with what is there when
/// somebody else takes long with that.
pub async fn run(sources: &Sources) -> Result<(), Error> {
    let recommendations = &*sources.recommendations;
    let (turn, known) = (recommendations.turn.lock(), recommendations.pool().is_some());
    let _turn = match known {
        true => match tokio::time::timeout(PATIENCE, turn).await {
            Ok(turn) => turn,
            Err(_) => return Ok(()),
        },
        false => turn.await,
    };
    views(sources);
    // Until all is done: who asked may go away meanwhile.
    let unfinished = Unfinished(recommendations);
    let touched: HashSet<Uuid> = std::mem::take(
        &mut *recommendations.touched.lock().unwrap_or_else(PoisonError::into_inner),
    );
    let stale = recommendations.stale.swap(false, Ordering::SeqCst) || touched.len() > MANY;
    let edition = sources.ranked.tree.edition();
    let fits = |pool: &Pool| !stale && pool.edition >= edition && !pool.is_old();
    let fits = recommendations.pool().as_ref().is_some_and(fits);
    if fits {
        put(sources, touched).await?;
    } else {
        let read = read::all(&sources.ranked.db, edition).await?;
        let before = recommendations.pool_mut().replace(read);
        drop(before);
    }
    std::mem::forget(unfinished);
    Ok(())
}

/// Has everything read anew when it is dropped.
struct Unfinished<'a>(&'a Recommendations);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.set_stale();
    }
}

/// Adds what was counted since.
fn views(sources: &Sources) {
    let fresh = sources.ranked.views.tail().take_fresh(Follower::Recommendations);
    let mut together = sources.recommendations.together();
    let displays = fresh.iter().flatten().flat_map(|batch| batch.displays.iter());
    displays.for_each(|view| together.view(view));
    together.forget(sources.ranked.clock.now().timestamp_millis());
}

/// Puts articles that changed into the pool, or takes them out.
async fn put(sources: &Sources, touched: HashSet<Uuid>) -> Result<(), Error> {
    let mut touched = Vec::from_iter(touched);
    touched.sort();
    for ids in touched.chunks(read::BATCH) {
        let (edition, all) = (sources.ranked.tree.edition(), sources.recommendations.clone());
        let skip = move |at| all.pool().as_ref().is_some_and(|pool| pool.is_too_old(at));
        let read = read::some(&sources.ranked.db, edition, ids.to_vec(), skip).await?;
        let found: HashSet<Uuid> = read.iter().map(|read| read.id).collect();
        if let Some(pool) = &mut *sources.recommendations.pool_mut() {
            ids.iter().filter(|id| !found.contains(id)).for_each(|id| pool.remove(*id));
            read::put(pool, read);
        }
    }
    Ok(())
}
