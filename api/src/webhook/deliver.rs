//! Sends what is written down, until it is taken: of each article in the order of events.

use std::collections::HashMap;
use std::collections::HashSet;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use entity::webhook;
use entity::webhook_attempt;
use entity::webhook_delivery;
use entity::webhook_delivery::Column;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::LockType;
use sea_orm::sea_query::Query;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Attempt;
use super::Delivery;
use super::State;
use super::Webhook;
use super::all;
use super::lease;
use super::queue;
use super::send;
use super::send::Outcome;
use super::send::Sender;
use crate::clock;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;

/// How long it is before it is looked again.
const STEP: Duration = Duration::from_millis(250);
/// So much is sent to one webhook at once; to one that failed last, one at a time.
const AT_ONCE: usize = 4;
/// The pauses after each attempt in vain, in seconds; then it is given up, after three and a
/// half days.
const PAUSES: [i64; 11] = [5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 50_400, 86_400, 86_400];

/// What is sent, and what is known of those who are told.
pub struct Deliverer {
    db: Db,
    clock: Clock,
    config: Config,
    holder: Uuid,
    /// So long a lease holds: longer than it takes to send something, so that what the last
    /// holder sends is at an end when another one begins.
    lease: TimeDelta,
    /// Made when there is somebody to tell.
    sender: Option<Sender>,
    sending: JoinSet<(Uuid, Uuid, Result<bool, Error>)>,
    /// What is on its way, by webhook.
    busy: HashMap<Uuid, HashSet<Uuid>>,
    /// Those whose last attempt failed.
    failing: HashSet<Uuid>,
}

impl Deliverer {
    /// Of an instance, which is known by `holder`.
    pub fn new(db: Db, clock: Clock, config: Config, holder: Uuid) -> Self {
        let (sending, busy, failing) = (JoinSet::new(), HashMap::new(), HashSet::new());
        let lease = TimeDelta::seconds(2 * config.webhook_timeout.cast_signed() + 5);
        Self { db, clock, config, holder, lease, sender: None, sending, busy, failing }
    }

    /// Delivers until it is dropped.
    pub async fn run(mut self) {
        loop {
            let more = self.step().await.unwrap_or_else(|error| {
                let code = error.code();
                tracing::warn!(code, ?error, "webhooks cannot be told now, trying again");
                false
            });
            let step = tokio::time::sleep(if more { Duration::ZERO } else { STEP });
            tokio::select! {
                Some(ended) = self.sending.join_next() => match ended {
                    Ok((webhook, delivery, taken)) => self.ended(webhook, delivery, taken),
                    // A fault of ours, or the lease is lost: what it was is looked up again.
                    Err(error) => {
                        tracing::error!(%error, "an attempt to tell a webhook ended");
                        self.forget();
                    }
                },
                () = step => {}
            }
        }
    }

    /// Writes some of what is to be told down and sends what is due, if this instance has the
    /// lease; whether there is more to write down.
    async fn step(&mut self) -> Result<bool, Error> {
        let webhooks = all(&self.db.read).await?;
        let known = |id: &Uuid| webhooks.iter().any(|webhook| webhook.id == *id);
        self.busy.retain(|id, _| known(id));
        self.failing.retain(known);
        if webhooks.is_empty() {
            return Ok(false);
        }
        let now = self.clock.now();
        let position = lease::hold(&self.db, self.holder, self.lease, now).await?;
        let read = match position {
            Some(position) => queue::fill(&self.db, self.holder, position, now).await?,
            None => None,
        };
        if read.is_none() {
            self.forget();
            return Ok(false);
        }
        for webhook in webhooks.into_iter().filter(|webhook| webhook.enabled) {
            self.send_due(webhook, now).await?;
        }
        Ok(read != position)
    }

    async fn send_due(&mut self, webhook: Webhook, now: DateTime<Utc>) -> Result<(), Error> {
        let busy = self.busy.entry(webhook.id).or_default();
        let most = if self.failing.contains(&webhook.id) { 1 } else { AT_ONCE };
        if busy.len() >= most {
            return Ok(());
        }
        // Those on their way are due as well.
        let due = due(&self.db, webhook.id, most + busy.len(), now).await?;
        let sender = match &self.sender {
            Some(sender) => sender.clone(),
            None => self.sender.insert(Sender::new(&self.config)?).clone(),
        };
        for delivery in due {
            if busy.len() < most && busy.insert(delivery.id) {
                let (db, clock, sender) = (self.db.clone(), self.clock.clone(), sender.clone());
                let webhook = webhook.id;
                self.sending.spawn(async move {
                    let id = delivery.id;
                    let taken = attempt(&db, &clock, &sender, webhook, delivery).await;
                    (webhook, id, taken)
                });
            }
        }
        Ok(())
    }

    fn ended(&mut self, webhook: Uuid, delivery: Uuid, taken: Result<bool, Error>) {
        if let Some(busy) = self.busy.get_mut(&webhook) {
            busy.remove(&delivery);
        }
        match taken {
            Ok(true) => _ = self.failing.remove(&webhook),
            Ok(false) => _ = self.failing.insert(webhook),
            Err(error) => {
                tracing::warn!(?error, "what became of a webhook's delivery is not written down");
            }
        }
    }

