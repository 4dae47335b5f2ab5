//! Tokens as GraphQL sees them.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;
use chrono::DateTime;
use chrono::Utc;

use super::Scope;
use super::token;
use crate::id;
use crate::page::Page;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::schema::app;
use crate::schema::caller;

/// What a token allows. `PUBLISH` includes `WRITE`, and `WRITE` includes `READ_DRAFTS`;
/// `ADMIN` includes all three. New values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Scope")]
pub enum TokenScope {
    /// See what readers do not see.
    ReadDrafts,
    /// Write drafts, and change and delete what readers do not see.
    Write,
    /// Change what readers see: publish, withdraw, change what is published.
    Publish,
    /// Count views for readers whom a server-side front end tells of.
    Count,
    /// Look after tokens and webhooks, and read the audit trail.
    Admin,
    /// Ask without a rate limit.
    Unlimited,
}

/// An API token.
#[derive(Description)]
pub struct Token(pub token::Token);

#[Object(use_type_description)]
impl Token {
    /// The global id.
    pub async fn id(&self) -> ID {
        id::encode("Token", &self.0.id.to_string()).into()
    }

    /// Who or what uses it. Needs the scope `admin`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it allows; nothing but its article for a preview. Needs the scope `admin`.
    async fn scopes(&self) -> Vec<TokenScope> {
        token::scopes_of(&self.0).into_iter().map(Into::into).collect()
    }

    /// When it was created. Needs the scope `admin`.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// It is of no use from then on; null: without end. Needs the scope `admin`.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// When it was revoked; null: it was not. Needs the scope `admin`.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// When it was used last, at most a minute behind; null: never. Needs the scope `admin`.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }
}

/// Questions about tokens.
#[derive(Default)]
pub struct TokenQuery;

#[Object]
impl TokenQuery {
    /// All tokens, the last created first, also those that were revoked or have expired;
    /// without previews. Needs the scope `admin`.
    #[graphql(complexity = "size(first, None) * child_complexity + 1")]
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<Token>> {
        caller(ctx).require(Scope::Admin)?;
        let page = Page::new(first, None, after.as_deref(), None)?;
        let slice = token::list(&app(ctx).db.read, &page).await?;
        Ok(connection(slice, |(cursor, token)| (cursor.encode(), Token(token))))
    }
}
