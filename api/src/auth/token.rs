//! API tokens: 244 random bits, stored as a hash, shown once.

use chrono::DateTime;
use chrono::Utc;
use entity::token;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;

use super::Caller;
use super::Scope;
use crate::clock;
use crate::db::Db;
use crate::error::Error;
use crate::error::Reason;
use crate::hash::sha256;

/// Creates a token with these scopes and returns its text.
pub async fn create(
    db: &Db,
    name: &str,
    scopes: &[String],
    now: DateTime<Utc>,
) -> Result<String, Error> {
    for scope in scopes {
        if Scope::from_name(scope).is_none() {
            let message = format!(
                "There is no scope `{scope}`: the scopes are read-drafts, write, count and unlimited."
            );
            return Err(Error::invalid("scope", Reason::Invalid, message));
        }
    }
    let text = format!("redian_{}", clock::random());
    let row = token::Model {
        id: clock::new_id(),
        name: name.into(),
        hash: sha256(&text),
        scopes: scopes.join(" "),
        created_at: now,
    };
    let txn = db.begin().await?;
    token::Entity::insert(row.into_active_model()).exec_without_returning(&txn.db).await?;
    txn.commit().await?;
    Ok(text)
}

/// Who has this token; fails when nobody has.
pub async fn caller(db: &impl ConnectionTrait, text: &str) -> Result<Caller, Error> {
    let found = token::Entity::find().filter(token::Column::Hash.eq(sha256(text))).one(db).await?;
    let found = found.ok_or(Error::UnknownToken)?;
    let scopes = found.scopes.split(' ').filter_map(Scope::from_name).collect();
    Ok(Caller { token: Some(found.id), scopes })
}
