//! Excluding articles from lists by views and pinning them there: who, when and why
//! is kept for ever.

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use entity::ranking_override;
use entity::ranking_override::Column;
use sea_orm::ColumnTrait;
use sea_orm::Condition;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::Select;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::Query;
use serde_json::json;
use uuid::Uuid;

use super::Rankings;
use super::curation::Curation;
use super::curation::Mode;
use super::curation::Override;
use crate::clock;
use crate::clock::millis;
use crate::clock::storable;
use crate::db;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::event::Kind;
use crate::page::Cursor;
use crate::page::Page;
use crate::page::Slice;

/// The most articles that may be pinned at a time.
pub const MOST_PINNED: usize = 20;

/// What an editor says of an article.
#[derive(Debug)]
pub struct Word {
    /// What is wanted; `None`: that it stands where its views put it.
    pub mode: Option<Mode>,
    /// Why.
    pub reason: String,
    /// Until then, exclusive; `None`: without end.
    pub until: Option<DateTime<Utc>>,
    /// By whom.
    pub token: Option<Uuid>,
}

/// Writes down what an editor says of an article that exists; what holds then, for
/// memory once the transaction, one of [`Db::begin_curation`], is committed.
pub async fn say(
    txn: &Txn,
    article: Uuid,
    word: Word,
    now: DateTime<Utc>,
) -> Result<Curation, Error> {
    check_reason(&word.reason)?;
    let until = check_until(word.until, now)?;
    let curation = read(&txn.db, now).await?;
    match word.mode {
        None if curation.of(article, now).is_none() => return Ok(curation),
        Some(Mode::Pinned) => check_room(&curation, article, now)?,
        _ => {}
    }
    let row = ranking_override::Model {
        id: Ord::max(clock::new_id(), next(curation.newest())),
        article_id: article,
        mode: word.mode.map_or(0, Mode::code),
        reason: word.reason.trim().to_owned(),
        until,
        at: now,
        token_id: word.token,
    };
    ranking_override::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(&txn.db)
        .await?;
    let data = json!({ "mode": word.mode.map(Mode::name), "until": until });
    event::record(txn, Kind::RankingCurated, Some(article), data, now);
    Ok(curation.with(row.id, article, from(row)))
}

/// Whether an editor says why.
pub fn check_reason(reason: &str) -> Result<(), Error> {
    let length = reason.trim().chars().count();
    if !(1..=500).contains(&length) || !db::can_hold(reason) {
        let message = "Say why in `reason`, in 1 to 500 characters.";
        return Err(Error::invalid("reason", Reason::Required, message));
    }
    Ok(())
}

/// The end of what an editor says, as it is stored.
pub fn check_until(
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let until = until.map(millis);
    if until.is_some_and(|until| until <= now || !storable(until)) {
        let message = "`until` must lie ahead, in a year up to 9999.";
        return Err(Error::invalid("until", Reason::Invalid, message));
    }
    Ok(until)
}

fn check_room(curation: &Curation, article: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    let pinned = curation.at(now).pinned;
    if pinned.iter().filter(|other| **other != article).count() >= MOST_PINNED {
        let message = format!(
            "{MOST_PINNED} articles are pinned, the most there may be: reset one of them first."
        );
        return Err(Error::conflict("id", Reason::WrongState, message));
    }
    Ok(())
}

/// The id after that one: clocks of instances differ, the order of words does not.
pub fn next(id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128().saturating_add(1))
}

/// Brings memory up to what the database says.
pub async fn follow(db: &Db, rankings: &Rankings, now: DateTime<Utc>) -> Result<(), Error> {
    let snapshot = db.snapshot().await?;
    rankings.curate(read(&snapshot, now).await?);
    Ok(())
}

/// What holds, of articles that exist.
async fn read(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Curation, Error> {
    let newest: Option<Uuid> = ranking_override::Entity::find()
        .select_only()
        .column(Column::Id)
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(db)
        .await?;
    let Some(newest) = newest else { return Ok(Curation::default()) };
    let rows = holding(now).all(db).await?;
    Ok(Curation::new(newest, rows.into_iter().filter_map(from).collect()))
}

/// A page of what holds, the last said first.
pub async fn list(
    db: &impl ConnectionTrait,
    page: &Page,
    now: DateTime<Utc>,
) -> Result<Slice<(Cursor, Override)>, Error> {
    let rows = page.apply(holding(now), Column::At, Column::Id, true).all(db).await?;
    let place = |wanted: Override| (Cursor { at: wanted.at, id: wanted.id }, wanted);
    Ok(page.slice(rows.into_iter().filter_map(from).map(place).collect()))
}

fn holding(now: DateTime<Utc>) -> Select<ranking_override::Entity> {
    let row = |column: Column| Expr::col((ranking_override::Entity, column));
    let later = Query::select()
        .expr(Expr::val(1))
        .from_as(ranking_override::Entity, "later")
        .and_where(Expr::col(("later", Column::ArticleId)).eq(row(Column::ArticleId)))
        .and_where(Expr::col(("later", Column::Id)).gt(row(Column::Id)))
        .to_owned();
    let existing = Query::select()
        .expr(Expr::val(1))
        .from(article::Entity)
        .and_where(Expr::col((article::Entity, article::Column::Id)).eq(row(Column::ArticleId)))
        .to_owned();
    let lasts = Condition::any().add(Column::Until.is_null()).add(Column::Until.gt(now));
    ranking_override::Entity::find()
        .filter(Column::Mode.is_in([Mode::Excluded.code(), Mode::Pinned.code()]))
        .filter(lasts)
        .filter(Expr::not_exists(later))
        .filter(Expr::exists(existing))
}

/// `None`: nothing is wanted.
fn from(row: ranking_override::Model) -> Option<Override> {
    let mode = Mode::from_code(row.mode)?;
    let ranking_override::Model { id, article_id: article, reason, until, at, token_id, .. } = row;
    Some(Override { id, article, mode, reason, until, at, token: token_id })
}
