//! Pinning and blocking: who, when and why is kept for ever.

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use entity::recommendation_override;
use entity::recommendation_override::Column;
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

use crate::clock;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::event::Kind;
use crate::page::Cursor;
use crate::page::Page;
use crate::page::Slice;
use crate::ranking::curate::check_reason;
use crate::ranking::curate::check_until;
use crate::ranking::curate::next;

/// The most articles that may be pinned to one at a time.
pub const MOST_PINNED: usize = 20;

/// What an editor wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Not to be recommended.
    Blocked,
    /// To be recommended first.
    Pinned,
}

/// What an editor says of an article among what is recommended.
#[derive(Debug)]
pub struct Word {
    /// With which article; `None`: with whichever.
    pub article: Option<Uuid>,
    /// Of which article.
    pub recommended: Uuid,
    /// What is wanted; `None`: nothing any more.
    pub mode: Option<Mode>,
    /// Why.
    pub reason: String,
    /// Until then, exclusive; `None`: without end.
    pub until: Option<DateTime<Utc>>,
    /// By whom.
    pub token: Option<Uuid>,
}

/// What holds of an article among what is recommended with another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Sorts by the order in which editors said so.
    pub id: Uuid,
    /// The article.
    pub recommended: Uuid,
    /// What is wanted.
    pub mode: Mode,
    /// Why.
    pub reason: String,
    /// Until then, exclusive; `None`: without end.
    pub until: Option<DateTime<Utc>>,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// By whom.
    pub token: Option<Uuid>,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Pinned => "pinned",
        }
    }

    /// The number in the database, where 0 is neither.
    fn code(self) -> i16 {
        match self {
            Self::Blocked => 1,
            Self::Pinned => 2,
        }
    }

    fn from_code(code: i16) -> Option<Self> {
        [Self::Blocked, Self::Pinned].into_iter().find(|mode| mode.code() == code)
    }
}

/// Writes down what an editor says of articles that exist, in a transaction of
/// [`begin_curation`](crate::db::Db::begin_curation).
pub async fn say(txn: &Txn, word: Word, now: DateTime<Utc>) -> Result<(), Error> {
    check_reason(&word.reason)?;
    let until = check_until(word.until, now)?;
    if word.article == Some(word.recommended) {
        let message = "An article is never recommended with itself: name another one.";
        return Err(Error::invalid("recommended", Reason::Invalid, message));
    }
    let held = holding(word.article, now).all(&txn.db).await?;
    let pinned = Mode::Pinned.code();
    let others = held.iter().filter(|row| row.recommended_id != word.recommended);
    if word.mode == Some(Mode::Pinned)
        && others.filter(|row| row.mode == pinned).count() >= MOST_PINNED
    {
        let message = format!(
            "{MOST_PINNED} articles are pinned to this one, the most there may be: reset one of \
             them first."
        );
        return Err(Error::conflict("recommended", Reason::WrongState, message));
    }
    if word.mode.is_none() && held.iter().all(|row| row.recommended_id != word.recommended) {
        return Ok(());
    }
    let newest: Option<Uuid> = recommendation_override::Entity::find()
        .select_only()
        .column(Column::Id)
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(&txn.db)
        .await?;
    let row = recommendation_override::Model {
        id: Ord::max(clock::new_id(), next(newest.unwrap_or_default())),
        article_id: word.article,
        recommended_id: word.recommended,
        mode: word.mode.map_or(0, Mode::code),
        reason: word.reason.trim().to_owned(),
        until,
        at: now,
        token_id: word.token,
    };
    recommendation_override::Entity::insert(row.into_active_model())
        .exec_without_returning(&txn.db)
        .await?;
    let mode = word.mode.map(Mode::name);
    let data = json!({ "recommended": word.recommended, "mode": mode, "until": until });
    event::record(txn, Kind::RecommendationCurated, word.article, data, now);
    Ok(())
}

/// What holds with an article, or with whichever; the last said first.
pub async fn held(
    db: &impl ConnectionTrait,
    article: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Override>, Error> {
    let rows = holding(article, now).order_by_desc(Column::Id).all(db).await?;
    Ok(rows.into_iter().filter_map(from).collect())
}

/// A page of the same.
pub async fn list(
    db: &impl ConnectionTrait,
    article: Option<Uuid>,
    page: &Page,
    now: DateTime<Utc>,
) -> Result<Slice<(Cursor, Override)>, Error> {
    let rows = page.apply(holding(article, now), Column::At, Column::Id, true).all(db).await?;
    let place = |wanted: Override| (Cursor { at: wanted.at, id: wanted.id }, wanted);
    Ok(page.slice(rows.into_iter().filter_map(from).map(place).collect()))
}

fn holding(article: Option<Uuid>, now: DateTime<Utc>) -> Select<recommendation_override::Entity> {
    let of = |column: Expr| match article {
        Some(article) => column.eq(article),
        None => column.is_null(),
    };
    let row = |column: Column| Expr::col((recommendation_override::Entity, column));
    let later = Query::select()
        .expr(Expr::val(1))
        .from_as(recommendation_override::Entity, "later")
        .and_where(of(Expr::col(("later", Column::ArticleId))))
        .and_where(Expr::col(("later", Column::RecommendedId)).eq(row(Column::RecommendedId)))
        .and_where(Expr::col(("later", Column::Id)).gt(row(Column::Id)))
        .to_owned();
    let existing = Query::select()
        .expr(Expr::val(1))
        .from(article::Entity)
        .and_where(Expr::col((article::Entity, article::Column::Id)).eq(row(Column::RecommendedId)))
        .to_owned();
    let lasts = Condition::any().add(Column::Until.is_null()).add(Column::Until.gt(now));
    recommendation_override::Entity::find()
        .filter(of(row(Column::ArticleId)))
        .filter(Column::Mode.is_in([Mode::Blocked.code(), Mode::Pinned.code()]))
        .filter(lasts)
        .filter(Expr::not_exists(later))
        .filter(Expr::exists(existing))
}

/// `None`: nothing is wanted.
fn from(row: recommendation_override::Model) -> Option<Override> {
    let mode = Mode::from_code(row.mode)?;
    let recommendation_override::Model { id, recommended_id, reason, until, at, token_id, .. } =
        row;
    Some(Override { id, recommended: recommended_id, mode, reason, until, at, token: token_id })
}
