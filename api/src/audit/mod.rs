//! The trail of who changed what, written in the transaction of the change.

pub mod graphql;

use chrono::DateTime;
use chrono::Utc;
use entity::audit_entry;
pub use entity::audit_entry::Model as Entry;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

use crate::auth::Caller;
use crate::clock;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::page::Cursor;
use crate::page::Page;
use crate::page::Slice;

/// So many characters of a text are kept.
const LONGEST_TEXT: usize = 200;
/// So many items of a list are kept.
const LONGEST_LIST: usize = 50;
/// How who sits at the machine is called.
const COMMAND_LINE: &str = "command line";

/// Notes that a caller did something to `subject`, which is a `Type:key`.
pub async fn record(
    txn: &Txn,
    caller: &Caller,
    action: &str,
    subject: Option<String>,
    input: Value,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let actor = (caller.token, caller.name.as_str());
    insert(txn, actor, action, subject, input, now).await
}

/// The same of a command.
pub async fn record_command(
    txn: &Txn,
    command: &str,
    subject: Option<String>,
    input: Value,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    insert(txn, (None, COMMAND_LINE), command, subject, input, now).await
}

/// Notes that a command has done something, in a transaction of its own.
pub async fn note_command(
    db: &Db,
    command: &str,
    input: Value,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let txn = db.begin().await?;
    record_command(&txn, command, None, input, now).await?;
    txn.commit().await
}

async fn insert(
    txn: &Txn,
    (actor_id, actor_name): (Option<Uuid>, &str),
    action: &str,
    subject: Option<String>,
    input: Value,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let entry = Entry {
        id: clock::new_id(),
        at: now,
        actor_id,
        actor_name: actor_name.into(),
        action: action.into(),
        subject,
        input: short(input),
    };
    let row = entry.into_active_model();
    audit_entry::Entity::insert(row).exec_without_returning(&txn.db).await?;
    Ok(())
}

/// Which entries.
#[derive(Debug, Default)]
pub struct Filter {
    /// Of this object, as `Type:key`.
    pub subject: Option<String>,
    /// By this token or user.
    pub actor: Option<Uuid>,
}

/// The entry of that id.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Entry>, Error> {
    Ok(audit_entry::Entity::find_by_id(id).one(db).await?)
}

/// A page of the trail, the last first.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &Page,
) -> Result<Slice<(Cursor, Entry)>, Error> {
    use audit_entry::Column;
    let mut query = audit_entry::Entity::find();
    if let Some(subject) = &filter.subject {
        query = query.filter(Column::Subject.eq(subject));
    }
    if let Some(actor) = filter.actor {
        query = query.filter(Column::ActorId.eq(actor));
    }
    let rows = page.apply(query, Column::At, Column::Id, true).all(db).await?;
    let place = |entry: Entry| (Cursor { at: entry.at, id: entry.id }, entry);
    Ok(page.slice(rows.into_iter().map(place).collect()))
}

/// The input with long texts and lists cut: the trail tells what was asked for, and is no
/// second store of it.
fn short(input: Value) -> Value {
    match input {
        Value::String(text) => {
            let length = text.chars().count();
            if length <= LONGEST_TEXT {
                return Value::String(text);
            }
            let start: String = text.chars().take(LONGEST_TEXT).collect();
            Value::String(format!("{start}… ({length} characters)"))
        }
        Value::Array(mut items) => {
            let length = items.len();
            items.truncate(LONGEST_LIST);
            let mut items: Vec<Value> = items.into_iter().map(short).collect();
            if length > LONGEST_LIST {
                items.push(format!("… ({length} items)").into());
            }
            Value::Array(items)
        }
        Value::Object(members) => {
            let members: Map<_, _> =
                members.into_iter().map(|(name, value)| (name, short(value))).collect();
            Value::Object(members)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_texts_and_lists_are_cut_and_the_rest_is_kept() {
        let text = "字".repeat(LONGEST_TEXT);
        let kept = json!({ "a": [1, null, true, { "b": text }] });
        assert_eq!(short(kept.clone()), kept);
        let long = short(json!({ "a": format!("{text}字"), "b": vec![0; LONGEST_LIST + 1] }));
        assert_eq!(long["a"], format!("{text}… ({} characters)", LONGEST_TEXT + 1));
        let items = long["b"].as_array().unwrap();
        assert_eq!(items.len(), LONGEST_LIST + 1);
        assert_eq!(items[LONGEST_LIST], "… (51 items)");
    }
}
