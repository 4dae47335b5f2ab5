//! Keyset paging: pages are bounded by the position of a row, so that inserts
//! neither repeat nor skip anything. Relay Cursor Connections Specification.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Utc;
use sea_orm::ColumnTrait;
use sea_orm::ExprTrait;
use sea_orm::Iterable;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use crate::clock::storable;
use crate::error::Error;
use crate::error::Reason;

/// The most items that a page may have.
pub const MAX: i32 = 100;
/// How many items a page has when nobody says.
pub const DEFAULT: i32 = 20;

/// The position of a row in a list that is ordered by an instant, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The instant that orders the list.
    pub at: DateTime<Utc>,
    /// Tells rows of the same instant apart.
    pub id: Uuid,
}

impl Cursor {
    /// The opaque text that clients keep.
    pub fn encode(&self) -> String {
        let mut bytes = self.at.timestamp_millis().to_be_bytes().to_vec();
        bytes.extend(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`encode`](Self::encode) made.
    pub fn decode(text: &str, argument: &str) -> Result<Self, Error> {
        let decode = || {
            let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
            let (at, id) = bytes.split_at(8);
            let at = DateTime::from_timestamp_millis(i64::from_be_bytes(at.try_into().ok()?))?;
            let at = Some(at).filter(|at| storable(*at))?;
            Some(Self { at, id: Uuid::from_slice(id).ok()? })
        };
        decode().ok_or_else(|| {
            let message = format!(
                "`{argument}` is not a cursor: pass one that `pageInfo` or an edge of the same \
                 list gave you."
            );
            Error::invalid(argument, Reason::Invalid, message)
        })
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    after: Option<Cursor>,
    before: Option<Cursor>,
    limit: i32,
    /// The last ones rather than the first.
    backward: bool,
}

/// The instants of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// From here on.
    pub from: Option<DateTime<Utc>>,
    /// Before this one.
    pub until: Option<DateTime<Utc>>,
}

/// A part of a list, in the list's order.
pub struct Slice<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Whether there are earlier ones.
    pub has_previous: bool,
    /// Whether there are later ones.
    pub has_next: bool,
}

impl Page {
    /// Checks the four arguments of a connection. At most [`MAX`] items,
    /// [`DEFAULT`] when neither `first` nor `last` is given; never both.
    pub fn new(
        first: Option<i32>,
        last: Option<i32>,
        after: Option<&str>,
        before: Option<&str>,
    ) -> Result<Self, Error> {
        if first.is_some() && last.is_some() {
            let message = "Pass `first` or `last`, not both.";
            return Err(Error::invalid("first", Reason::Invalid, message));
        }
        let (name, limit) = match last {
            Some(last) => ("last", last),
            None => ("first", first.unwrap_or(DEFAULT)),
        };
        if !(1..=MAX).contains(&limit) {
            let message = format!("`{name}` must be from 1 to {MAX}; {limit} was asked for.");
            return Err(Error::invalid(name, Reason::Invalid, message));
        }
        Ok(Self {
            after: after.map(|text| Cursor::decode(text, "after")).transpose()?,
            before: before.map(|text| Cursor::decode(text, "before")).transpose()?,
            limit,
            backward: last.is_some(),
        })
    }

    /// Restricts and orders `query` by the columns `at` and `id`; asks for one
    /// row more than the page has, for [`slice`](Self::slice).
    pub fn apply<Q, C>(&self, query: Q, at: C, id: C, descending: bool) -> Q
    where
        Q: QueryFilter + QueryOrder + QuerySelect,
        C: ColumnTrait + Iterable,
    {
        self.apply_within(query, at, id, descending, Span::default())
    }

