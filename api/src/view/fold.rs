//! Folds the log into the tables: keys, sums, visitors and hot scores. Each batch
//! goes in once, for how far it went is written in the same transaction; so all
//! tables are as of the same batch.

use std::ops::ControlFlow;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;

use super::batch::Display;
use super::class::Class;
use super::fold_counters;
use super::fold_keys;
use super::fold_scores;
use super::fold_visitors;
use super::log;
use crate::db::Db;
use crate::error::Error;

/// So many displays go into one transaction, but for the last batch's: enough that those
/// with neighbouring keys share a page.
const MOST: usize = 20_000;
/// Followers find a batch for so long at least.
const KEPT: TimeDelta = TimeDelta::minutes(2);

/// Folds some batches and removes old ones; true if there may be more.
pub async fn run(db: &Db, zone: Tz, now: DateTime<Utc>) -> Result<bool, Error> {
    let before = log::folded(&db.read).await?;
    let mut folded = before;
    let mut displays: Vec<Display> = Vec::new();
    let take = |batch: log::Batch| {
        folded = batch.seq;
        displays.extend_from_slice(&batch.displays);
        if displays.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    if !log::replay(db, before, take).await? {
        // Another process was faster.
        return Ok(true);
    }
    if folded > before {
        let txn = db.begin().await?;
        if !txn.alone().await? {
            return Ok(false);
        }
        if log::folded(&txn.db).await? != before {
            return Ok(true);
        }
        let views: Vec<&Display> =
            displays.iter().filter(|display| display.class == Class::Counted).collect();
        fold_keys::add(&txn, &displays).await?;
        fold_counters::add(&txn, &displays, zone).await?;
        fold_visitors::add(&txn, &views, zone).await?;
        fold_scores::add_views(&txn, &views).await?;
        log::set_folded(&txn, folded).await?;
        txn.commit().await?;
    }
    log::prune(db, folded, now - KEPT).await?;
    Ok(displays.len() >= MOST)
}
