//! From the change log to what each webhook is told.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::webhook;
use entity::webhook_delivery;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use uuid::Uuid;

use super::Delivery;
use super::State;
use super::Webhook;
use super::all;
use super::body;
use super::body::Told;
use super::lease;
use crate::article::find;
use crate::clock;
use crate::db::Db;
use crate::db::Txn;
use crate::error::Error;
use crate::event;
use crate::event::Event;
use crate::event::Kind;
use crate::live::change::Wanted;
use crate::region;

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
        events.iter().filter_map(|event| Some((event, body::told(event)?))).collect();
    let articles: Vec<Uuid> = told.iter().filter_map(|(event, _)| event.article_id).collect();
    let txn = db.begin().await?;
    // Those of this moment: who was deleted meanwhile is told nothing.
    let webhooks = all(&txn.db).await?;
    let moved = match events.iter().any(|event| event.kind == Kind::RegionsChanged.name()) {
        true => follow_directory(&txn, &webhooks).await?,
        false => HashMap::new(),
    };
    let mut slugs = find::slugs(&txn.db, &articles).await?;
    slugs.sort_by_key(|slug| slug.article_id);
    let mut deliveries = Vec::new();
    for (event, told) in told {
        let begin = slugs.partition_point(|slug| Some(slug.article_id) < event.article_id);
        let own: Vec<_> = slugs[begin..]
            .iter()
            .take_while(|slug| Some(slug.article_id) == event.article_id)
            .cloned()
            .collect();
        let body = body::body(told, event, &own);
        let listening = webhooks.iter().filter(|webhook| {
            let regions = [webhook.region_code.as_ref(), moved.get(&webhook.id)];
            wants(webhook, &regions, event, told)
        });
        deliveries.extend(listening.map(|webhook| Delivery {
            id: clock::new_id(),
            webhook_id: webhook.id,
            event_id: Some(event.id),
            kind: told.name().into(),
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

/// Lets webhooks of regions that were closed go on with what followed; which that is.
async fn follow_directory(txn: &Txn, webhooks: &[Webhook]) -> Result<HashMap<Uuid, String>, Error> {
    let (tree, mut moved) = (region::read(&txn.db).await?, HashMap::new());
    for webhook in webhooks {
        let code = webhook.region_code.as_deref();
        let heir = code.and_then(|code| tree.resolve(code)).map(|heir| heir.code.clone());
        if let Some(heir) = heir.filter(|heir| Some(heir.as_str()) != code) {
            let row = webhook::ActiveModel {
                id: Set(webhook.id),
                region_code: Set(Some(heir.clone())),
                ..Default::default()
            };
            webhook::Entity::update(row).exec(&txn.db).await?;
            moved.insert(webhook.id, heir);
        }
    }
    Ok(moved)
}

/// Whether a webhook, of these regions if there are any, is told of an event of this type.
fn wants(webhook: &Webhook, regions: &[Option<&String>], event: &Event, told: Told) -> bool {
    let kinds = webhook.kinds.is_empty() || webhook.kinds.split(' ').any(|own| own == told.name());
    if !webhook.enabled || event.id <= webhook.since || !kinds {
        return false;
    }
    let mut regions = regions.iter().copied().flatten().peekable();
    let anywhere = regions.peek().is_none();
    if event.article_id.is_some() {
        let wanted = |region: Option<&String>| {
            let wanted = Wanted { region: region.cloned(), channel: webhook.channel_id };
            wanted.may_have(event)
        };
        return if anywhere { wanted(None) } else { regions.any(|region| wanted(Some(region))) };
    }
    let channel = event.data["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
    match webhook.channel_id {
        own if event.kind == Kind::RegionsChanged.name() => own.is_none(),
        None => anywhere,
        own => own == channel,
    }
}
