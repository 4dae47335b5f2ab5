//! Webhooks: others are told of changes by their own addresses.
//!
//! One instance at a time reads the change log for them ([`queue`]), in order and each event
//! once, and sends what it wrote down ([`deliver`], [`send`]) until it is taken.

pub mod address;
pub mod body;
pub mod deliver;
pub mod graphql;
pub mod lease;
pub mod mutation;
pub mod queue;
pub mod send;
pub mod sign;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::webhook;
pub use entity::webhook::Model as Webhook;
use entity::webhook_attempt;
pub use entity::webhook_attempt::Model as Attempt;
use entity::webhook_delivery;
pub use entity::webhook_delivery::Model as Delivery;
pub use entity::webhook_delivery::State;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::LockType;
use uuid::Uuid;

use self::body::Told;
use crate::clock;
use crate::db;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::event;
use crate::page::Cursor;
use crate::page::Page;
use crate::page::Slice;

/// The most webhooks that there may be.
pub const MAX: usize = 50;
/// So long both secrets sign when one is replaced.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// What somebody wants to be told.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Where; checked by [`address::check`].
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Of what; nothing: of all.
    pub told: Vec<Told>,
    /// In this region only.
    pub region: Option<String>,
    /// In this channel only.
    pub channel: Option<Uuid>,
    /// Whether it is told anything at present.
    pub enabled: bool,
}

impl Wish {
    /// What a webhook is told now.
    pub fn of(webhook: &Webhook) -> Self {
        let named = |told: &Told| webhook.kinds.split(' ').any(|own| own == told.name());
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            told: Told::ALL.into_iter().filter(named).collect(),
            region: webhook.region_code.clone(),
            channel: webhook.channel_id,
            enabled: webhook.enabled,
        }
    }

    fn kinds(&self) -> String {
        self.told.iter().map(|told| told.name()).collect::<Vec<_>>().join(" ")
    }

    fn check(&self) -> Result<(), Error> {
        let long = self.description.chars().count() > 200;
        if long || !db::can_hold(&self.description) {
            let message = "`description` must have at most 200 characters.";
            return Err(Error::invalid("description", Reason::TooLong, message));
        }
        Ok(())
    }
}

/// All webhooks in the order of their creation.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Webhook>, Error> {
    Ok(webhook::Entity::find().order_by_asc(webhook::Column::Id).all(db).await?)
}

/// The webhook of that id.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Webhook>, Error> {
    Ok(webhook::Entity::find_by_id(id).one(db).await?)
}

/// Creates a webhook, which is told of what happens from now on.
pub async fn create(txn: &Txn, wish: Wish, now: DateTime<Utc>) -> Result<Webhook, Error> {
    wish.check()?;
    if all(&txn.db).await?.len() >= MAX {
        let message = format!("There are {MAX} webhooks, the most there may be: delete one first.");
        return Err(Error::conflict("url", Reason::WrongState, message));
    }
    let made = Webhook {
        id: clock::new_id(),
        kinds: wish.kinds(),
        url: wish.url,
        description: wish.description,
        region_code: wish.region,
        channel_id: wish.channel,
        secret: sign::secret(),
        former_secret: None,
        former_until: None,
        enabled: wish.enabled,
        since: event::newest(&txn.db).await?,
        created_at: now,
    };
    let row = made.clone().into_active_model();
    webhook::Entity::insert(row).exec_without_returning(&txn.db).await?;
    Ok(made)
}

/// Changes what a webhook is told. One that is enabled again hears of what happens from then
/// on, and what waited for it goes on.
pub async fn update(txn: &Txn, before: Webhook, wish: Wish) -> Result<Webhook, Error> {
    wish.check()?;
    let wakes = wish.enabled && !before.enabled;
    let since = if wakes { event::newest(&txn.db).await? } else { before.since };
    let after = Webhook {
        kinds: wish.kinds(),
        url: wish.url,
        description: wish.description,
        region_code: wish.region,
        channel_id: wish.channel,
        enabled: wish.enabled,
        since,
        ..before
    };
    webhook::Entity::update(after.clone().into_active_model().reset_all()).exec(&txn.db).await?;
    Ok(after)
}

/// Deletes a webhook with all that it was told.
pub async fn delete(txn: &Txn, id: Uuid) -> Result<Webhook, Error> {
    let found = existing(txn, id).await?;
    webhook::Entity::delete_by_id(id).exec(&txn.db).await?;
    Ok(found)
}

