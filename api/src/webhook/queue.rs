//! From the change log to what each webhook is told.

use chrono::DateTime;
use chrono::Utc;
use entity::webhook_delivery;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use uuid::Uuid;

use super::Delivery;
use super::State;
use super::Webhook;
use super::all;
use super::body;
use super::lease;
use crate::article::find;
use crate::clock;
use crate::db::Db;
use crate::error::Error;
use crate::event;
use crate::event::Event;
use crate::event::Kind;
use crate::live::change::Wanted;

/// Reads some of the log after `position` and writes down what is to be told; up to which
/// event it is read then. `None` when another instance has the lease.
pub async fn fill(
    db: &Db,
    holder: Uuid,
    position: i64,
    now: DateTime<Utc>,
) -> Result<Option<i64>, Error> {
    // What is older than all webhooks is nothing to any of them.
    let webhooks = all(&db.read).await?;
    let since = webhooks.iter().map(|webhook| webhook.since).min().unwrap_or(i64::MAX);
    let events = event::after(&db.read, position.max(since)).await?;
    let Some(last) = events.last().map(|event| event.id) else { return Ok(Some(position)) };
    let told: Vec<_> =
        events.iter().filter_map(|event| Some((event, body::kind(event)?))).collect();
    let articles: Vec<Uuid> = told.iter().filter_map(|(event, _)| event.article_id).collect();
    let txn = db.begin().await?;
    // Those of this moment: who was deleted meanwhile is told nothing.
    let webhooks = all(&txn.db).await?;
    let mut slugs = find::slugs(&txn.db, &articles).await?;
    slugs.sort_by_key(|slug| slug.article_id);
    let mut deliveries = Vec::new();
    for (event, kind) in told {
        let begin = slugs.partition_point(|slug| Some(slug.article_id) < event.article_id);
        let own: Vec<_> = slugs[begin..]
            .iter()
            .take_while(|slug| Some(slug.article_id) == event.article_id)
            .cloned()
            .collect();
        let body = body::body(kind, event, &own);
        let listening = webhooks.iter().filter(|webhook| wants(webhook, event, kind));
        deliveries.extend(listening.map(|webhook| Delivery {
            id: clock::new_id(),
            webhook_id: webhook.id,
            event_id: Some(event.id),
            kind: kind.into(),
            subject: body::subject(event),
            body: body.clone(),
            state: State::Pending,
            attempts: 0,
            next_at: now,
            created_at: now,
        }));
    }
    for part in deliveries.chunks(500) {
        let rows = part.iter().cloned().map(IntoActiveModel::into_active_model);
        webhook_delivery::Entity::insert_many(rows).exec_without_returning(&txn.db).await?;
    }
    if !lease::advance(&txn, holder, position, last).await? {
        return Ok(None);
    }
    txn.commit().await?;
    Ok(Some(last))
}

/// Whether a webhook is told of an event of this type.
fn wants(webhook: &Webhook, event: &Event, kind: &str) -> bool {
    let kinds = webhook.kinds.is_empty() || webhook.kinds.split(' ').any(|own| own == kind);
    if !webhook.enabled || event.id <= webhook.since || !kinds {
        return false;
    }
    let wanted = Wanted { region: webhook.region_code.clone(), channel: webhook.channel_id };
    if event.article_id.is_some() {
        return wanted.may_have(event);
    }
    let channel = event.data["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
    match wanted.channel {
        _ if event.kind == Kind::RegionsChanged.name() => wanted.channel.is_none(),
        None => wanted.region.is_none(),
        own => own == channel,
    }
}