    /// The same of a list of a time. The nearer bound on each side stands alone: SQLite seeks by
    /// one of them, and would look at every row between it and the other.
    pub fn apply_within<Q, C>(&self, query: Q, at: C, id: C, descending: bool, span: Span) -> Q
    where
        Q: QueryFilter + QueryOrder + QuerySelect,
        C: ColumnTrait + Iterable,
    {
        let key = || Expr::tuple([at.into_expr(), id.into_expr()]);
        let bound = |cursor: Cursor| Expr::tuple([Expr::val(cursor.at), Expr::val(cursor.id)]);
        // In a descending list the later rows have the smaller keys.
        let (low, high) =
            if descending { (self.before, self.after) } else { (self.after, self.before) };
        let low = match (low, span.from) {
            (Some(low), from) if from.is_none_or(|from| from <= low.at) => {
                Some(key().gt(bound(low)))
            }
            (_, from) => from.map(|from| at.gte(from)),
        };
        let high = match (high, span.until) {
            (Some(high), until) if until.is_none_or(|until| high.at < until) => {
                Some(key().lt(bound(high)))
            }
            (_, until) => until.map(|until| at.lt(until)),
        };
        let query = [low, high].into_iter().flatten().fold(query, Q::filter);
        let order =
            if descending == self.backward { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
        query
            .order_by(at, order.clone())
            .order_by(id, order)
            .limit(u64::from(self.limit.unsigned_abs()) + 1)
    }

    /// Puts the rows of [`apply`](Self::apply) into the list's order and tells
    /// whether there are more.
    pub fn slice<T>(&self, mut rows: Vec<T>) -> Slice<T> {
        let limit = self.limit.unsigned_abs() as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        if self.backward {
            rows.reverse();
            Slice { items: rows, has_previous: more, has_next: self.before.is_some() }
        } else {
            Slice { items: rows, has_previous: self.after.is_some(), has_next: more }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use entity::article::Column;
    use entity::article::Entity;
    use sea_orm::DbBackend;
    use sea_orm::EntityTrait;
    use sea_orm::QueryTrait;

    use super::*;

    fn condition(after: Option<Cursor>, before: Option<Cursor>, span: Span) -> String {
        let page = Page { after, before, limit: 20, backward: false };
        let query = page.apply_within(Entity::find(), Column::PublishedAt, Column::Id, true, span);
        let sql = query.build(DbBackend::Sqlite).sql.replace("\"article\".", "");
        let (_, behind) = sql.split_once("FROM \"article\"").unwrap();
        let (condition, _) = behind.split_once(" ORDER BY").unwrap();
        condition.trim().trim_start_matches("WHERE ").replace('"', "")
    }

    #[test]
    fn each_side_of_a_list_has_one_bound_the_nearer_one() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |minutes| now + TimeDelta::minutes(minutes);
        let cursor = |minutes| Some(Cursor { at: at(minutes), id: Uuid::nil() });
        let span = |from: Option<i64>, until: Option<i64>| Span {
            from: from.map(at),
            until: until.map(at),
        };
        let (by_cursor, by_time) = ("(published_at, id) < (?, ?)", "published_at < ?");
        assert_eq!(condition(None, None, span(None, None)), "");
        assert_eq!(condition(None, None, span(None, Some(0))), by_time);
        assert_eq!(condition(cursor(-1), None, span(None, None)), by_cursor);
        assert_eq!(condition(cursor(-1), None, span(None, Some(0))), by_cursor);
        for minutes in [0, 1] {
            assert_eq!(condition(cursor(minutes), None, span(None, Some(0))), by_time);
        }
        let (by_cursor, by_time) = ("(published_at, id) > (?, ?)", "published_at >= ?");
        for minutes in [0, 1] {
            assert_eq!(condition(None, cursor(minutes), span(Some(0), None)), by_cursor);
        }
        assert_eq!(condition(None, cursor(-1), span(Some(0), None)), by_time);
        let both = condition(cursor(5), cursor(-5), span(Some(-3), Some(3)));
        assert_eq!(both, "published_at >= ? AND published_at < ?");
    }
}
