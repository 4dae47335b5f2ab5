//! API tokens: 244 random bits, stored as a hash, shown once.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::token;
pub use entity::token::Model as Token;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use serde_json::json;
use uuid::Uuid;

use super::Caller;
use super::Scope;
use crate::clock;
use crate::clock::millis;
use crate::clock::storable;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::event::Kind;
use crate::hash::sha256;
use crate::page::Cursor;
use crate::page::Page;
use crate::page::Slice;

/// What the text of a token begins with, so that it is known where it leaks.
pub const START: &str = "redian_";

/// The scopes of these names.
pub fn scopes(names: &[String]) -> Result<Vec<Scope>, Error> {
    let scope = |name: &String| {
        Scope::from_name(name).ok_or_else(|| {
            let known = Scope::ALL.map(Scope::name).join(", ");
            let message = format!("There is no scope `{name}`: the scopes are {known}.");
            Error::invalid("scope", Reason::Invalid, message)
        })
    };
    names.iter().map(scope).collect()
}

/// Creates a token; the row and the text, which is stored nowhere.
pub async fn create(
    txn: &Txn,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(Token, String), Error> {
    let length = name.trim().chars().count();
    if !(1..=100).contains(&length) || name.chars().any(char::is_control) {
        let message = "`name` must have 1 to 100 characters on one line.";
        return Err(Error::invalid("name", Reason::Invalid, message));
    }
    if scopes.is_empty() {
        let message = "A token without a scope is of no use: name at least one.";
        return Err(Error::invalid("scopes", Reason::Required, message));
    }
    if expires_at.is_some_and(|end| end <= now || !storable(end)) {
        let message = "`expiresAt` must lie ahead, in a year up to 9999.";
        return Err(Error::invalid("expiresAt", Reason::Invalid, message));
    }
    let names: Vec<&str> =
        Scope::ALL.into_iter().filter(|scope| scopes.contains(scope)).map(Scope::name).collect();
    let row = Token {
        id: clock::new_id(),
        name: name.trim().into(),
        hash: String::new(),
        scopes: names.join(" "),
        created_at: now,
        expires_at: expires_at.map(millis),
        revoked_at: None,
        last_used_at: None,
        article_id: None,
    };
    insert(txn, row, START).await
}

/// Stores a token with a text of its own.
pub(super) async fn insert(txn: &Txn, row: Token, start: &str) -> Result<(Token, String), Error> {
    let text = format!("{start}{}", clock::random());
    let row = Token { hash: sha256(&text), ..row };
    let made = row.clone().into_active_model();
    token::Entity::insert(made).exec_without_returning(&txn.db).await?;
    Ok((row, text))
}

/// What a token allows.
pub fn scopes_of(token: &Token) -> Vec<Scope> {
    token.scopes.split(' ').filter_map(Scope::from_name).collect()
}

/// Who has this token; fails when nobody has, or has it no longer.
pub async fn caller(
    db: &impl ConnectionTrait,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Caller, Error> {
    let found = token::Entity::find().filter(token::Column::Hash.eq(sha256(text))).one(db).await?;
    let found = found.ok_or(Error::UnknownToken)?;
    let caller = Caller {
        token: Some(found.id),
        scopes: scopes_of(&found),
        name: found.name,
        expires_at: found.expires_at,
        preview: found.article_id,
    };
    if found.revoked_at.is_some() || !caller.holds(now) {
        return Err(Error::EndedToken);
    }
    Ok(caller)
}

/// The token of that id.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Token>, Error> {
    Ok(token::Entity::find_by_id(id).one(db).await?)
}

/// A page of all tokens that are no previews, the last created first.
pub async fn list(db: &impl ConnectionTrait, page: &Page) -> Result<Slice<(Cursor, Token)>, Error> {
    use token::Column;
    let query = token::Entity::find().filter(Column::ArticleId.is_null());
    let rows = page.apply(query, Column::CreatedAt, Column::Id, true).all(db).await?;
    let place = |token: Token| (Cursor { at: token.created_at, id: token.id }, token);
    Ok(page.slice(rows.into_iter().map(place).collect()))
}

/// Revokes a token, or a preview, for ever. Does nothing to one that is revoked.
pub async fn revoke(txn: &Txn, id: Uuid, now: DateTime<Utc>) -> Result<Token, Error> {
    let found = by_id(&txn.db, id).await?;
    let found = found.ok_or_else(|| Error::not_found("id", "There is no such token."))?;
    if found.revoked_at.is_some() {
        return Ok(found);
    }
    let revoked =
        token::ActiveModel { id: Set(id), revoked_at: Set(Some(now)), ..Default::default() };
    token::Entity::update(revoked).exec(&txn.db).await?;
    event::record(txn, Kind::TokenRevoked, None, json!({ "token": id }), now);
    Ok(Token { revoked_at: Some(now), ..found })
}

/// When tokens were used, until it is written down.
#[derive(Default)]
pub struct LastUses(Mutex<HashMap<Uuid, DateTime<Utc>>>);

impl LastUses {
    /// Notes that a token is used.
    pub fn note(&self, token: Uuid, now: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token, now);
    }

    /// Writes down what was noted.
    pub async fn save(&self, db: &Db) -> Result<(), Error> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if noted.is_empty() {
            return Ok(());
        }
        // All instances in one order, so that no two wait for each other.
        let mut noted: Vec<_> = noted.into_iter().collect();
        noted.sort_unstable();
        let txn = db.begin().await?;
        for (id, at) in noted {
            use token::Column;
            let earlier = sea_orm::Condition::any()
                .add(Column::LastUsedAt.is_null())
                .add(Column::LastUsedAt.lt(at));
            token::Entity::update_many()
                .set(token::ActiveModel { last_used_at: Set(Some(at)), ..Default::default() })
                .filter(Column::Id.eq(id))
                .filter(earlier)
                .exec(&txn.db)
                .await?;
        }
        txn.commit().await
    }
}

/// Removes previews that ended so long ago that nobody asks after them.
pub async fn prune(txn: &Txn, now: DateTime<Utc>) -> Result<(), Error> {
    use token::Column;
    token::Entity::delete_many()
        .filter(Column::ArticleId.is_not_null())
        .filter(Column::ExpiresAt.lt(now - TimeDelta::days(event::KEPT_DAYS)))
        .exec(&txn.db)
        .await?;
    Ok(())
}