/// Replaces the secret; the former one signs, too, for a day.
pub async fn rotate(txn: &Txn, id: Uuid, now: DateTime<Utc>) -> Result<Webhook, Error> {
    let before = existing(txn, id).await?;
    let after = Webhook {
        secret: sign::secret(),
        former_secret: Some(before.secret.clone()),
        former_until: Some(now + OVERLAP),
        ..before
    };
    webhook::Entity::update(after.clone().into_active_model().reset_all()).exec(&txn.db).await?;
    Ok(after)
}

/// Sends a test.
pub async fn test(txn: &Txn, id: Uuid, now: DateTime<Utc>) -> Result<Delivery, Error> {
    enabled(txn, id).await?;
    let delivery = Delivery {
        id: clock::new_id(),
        webhook_id: id,
        event_id: None,
        kind: body::TEST.into(),
        subject: format!("Webhook:{id}"),
        body: body::test(now),
        state: State::Pending,
        attempts: 0,
        next_at: now,
        created_at: now,
    };
    let row = delivery.clone().into_active_model();
    webhook_delivery::Entity::insert(row).exec_without_returning(&txn.db).await?;
    Ok(delivery)
}

/// Sends something again, however it went before.
pub async fn redeliver(txn: &Txn, id: Uuid, now: DateTime<Utc>) -> Result<Delivery, Error> {
    let found = delivery_by_id(&txn.db, id).await?;
    let found = found.ok_or_else(|| Error::not_found("id", "There is no such delivery."))?;
    enabled(txn, found.webhook_id).await?;
    let again = Delivery { state: State::Pending, attempts: 0, next_at: now, ..found };
    let row = webhook_delivery::ActiveModel {
        id: Set(id),
        state: Set(again.state),
        attempts: Set(again.attempts),
        next_at: Set(again.next_at),
        ..Default::default()
    };
    webhook_delivery::Entity::update(row).exec(&txn.db).await?;
    Ok(again)
}

/// A webhook that must exist, for a change: nobody else changes it before the transaction
/// ends.
pub async fn existing(txn: &Txn, id: Uuid) -> Result<Webhook, Error> {
    let found = webhook::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&txn.db).await?;
    found.ok_or_else(|| Error::not_found("id", "There is no such webhook."))
}

/// The same of one that must be told things now.
async fn enabled(txn: &Txn, id: Uuid) -> Result<(), Error> {
    let webhook = existing(txn, id).await?;
    let message = "The webhook is disabled: enable it first.";
    let refused = || Error::conflict("id", Reason::WrongState, message);
    if webhook.enabled { Ok(()) } else { Err(refused()) }
}

/// The delivery of that id.
pub async fn delivery_by_id(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<Delivery>, Error> {
    Ok(webhook_delivery::Entity::find_by_id(id).one(db).await?)
}

/// A page of what a webhook is told, the last first.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    webhook: Uuid,
    state: Option<State>,
    page: &Page,
) -> Result<Slice<(Cursor, Delivery)>, Error> {
    use webhook_delivery::Column;
    let mut query = webhook_delivery::Entity::find().filter(Column::WebhookId.eq(webhook));
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state));
    }
    let rows = page.apply(query, Column::CreatedAt, Column::Id, true).all(db).await?;
    let place = |row: Delivery| (Cursor { at: row.created_at, id: row.id }, row);
    Ok(page.slice(rows.into_iter().map(place).collect()))
}

/// The attempts to deliver something, the first first.
pub async fn attempts(db: &impl ConnectionTrait, delivery: Uuid) -> Result<Vec<Attempt>, Error> {
    use webhook_attempt::Column;
    let attempts = webhook_attempt::Entity::find().filter(Column::DeliveryId.eq(delivery));
    Ok(attempts.order_by_asc(Column::At).order_by_asc(Column::Id).all(db).await?)
}

/// Removes what is so old that its event is gone, too; also what still waits for a webhook that
/// is disabled, or behind what cannot be delivered.
pub async fn prune(db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
    use webhook_delivery::Column;
    let txn = db.begin().await?;
    webhook_delivery::Entity::delete_many()
        .filter(Column::CreatedAt.lt(now - TimeDelta::days(event::KEPT_DAYS)))
        .exec(&txn.db)
        .await?;
    txn.commit().await
}
