//! Channels (频道): the sections of a portal.

pub mod graphql;
pub mod mutation;

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use entity::channel;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::sea_query::OnConflict;
use serde_json::json;
use uuid::Uuid;

use crate::clock;
use crate::db;
use crate::db::Txn;
use crate::db::inline::Source;
use crate::error::Error;
use crate::error::Reason;
use crate::event;

/// The most channels that there may be.
pub const MAX: usize = 500;

/// All channels in the order of their creation.
pub async fn all(db: &impl Source) -> Result<Vec<channel::Model>, Error> {
    db.models(channel::Entity::find().order_by_asc(channel::Column::Id)).await
}

/// The channels of these ids.
pub async fn by_ids(db: &impl Source, ids: &[Uuid]) -> Result<Vec<channel::Model>, Error> {
    let ids = channel::Column::Id.is_in(ids.iter().copied());
    db.models(channel::Entity::find().filter(ids)).await
}

/// The channel of that slug.
pub async fn by_slug(db: &impl Source, slug: &str) -> Result<Option<channel::Model>, Error> {
    if !db::can_hold(slug) {
        return Ok(None);
    }
    let query = channel::Entity::find().filter(channel::Column::Slug.eq(slug));
    Ok(db.models(query).await?.into_iter().next())
}

/// Creates a channel.
pub async fn create(
    txn: &Txn,
    slug: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<channel::Model, Error> {
    check(slug, name)?;
    if all(&txn.db).await?.len() >= MAX {
        let message = format!("There are {MAX} channels, the most there may be: delete one first.");
        return Err(Error::conflict("slug", Reason::Invalid, message));
    }
    let made = channel::Model { id: clock::new_id(), slug: slug.into(), name: name.into() };
    let skip = OnConflict::column(channel::Column::Slug).do_nothing().to_owned();
    let inserted = channel::Entity::insert(made.clone().into_active_model())
        .on_conflict(skip)
        .exec_without_returning(&txn.db)
        .await?;
    if inserted == 0 {
        return Err(taken(slug));
    }
    changed(txn, &made, now);
    Ok(made)
}

/// Changes the slug, the name or both.
pub async fn update(
    txn: &Txn,
    id: Uuid,
    slug: Option<String>,
    name: Option<String>,
    now: DateTime<Utc>,
) -> Result<channel::Model, Error> {
    let mut made = existing(txn, id).await?;
    made.slug = slug.unwrap_or(made.slug);
    made.name = name.unwrap_or(made.name);
    check(&made.slug, &made.name)?;
    let holder = by_slug(&txn.db, &made.slug).await?;
    if holder.is_some_and(|holder| holder.id != id) {
        return Err(taken(&made.slug));
    }
    let row = channel::ActiveModel {
        id: Set(made.id),
        slug: Set(made.slug.clone()),
        name: Set(made.name.clone()),
    };
    channel::Entity::update(row).exec(&txn.db).await?;
    changed(txn, &made, now);
    Ok(made)
}

/// Deletes a channel that no article is in.
pub async fn delete(txn: &Txn, id: Uuid, now: DateTime<Utc>) -> Result<channel::Model, Error> {
    let made = existing(txn, id).await?;
    let used = article::Entity::find().filter(article::Column::ChannelId.eq(id)).one(&txn.db);
    if used.await?.is_some() {
        let message = "The channel still has articles: move them to another channel first.";
        return Err(Error::conflict("id", Reason::WrongState, message));
    }
    channel::Entity::delete_by_id(id).exec(&txn.db).await?;
    changed(txn, &made, now);
    Ok(made)
}

async fn existing(txn: &Txn, id: Uuid) -> Result<channel::Model, Error> {
    let found = channel::Entity::find_by_id(id).one(&txn.db).await?;
    found.ok_or_else(|| Error::not_found("id", "There is no channel with this id."))
}

fn check(slug: &str, name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if slug.is_empty() || slug.chars().count() > 60 || !slug.chars().all(plain) {
        let message = "`slug` must be 1 to 60 letters, digits, - or _.";
        return Err(Error::invalid("slug", Reason::Invalid, message));
    }
    if name.trim().is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        let message = "`name` must have 1 to 60 characters on one line.";
        return Err(Error::invalid("name", Reason::Invalid, message));
    }
    Ok(())
}

fn taken(slug: &str) -> Error {
    let message = format!("The slug `{slug}` belongs to another channel: choose another one.");
    Error::conflict("slug", Reason::Taken, message)
}

fn changed(txn: &Txn, channel: &channel::Model, now: DateTime<Utc>) {
    let data = json!({ "id": channel.id, "slug": channel.slug });
    event::record(txn, event::Kind::ChannelChanged, None, data, now);
}
