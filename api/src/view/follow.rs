//! Brings memory up to the batches that other instances committed, and up to what
//! is folded.

use super::Views;
use super::log;
use super::log::Applied;
use crate::db::Db;
use crate::error::Error;

/// Applies all batches that are new. Reads everything anew when some were
/// removed before this instance came to see them.
pub async fn run(db: &Db, views: &Views) -> Result<(), Error> {
    // Asked first: what is folded then is in the tables for all who look later.
    let folded = log::folded(&db.read).await?;
    loop {
        let through = views.tail().through();
        let batches = log::after(&db.log, through).await?;
        let gap = batches.iter().any(|batch| views.apply(batch) == Applied::Gap);
        if gap || (batches.is_empty() && through < folded) {
            tracing::warn!("this instance was behind for long, reading all totals anew");
            return views.load(db).await;
        }
        if (batches.len() as u64) < log::MOST {
            break;
        }
    }
    views.tail().forget(folded);
    Ok(())
}
