//! Reads the board from the database, as of one moment.

use std::collections::HashSet;

use sea_orm::ActiveEnum;

use super::Sources;
use super::board::Board;
use super::board::KEPT;
use super::board::least;
use super::crowd::Crowd;
use super::places::Place;
use crate::article::State;
use crate::db::scan;
use crate::db::scan::Moment;
use crate::db::scan::Row;
use crate::error::Error;
use crate::view::fold_scores;
use crate::view::log;
use crate::view::score;
use crate::view::score::HALF_LIVES;
use crate::view::visitors::Visitors;
use crate::view::zone;
use crate::view::zone::HOUR;

/// Days of which the visitors make an article eligible: as long as a month's list looks back.
const DAYS: i32 = 31;
/// Hours that earlier scores are made of: older ones are worth nothing.
const HOURS: i32 = 96;

/// The board in an hour, in hours since 1970.
pub async fn read(sources: &Sources, hour: i32) -> Result<Board, Error> {
    let sources = sources.clone();
    scan::apart(async move {
        loop {
            if let Some(board) = read_once(&sources, hour).await? {
                return Ok(board);
            }
        }
    })
    .await
}

/// `None` if what is not folded was folded and removed meanwhile.
async fn read_once(sources: &Sources, hour: i32) -> Result<Option<Board>, Error> {
    let mut moment = sources.db.moment().await?;
    let folded = log::folded_at(&mut moment).await?;
    let Some(unfolded) = log::unfolded(&sources.db, folded).await? else { return Ok(None) };
    let enough = sources.rankings.min_visitors;
    let crowd = Crowd::new(sources.views.rules.zone, enough);
    let mut board = Board::new(folded, sources.tree.edition(), hour, crowd);
    totals(&mut moment, &mut board).await?;
    hours(&mut moment, &mut board).await?;
    scores(&mut moment, &mut board).await?;
    scores_before(&mut board);
    if enough > 0 {
        let today = zone::day(sources.views.rules.zone, i64::from(hour) * HOUR);
        visitors(&mut moment, &mut board, today, enough).await?;
    }
    places(&mut moment, &mut board).await?;
    // These may be later than that moment. So an hour may have begun in between, and whoever
    // has no other views may have been published: such articles stay unplaced, and are asked for.
    board.roll(zone::hour(sources.clock.now().timestamp_millis()));
    for batch in &unfolded {
        board.apply(batch);
    }
    Ok(Some(board))
}

async fn totals(moment: &mut Moment, board: &mut Board) -> Result<(), Error> {
    let query = "SELECT article_id, counted, imported FROM view_total";
    let take = |row: Row| {
        let number = board.find_or_add(row.id(0)?);
        if let Some(entry) = board.entry_mut(number) {
            (entry.sums[3], entry.imported) = (row.get(1)?, row.get(2)?);
        }
        Ok(())
    };
    moment.each(query, take).await
}

async fn hours(moment: &mut Moment, board: &mut Board) -> Result<(), Error> {
    let query = format!(
        "SELECT article_id, CAST(hour AS BIGINT), counted FROM view_hour WHERE hour > {} \
         ORDER BY hour",
        board.hour - KEPT
    );
    let mut last = board.hour;
    let take = |row: Row| {
        let hour = i32::try_from(row.get::<i64>(1)?).unwrap_or(i32::MAX);
        if hour != last {
            board.pack(std::mem::replace(&mut last, hour));
        }
        let number = board.find_or_add(row.id(0)?);
        board.add_to_hour(number, hour, row.get(2)?);
        Ok(())
    };
    moment.each(&query, take).await?;
    board.pack(last);
    Ok(())
}

async fn scores(moment: &mut Moment, board: &mut Board) -> Result<(), Error> {
    let query = "SELECT article_id, fast, slow FROM view_hot";
    let take = |row: Row| {
        let number = board.find_or_add(row.id(0)?);
        if let Some(entry) = board.entry_mut(number) {
            entry.hot = [row.get(1)?, row.get(2)?];
        }
        Ok(())
    };
    moment.each(query, take).await
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
    moment: &mut Moment,
    board: &mut Board,
    today: i32,
    enough: usize,
) -> Result<(), Error> {
    // As they are stored: a byte, and eight for each visitor while there are few.
    let size = 1 + 8 * enough;
    let mut eligible = HashSet::new();
    let query = format!(
        "SELECT DISTINCT article_id FROM view_visitors \
         WHERE day >= {} AND length(sketch) >= {size}",
        today - DAYS
    );
    let take = |row: Row| {
        let article = row.id(0)?;
        eligible.insert(article);
        let number = board.find_or_add(article);
        if let Some(entry) = board.entry_mut(number) {
            entry.eligible = true;
        }
        Ok(())
    };
    moment.each(&query, take).await?;
    let query = format!(
        "SELECT article_id, CAST(day AS BIGINT), sketch FROM view_visitors \
         WHERE day >= {} AND length(sketch) < {size}",
        today - 1
    );
    let take = |row: Row| {
        let article = row.id(0)?;
        if eligible.contains(&article) {
            return Ok(());
        }
        let number = board.find_or_add(article);
        let day = i32::try_from(row.get::<i64>(1)?).unwrap_or(i32::MAX);
        if let Visitors::Few(few) = Visitors::decode(&row.get::<Vec<u8>>(2)?)? {
            for visitor in few {
                board.crowd.add(day, number, visitor);
            }
        }
        Ok(())
    };
    moment.each(&query, take).await
}

/// Where all articles are that are published. Among many it is quicker to read all
/// than to ask for each.
async fn places(moment: &mut Moment, board: &mut Board) -> Result<(), Error> {
    let published = State::Published.to_value();
    let query = format!("SELECT id, channel_id FROM article WHERE state = '{published}'");
    let take = |row: Row| {
        let channel = row.id_or_null(1)?.map(Place::Channel);
        board.place(row.id(0)?, Some(channel.into_iter().collect()));
        Ok(())
    };
    moment.each(&query, take).await?;
    let query = format!(
        "SELECT article_id, region_code FROM article_region WHERE edition_from <= {0} \
         AND (edition_until IS NULL OR edition_until > {0})",
        board.edition
    );
    let take = |row: Row| {
        board.add_place(row.id(0)?, Place::Region(row.get(1)?));
        Ok(())
    };
    moment.each(&query, take).await?;
    board.take_unplaced();
    Ok(())
}