    /// Another instance delivers now, or will.
    fn forget(&mut self) {
        self.sending.abort_all();
        self.sending = JoinSet::new();
        self.busy.clear();
    }
}

/// What may be sent to a webhook now, of each article only what comes first.
async fn due(
    db: &Db,
    webhook: Uuid,
    most: usize,
    now: DateTime<Utc>,
) -> Result<Vec<Delivery>, Error> {
    let own = |column: Column| Expr::col((webhook_delivery::Entity, column));
    let other = |column: Column| Expr::col(("earlier", column));
    let earlier = Query::select()
        .expr(Expr::val(1))
        .from_as(webhook_delivery::Entity, "earlier")
        .and_where(other(Column::WebhookId).eq(own(Column::WebhookId)))
        .and_where(other(Column::State).eq(State::Pending))
        .and_where(other(Column::Subject).eq(own(Column::Subject)))
        .and_where(other(Column::EventId).lt(own(Column::EventId)))
        .to_owned();
    let due = webhook_delivery::Entity::find()
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::State.eq(State::Pending))
        .filter(Column::NextAt.lte(now))
        .filter(Expr::not_exists(earlier))
        .order_by_asc(Column::NextAt)
        .order_by_asc(Column::EventId)
        .limit(most as u64)
        .all(&db.read)
        .await?;
    Ok(due)
}

/// Sends something, and writes down how that went; whether it was taken.
async fn attempt(
    db: &Db,
    clock: &Clock,
    sender: &Sender,
    webhook: Uuid,
    delivery: Delivery,
) -> Result<bool, Error> {
    // As it is at this moment: nothing is sent to who was deleted or disabled.
    let Some(webhook) = super::by_id(&db.read, webhook).await? else { return Ok(true) };
    if !webhook.enabled {
        return Ok(true);
    }
    let at = clock.now();
    let outcome = send::send(sender, &webhook, &delivery, at).await?;
    let taken = outcome.error.is_none();
    if !taken {
        let Outcome { status, error, .. } = &outcome;
        tracing::info!(webhook = %webhook.id, delivery = %delivery.id, ?status, ?error,
            "a webhook was told in vain");
    }
    let txn = db.begin().await?;
    let today = webhook_delivery::Entity::find_by_id(delivery.id)
        .lock(LockType::NoKeyUpdate)
        .one(&txn.db)
        .await?;
    // It is gone with its webhook.
    let Some(today) = today else { return Ok(true) };
    let attempt = Attempt {
        id: clock::new_id(),
        delivery_id: delivery.id,
        at,
        status: outcome.status.map(Into::into),
        error: outcome.error.clone(),
        milliseconds: i32::try_from(outcome.took.as_millis()).unwrap_or(i32::MAX),
    };
    let row = attempt.into_active_model();
    webhook_attempt::Entity::insert(row).exec_without_returning(&txn.db).await?;
    // Somebody wants it sent again, or another instance did: that has its own outcome.
    let other = (today.state, today.attempts, today.next_at)
        != (delivery.state, delivery.attempts, delivery.next_at);
    if !other {
        let row = after(&delivery, &outcome, clock.now());
        webhook_delivery::Entity::update(row).exec(&txn.db).await?;
    }
    if outcome.gone {
        disable(&txn, &webhook).await?;
    }
    txn.commit().await?;
    Ok(taken)
}

/// Tells a webhook nothing any more, unless it has another address by now.
async fn disable(txn: &Txn, webhook: &Webhook) -> Result<(), Error> {
    let off = webhook::ActiveModel { enabled: Set(false), ..Default::default() };
    let disabled = webhook::Entity::update_many()
        .set(off)
        .filter(webhook::Column::Id.eq(webhook.id))
        .filter(webhook::Column::Url.eq(&webhook.url))
        .exec(&txn.db)
        .await?;
    if disabled.rows_affected > 0 {
        tracing::warn!(webhook = %webhook.id, "a webhook is disabled: it answered 410");
    }
    Ok(())
}

/// What is known of a delivery after an attempt.
fn after(
    delivery: &Delivery,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> webhook_delivery::ActiveModel {
    let row = webhook_delivery::ActiveModel { id: Set(delivery.id), ..Default::default() };
    if outcome.error.is_none() {
        return webhook_delivery::ActiveModel { state: Set(State::Delivered), ..row };
    }
    let attempts = delivery.attempts.saturating_add(1);
    let row = webhook_delivery::ActiveModel { attempts: Set(attempts), ..row };
    let pause = usize::try_from(attempts - 1).ok().and_then(|at| PAUSES.get(at));
    let Some(pause) = pause else {
        return webhook_delivery::ActiveModel { state: Set(State::GivenUp), ..row };
    };
    // Not all at once after a failure: up to a tenth more, by chance that each one has.
    let chance = i64::from(delivery.id.as_bytes()[15]);
    let pause = TimeDelta::milliseconds(pause * 1000 + pause * 100 * chance / 255);
    let wait = outcome.wait.map_or(pause, |wait| wait.max(pause));
    let (state, next_at) = (Set(State::Pending), Set(now + wait));
    webhook_delivery::ActiveModel { state, next_at, ..row }
}
