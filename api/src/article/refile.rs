//! Filing articles under the next edition of the region directory.
//!
//! Batches write the rows that the next edition needs beside those of today's;
//! readers of each edition see its own. Then the switch, which catches up with
//! what was written meanwhile, and a minute later, when nobody reads the edition
//! before any more, its rows go. Each batch is a transaction of its own: it can be
//! cut off anywhere, any instance carries on, and nobody waits for long.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::article_region;
use entity::setting;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use uuid::Uuid;

use super::find;
use super::index;
use super::lists;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::event;
use crate::region;
use crate::region::Pending;
use crate::region::Tree;

/// How many articles are filed in one transaction.
const BATCH: usize = 500;
/// Instances follow the switch within a second; this is generous.
const KEPT: TimeDelta = TimeDelta::minutes(1);
const SWITCHED: &str = "region_switched";

/// Carries out what is staged, if anything is, and switches to it. `progress`
/// hears how many articles each batch filed.
pub async fn run(db: &Db, clock: &Clock, progress: impl Fn(u64)) -> Result<(), Error> {
    let Some(pending) = region::pending(&db.read).await? else { return Ok(()) };
    let today = region::read(&db.read).await?;
    let next = region::read_at(&db.read, pending.edition).await?;
    let ids = to_file(&db.read, &pending, &moved(&today, &next)).await?;
    let mut filed = Some(pending);
    while let Some(pending) = filed {
        let begin = ids.partition_point(|id| *id <= pending.after);
        let part: Vec<Uuid> = ids.iter().skip(begin).take(BATCH).copied().collect();
        progress(part.len() as u64);
        filed = match part.last() {
            Some(last) => batch(db, pending, &part, *last, &next).await?,
            None => catch_up(db, pending, &next, clock).await?,
        };
    }
    Ok(())
}

/// The regions whose articles get other rows.
fn moved(today: &Tree, next: &Tree) -> Vec<String> {
    let codes = |tree: &Tree, code: &str| -> Vec<String> {
        tree.above(code).iter().map(|row| row.code.clone()).collect()
    };
    let same = |code: &str| {
        let stays = next.resolve(code).is_some_and(|heir| heir.code == code);
        stays && codes(today, code) == codes(next, code)
    };
    today.rows().map(|row| row.code.clone()).filter(|code| !same(code)).collect()
}

