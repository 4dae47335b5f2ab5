//! The trail as GraphQL sees it, and as mutations write it.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

use super::Entry;
use super::Filter;
use crate::auth::Scope;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::protocol::scalar::JsonObject;
use crate::schema::app;
use crate::schema::caller;

/// Commits what a mutation did to an object, with its entry in the trail.
pub async fn commit(ctx: &Context<'_>, txn: Txn, kind: &str, key: Uuid) -> Result<(), Error> {
    commit_of(ctx, txn, Some(format!("{kind}:{key}"))).await
}

/// The same of what it did to no object that has an id.
pub async fn commit_of_none(ctx: &Context<'_>, txn: Txn) -> Result<(), Error> {
    commit_of(ctx, txn, None).await
}

async fn commit_of(ctx: &Context<'_>, txn: Txn, subject: Option<String>) -> Result<(), Error> {
    let told = |error: async_graphql::ServerError| Error::Internal(error.message);
    let mut input = Value::Object(Map::new());
    for (name, value) in ctx.field().arguments().map_err(told)? {
        if name == "input" {
            input = value.into_json()?;
        }
    }
    let now = app(ctx).clock.now();
    super::record(&txn, caller(ctx), ctx.field().name(), subject, input, now).await?;
    txn.commit().await
}

/// An entry of the audit trail: one change, by whom and when. What was refused has none.
#[derive(Description)]
pub struct AuditEntry(pub Entry);

#[Object(use_type_description)]
impl AuditEntry {
    /// The global id.
    pub async fn id(&self) -> ID {
        id::encode("AuditEntry", &self.0.id.to_string()).into()
    }

    /// When. Needs the scope `admin`.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The mutation, e.g. `publishArticle`, or the command, e.g. `token create`. Needs the
    /// scope `admin`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The UUID of the token that was used, as `redian token list` prints it, or one for the
    /// user of an identity provider, which is always the same; null for a command. Needs the
    /// scope `admin`.
    async fn by(&self) -> Option<ID> {
        self.0.actor_id.map(|id| id.to_string().into())
    }

    /// How that was called then. Needs the scope `admin`.
    async fn by_name(&self) -> &str {
        &self.0.actor_name
    }

    /// The global id of what was changed; it may be gone by now. Null for what has none,
    /// such as words of search. Needs the scope `admin`.
    async fn subject(&self) -> Option<ID> {
        let (kind, key) = self.0.subject.as_deref()?.split_once(':')?;
        Some(id::encode(kind, key).into())
    }

    /// What was asked for: the mutation's `input`, with texts of more than 200 characters
    /// and lists of more than 50 items cut. Needs the scope `admin`.
    async fn input(&self) -> JsonObject {
        JsonObject(self.0.input.as_object().cloned().unwrap_or_default())
    }
}

/// Questions about the trail.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit trail, the last entry first: every mutation but `recordViews`, also one that
    /// found things as they were asked to be, and commands that change tokens, regions or
    /// articles. Kept for ever. Needs the scope `admin`.
    #[graphql(complexity = "size(first, None) * child_complexity + 1")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this object, by its global id.")] subject: Option<ID>,
        #[graphql(desc = "By this token or user, as `by` tells it. Not with `subject`.")]
        by: Option<ID>,
        #[graphql(desc = "So many, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<AuditEntry>> {
        caller(ctx).require(Scope::Admin)?;
        let page = Page::new(first, None, after.as_deref(), None)?;
        if subject.is_some() && by.is_some() {
            let message = "Pass `subject` or `by`: no index serves both together.";
            return Err(Error::invalid("by", Reason::Unsupported, message).into());
        }
        let subject = match subject {
            None => None,
            Some(subject) => match id::decode(&subject) {
                Some((kind, key)) => Some(format!("{kind}:{key}")),
                None => {
                    let message = "`subject` is no global id: pass one that the API gave you.";
                    return Err(Error::invalid("subject", Reason::Invalid, message).into());
                }
            },
        };
        let actor = by.map(|by| id::uuid("Token", &by, "by")).transpose()?;
        let filter = Filter { subject, actor };
        let slice = super::list(&app(ctx).db.read, &filter, &page).await?;
        Ok(connection(slice, |(cursor, entry)| (cursor.encode(), AuditEntry(entry))))
    }
}
