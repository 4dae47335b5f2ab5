//! Brings memory up to the batches that other instances, or this one, committed.

use super::Views;
use super::log;
use super::log::Applied;
use crate::db::Db;
use crate::error::Error;

/// Applies all batches that are new. Reads everything anew when some were
/// removed before this instance came to see them.
pub async fn run(db: &Db, views: &Views) -> Result<(), Error> {
    for writer in log::writers(&db.read).await? {
        loop {
            let batches = log::after(&db.read, writer.id, views.totals.followed(writer.id)).await?;
            let read = batches.len() as u64;
            for batch in batches {
                if views.apply(batch) == Applied::Gap {
                    tracing::warn!("this instance was behind for long, reading all totals anew");
                    return views.load(db).await;
                }
            }
            if read < log::MOST {
                break;
            }
        }
    }
    Ok(())
}
