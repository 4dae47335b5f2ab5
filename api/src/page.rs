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
        let key = || Expr::tuple([at.into_expr(), id.into_expr()]);
        let bound = |cursor: Cursor| Expr::tuple([Expr::val(cursor.at), Expr::val(cursor.id)]);
        let mut query = query;
        for (cursor, later) in [(self.after, true), (self.before, false)] {
            if let Some(cursor) = cursor {
                let key = key();
                // In a descending list the later rows have the smaller keys.
                let side =
                    if later == descending { key.lt(bound(cursor)) } else { key.gt(bound(cursor)) };
                query = query.filter(side);
            }
        }
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
