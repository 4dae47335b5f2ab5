//! Reads the board from the database, as of one moment.

use std::collections::HashSet;

use entity::view_hot;
use entity::view_hour;
use entity::view_total;
use entity::view_visitors;
use sea_orm::ColumnTrait;
use sea_orm::DatabaseTransaction;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use super::Sources;
use super::board::Board;
use super::board::KEPT;
use super::board::least;
use super::crowd::Crowd;
use super::load_places;
use crate::error::Error;
use crate::view::fold_scores;
use crate::view::log;
use crate::view::score;
use crate::view::score::HALF_LIVES;
use crate::view::visitors::Visitors;
use crate::view::zone;
use crate::view::zone::HOUR;

/// So many rows are read at a time.
const CHUNK: u64 = 20_000;
/// Days of which the visitors make an article eligible: as long as a month's list looks back.
const DAYS: i32 = 31;
/// Hours that earlier scores are made of: older ones are worth nothing.
const HOURS: i32 = 96;

/// The board in an hour, in hours since 1970.
pub async fn read(sources: &Sources, hour: i32) -> Result<Board, Error> {
    loop {
        if let Some(board) = read_once(sources, hour).await? {
            return Ok(board);
        }
    }
}

/// `None` if what is not folded was folded and removed meanwhile.
async fn read_once(sources: &Sources, hour: i32) -> Result<Option<Board>, Error> {
    let txn = sources.db.snapshot().await?;
    let folded = log::folded(&txn).await?;
    let Some(unfolded) = log::unfolded(&sources.db, folded).await? else { return Ok(None) };
    let enough = sources.rankings.min_visitors;
    let crowd = Crowd::new(sources.views.rules.zone, enough);
    let mut board = Board::new(folded, sources.tree.edition(), hour, crowd);
    totals(&txn, &mut board).await?;
    hours(&txn, &mut board).await?;
    scores(&txn, &mut board).await?;
    scores_before(&mut board);
    if enough > 0 {
        let today = zone::day(sources.views.rules.zone, i64::from(hour) * HOUR);
        visitors(&txn, &mut board, today, enough).await?;
    }
    for batch in &unfolded {
        board.apply(batch);
    }
    for part in board.take_unplaced().chunks(load_places::MOST) {
        let mut places = load_places::read(&txn, board.edition, part).await?;
        for article in part {
            board.place(*article, places.remove(article));
        }
    }
    Ok(Some(board))
}

async fn totals(txn: &DatabaseTransaction, board: &mut Board) -> Result<(), Error> {
    use view_total::Column;
    let mut last: Option<Uuid> = None;
    loop {
        let mut query = view_total::Entity::find().order_by_asc(Column::ArticleId).limit(CHUNK);
        if let Some(last) = last {
            query = query.filter(Column::ArticleId.gt(last));
        }
        let rows = query.all(txn).await?;
        let Some(row) = rows.last() else { return Ok(()) };
        last = Some(row.article_id);
        for row in rows {
            let number = board.find_or_add(row.article_id);
            if let Some(entry) = board.entry_mut(number) {
                (entry.sums[3], entry.imported) = (row.counted, row.imported);
            }
        }
    }
}

async fn hours(txn: &DatabaseTransaction, board: &mut Board) -> Result<(), Error> {
    use view_hour::Column;
    let mut last = (board.hour - KEPT, Uuid::max());
    loop {
        let key = Expr::tuple([Expr::col(Column::Hour), Expr::col(Column::ArticleId)]);
        let rows = view_hour::Entity::find()
            .filter(key.gt(Expr::tuple([Expr::val(last.0), Expr::val(last.1)])))
            .order_by_asc(Column::Hour)
            .order_by_asc(Column::ArticleId)
            .limit(CHUNK)
            .all(txn)
            .await?;
        let Some(row) = rows.last() else { return Ok(()) };
        last = (row.hour, row.article_id);
        for of_hour in rows.chunk_by(|a, b| a.hour == b.hour) {
            for row in of_hour {
                let number = board.find_or_add(row.article_id);
                board.add_to_hour(number, row.hour, row.counted);
            }
            board.pack(of_hour[0].hour);
        }
    }
}

async fn scores(txn: &DatabaseTransaction, board: &mut Board) -> Result<(), Error> {
    use view_hot::Column;
    let mut last: Option<Uuid> = None;
    loop {
        let mut query = view_hot::Entity::find().order_by_asc(Column::ArticleId).limit(CHUNK);
        if let Some(last) = last {
            query = query.filter(Column::ArticleId.gt(last));
        }
        let rows = query.all(txn).await?;
        let Some(row) = rows.last() else { return Ok(()) };
        last = Some(row.article_id);
        for row in rows {
            let number = board.find_or_add(row.article_id);
            if let Some(entry) = board.entry_mut(number) {
                entry.hot = [row.fast, row.slow];
            }
        }
    }
}

/// The scores of earlier hours are stored nowhere: they are made of the views of
/// each hour, taken as spread over it.
fn scores_before(board: &mut Board) {
    for ago in [0, 1] {
        let start = board.hour - ago;
        let mut scores = super::board::Scores::new();
        for (hour, views) in board.hours.range(start - HOURS..start) {
            for (number, views) in views.views() {
                let of_hour = HALF_LIVES.map(|life| score::of_many(*hour, views, life));
                let sum = scores.entry(number).or_insert([f64::NEG_INFINITY; 2]);
                *sum = fold_scores::add(*sum, of_hour);
            }
        }
        let least = least(i64::from(start) * HOUR);
        scores.retain(|_, hot| hot.iter().zip(least).any(|(hot, least)| *hot >= least));
        board.before[usize::from(ago > 0)] = scores;
    }
}

/// Which articles had enough visitors on a day, and who the visitors of the last
/// days are where they were fewer.
async fn visitors(
    txn: &DatabaseTransaction,
    board: &mut Board,
    today: i32,
    enough: usize,
) -> Result<(), Error> {
    use view_visitors::Column;
    // As they are stored: a byte, and eight for each visitor while there are few.
    let size = i64::try_from(1 + 8 * enough).unwrap_or(i64::MAX);
    let length = || Expr::cust("length(sketch)");
    let eligible: Vec<Uuid> = view_visitors::Entity::find()
        .select_only()
        .column(Column::ArticleId)
        .distinct()
        .filter(Column::Day.gte(today - DAYS))
        .filter(length().gte(size))
        .into_tuple()
        .all(txn)
        .await?;
    let eligible: HashSet<Uuid> = eligible.into_iter().collect();
    for article in &eligible {
        let number = board.find_or_add(*article);
        if let Some(entry) = board.entry_mut(number) {
            entry.eligible = true;
        }
    }
    let few = view_visitors::Entity::find()
        .filter(Column::Day.gte(today - 1))
        .filter(length().lt(size))
        .all(txn)
        .await?;
    for row in few.into_iter().filter(|row| !eligible.contains(&row.article_id)) {
        let number = board.find_or_add(row.article_id);
        if let Visitors::Few(few) = Visitors::decode(&row.sketch)? {
            for visitor in few {
                board.crowd.add(row.day, number, visitor);
            }
        }
    }
    Ok(())
}
