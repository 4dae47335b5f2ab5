//! Keeps the board up to date. Asks the database only for what is new: where
//! articles are that had no view before, or that were changed.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use uuid::Uuid;

use super::Rankings;
use super::Sources;
use super::board::Board;
use super::load;
use super::load_places;
use crate::error::Error;
use crate::view::log::Applied;
use crate::view::log::Batch;
use crate::view::tail::Follower;
use crate::view::zone;

/// Adds what was counted since, or reads everything if that cannot be.
pub async fn run(sources: &Sources) -> Result<(), Error> {
    let rankings = &*sources.rankings;
    let _turn = rankings.turn.lock().await;
    // Asked for in any case: from here on, what is counted is collected.
    let fresh = sources.views.tail().take_fresh(Follower::Rankings);
    // Asked for after them, so that none of them is of a later hour.
    let hour = zone::hour(sources.clock.now().timestamp_millis());
    let stale = rankings.stale.swap(false, Ordering::SeqCst);
    let fits = |board: &Board| !stale && board.edition == sources.tree.edition();
    let applied = fresh.and_then(|fresh| apply(rankings, &fresh, hour, fits));
    let read = match applied {
        Some(()) => Ok(()),
        None => load::read(sources, hour).await.map(|board| {
            *rankings.board.write().unwrap_or_else(PoisonError::into_inner) = Some(board);
        }),
    };
    let placed = match read {
        Ok(()) => place(sources).await,
        Err(error) => Err(error),
    };
    if placed.is_err() {
        rankings.set_stale();
    }
    placed
}

/// `None` if the board cannot go on from where it is.
fn apply(
    rankings: &Rankings,
    fresh: &[Batch],
    hour: i32,
    fits: impl FnOnce(&Board) -> bool,
) -> Option<()> {
    let mut board = rankings.board.write().unwrap_or_else(PoisonError::into_inner);
    let board = board.as_mut().filter(|board| fits(board))?;
    board.roll(hour);
    for batch in fresh {
        if board.apply(batch) == Applied::Gap {
            return None;
        }
    }
    Some(())
}

/// Reads where articles are that are new on the board or were changed.
async fn place(sources: &Sources) -> Result<(), Error> {
    let rankings = &*sources.rankings;
    let touched: HashSet<Uuid> =
        std::mem::take(&mut *rankings.touched.lock().unwrap_or_else(PoisonError::into_inner));
    let mut changed = Vec::new();
    let pinned = rankings.curation().at(sources.clock.now()).pinned;
    if let Some(board) = &mut *rankings.board.write().unwrap_or_else(PoisonError::into_inner) {
        // Those without views, too: where they are says in which lists they stand.
        for article in pinned {
            board.find_or_add(article);
        }
        for article in touched {
            let imported = sources.views.totals.of(article).imported;
            if imported > 0 {
                board.find_or_add(article);
            }
            if let Some(number) = board.find(article) {
                changed.push(article);
                if let Some(entry) = board.entry_mut(number) {
                    entry.imported = imported;
                }
            }
        }
        changed.extend(board.take_unplaced());
    }
    changed.sort();
    changed.dedup();
    for part in changed.chunks(load_places::MOST) {
        let edition = sources.tree.edition();
        let mut places = load_places::read(&sources.db.read, edition, part).await?;
        let mut board = rankings.board.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(board) = &mut *board {
            for article in part {
                board.place(*article, places.remove(article));
            }
        }
    }
    Ok(())
}