/// The articles that stand in a region that moved and are not filed yet, in the
/// order of ids. All at once: 16 bytes each, and no index would give them in
/// parts.
async fn to_file(
    db: &impl ConnectionTrait,
    pending: &Pending,
    moved: &[String],
) -> Result<Vec<Uuid>, Error> {
    use article_region::Column;
    let mut ids: Vec<Uuid> = Vec::new();
    for part in moved.chunks(1000) {
        let found: Vec<Uuid> = article_region::Entity::find()
            .select_only()
            .column(Column::ArticleId)
            .filter(Column::RegionCode.is_in(part))
            .filter(Column::Direct.eq(true))
            .filter(Column::ArticleId.gt(pending.after))
            .filter(lists::valid(pending.edition - 1))
            .into_tuple()
            .all(db)
            .await?;
        ids.extend(found);
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Files a batch, unless another instance did; how far it is then.
async fn batch(
    db: &Db,
    mut pending: Pending,
    ids: &[Uuid],
    last: Uuid,
    next: &Tree,
) -> Result<Option<Pending>, Error> {
    let txn = db.begin_setup().await?;
    let stored = region::pending(&txn.db).await?;
    if stored.as_ref() != Some(&pending) {
        return Ok(stored.filter(|stored| stored.edition == pending.edition));
    }
    file(&txn, ids, next).await?;
    pending.after = last;
    region::save_pending(&txn, &pending).await?;
    txn.commit().await?;
    Ok(Some(pending))
}

/// Files what was written since the beginning; switches when that is little.
async fn catch_up(
    db: &Db,
    mut pending: Pending,
    next: &Tree,
    clock: &Clock,
) -> Result<Option<Pending>, Error> {
    let txn = db.begin_setup().await?;
    let stored = region::pending(&txn.db).await?;
    if stored.as_ref() != Some(&pending) {
        return Ok(stored.filter(|stored| stored.edition == pending.edition));
    }
    let mut events = event::after(&txn.db, pending.event).await?;
    let last = events.len() < event::MOST;
    if last {
        region::lock(&txn).await?;
        // Those of the writers that the lock waited for.
        events = event::after(&txn.db, pending.event).await?;
    }
    let changed: HashSet<Uuid> = events.iter().filter_map(|event| event.article_id).collect();
    let changed: Vec<Uuid> = changed.into_iter().collect();
    for ids in changed.chunks(BATCH) {
        file(&txn, ids, next).await?;
    }
    pending.event = events.last().map_or(pending.event, |event| event.id);
    let done = last && events.len() < event::MOST;
    if done {
        region::switch(&txn, &pending, clock.now()).await?;
        region::set(&txn, SWITCHED, clock.now().to_rfc3339()).await?;
    } else {
        region::save_pending(&txn, &pending).await?;
    }
    txn.commit().await?;
    Ok((!done).then_some(pending))
}

/// Makes the rows of articles right for the next edition; those of today's stay.
async fn file(txn: &Txn, ids: &[Uuid], next: &Tree) -> Result<(), Error> {
    use article_region::Column;
    let edition = next.edition();
    let articles = find::locked(txn, ids).await?;
    let mut known: HashMap<Uuid, Vec<article_region::Model>> = HashMap::new();
    let rows = article_region::Entity::find()
        .filter(Column::ArticleId.is_in(ids.iter().copied()))
        .filter(lists::valid(edition - 1).or(Column::EditionFrom.eq(edition)))
        .all(&txn.db)
        .await?;
    rows.into_iter().for_each(|row| known.entry(row.article_id).or_default().push(row));
    let mut over: BTreeMap<(String, i64), Vec<Uuid>> = BTreeMap::new();
    let mut fresh = Vec::new();
    for article in &articles {
        let known = known.remove(&article.id).unwrap_or_default();
        let today = known.iter().filter(|row| row.direct && row.edition_from < edition);
        let heir = |row: &article_region::Model| {
            next.resolve(&row.region_code).map_or(row.region_code.clone(), |heir| heir.code.clone())
        };
        let codes: Vec<String> = today.map(heir).collect();
        let mut wanted = lists::region_rows(article, &codes, next);
        for row in known.iter().filter(|row| row.edition_until.is_none()) {
            let same = |wanted: &article_region::Model| {
                let place = wanted.region_code == row.region_code && wanted.direct == row.direct;
                let times = (wanted.published_at, wanted.unpublish_at);
                place && times == (row.published_at, row.unpublish_at)
            };
            if let Some(at) = wanted.iter().position(same) {
                wanted.swap_remove(at);
                continue;
            }
            let key = (row.region_code.clone(), row.edition_from);
            over.entry(key).or_default().push(row.article_id);
        }
        fresh.extend(
            wanted.into_iter().map(|row| article_region::Model { edition_from: edition, ..row }),
        );
    }
    for ((code, from), ids) in over {
        let of_articles = Column::ArticleId.is_in(ids);
        let these = of_articles.and(Column::RegionCode.eq(code)).and(Column::EditionFrom.eq(from));
        if from == edition {
            article_region::Entity::delete_many().filter(these).exec(&txn.db).await?;
        } else {
            article_region::Entity::update_many()
                .col_expr(Column::EditionUntil, edition.into())
                .filter(these)
                .exec(&txn.db)
                .await?;
        }
    }
    for part in fresh.chunks(500) {
        let rows = part.iter().cloned().map(IntoActiveModel::into_active_model);
        article_region::Entity::insert_many(rows).exec_without_returning(&txn.db).await?;
    }
    index::put(txn, &articles).await
}

/// Removes rows of editions that nobody reads any more, a batch each time. False
/// if there are none.
pub async fn clean(db: &Db, now: DateTime<Utc>) -> Result<bool, Error> {
    use article_region::Column;
    if !is_over(&db.read, now).await? {
        return Ok(false);
    }
    let txn = db.begin_setup().await?;
    // Another instance may have switched again meanwhile.
    if !is_over(&txn.db, now).await? {
        return Ok(false);
    }
    let edition = region::edition(&txn.db).await?;
    let old = Column::EditionUntil.lte(edition);
    let ids: Vec<Uuid> = article_region::Entity::find()
        .select_only()
        .column(Column::ArticleId)
        .filter(old.clone())
        .limit(BATCH as u64)
        .into_tuple()
        .all(&txn.db)
        .await?;
    if ids.is_empty() {
        setting::Entity::delete_by_id(SWITCHED).exec(&txn.db).await?;
    } else {
        article_region::Entity::delete_many()
            .filter(old)
            .filter(Column::ArticleId.is_in(ids.iter().copied()))
            .exec(&txn.db)
            .await?;
        // They are no longer found by what they left.
        index::put(&txn, &find::locked(&txn, &ids).await?).await?;
        event::record(&txn, event::Kind::SearchChanged, None, serde_json::json!({}), now);
    }
    txn.commit().await?;
    Ok(!ids.is_empty())
}

/// Whether there was a switch, and nobody reads the edition before any more.
async fn is_over(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, Error> {
    let Some(switched) = setting::Entity::find_by_id(SWITCHED).one(db).await? else {
        return Ok(false);
    };
    let at = DateTime::parse_from_rfc3339(&switched.value).map(|at| at.to_utc());
    Ok(!at.is_ok_and(|at| now - at < KEPT))
}
