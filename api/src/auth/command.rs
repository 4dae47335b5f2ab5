//! `redian token`.

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::json;

use super::token;
use crate::app::App;
use crate::audit::record_command;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::command::Token;
use crate::db::Db;
use crate::error::Error;
use crate::id;
use crate::page;
use crate::page::Page;

/// Does it, on the database of the settings.
pub async fn run(config: Config, clock: Clock, command: Token) -> Result<(), Error> {
    Db::must_exist(&config.database_url)?;
    let app = App::open(config, clock).await?;
    match command {
        Token::Create { name, scopes, days } => create(&app, &name, &scopes, days).await?,
        Token::List => list(&app).await?,
        Token::Revoke { id } => revoke(&app, &id).await?,
    }
    app.db.close().await
}

async fn create(app: &App, name: &str, scopes: &[String], days: Option<u16>) -> Result<(), Error> {
    let now = app.clock.now();
    let expires_at = days.map(|days| now + TimeDelta::days(days.into()));
    let txn = app.db.begin().await?;
    let (token, text) = token::create(&txn, name, &token::scopes(scopes)?, expires_at, now).await?;
    let input = json!({ "name": name, "scopes": scopes, "expiresAt": expires_at });
    let subject = Some(format!("Token:{}", token.id));
    record_command(&txn, "token create", subject, input, now).await?;
    txn.commit().await?;
    println!("{text}");
    Ok(())
}

async fn list(app: &App) -> Result<(), Error> {
    println!("ID\tNAME\tSCOPES\tCREATED\tLAST USED\tEND");
    let mut after = None;
    loop {
        let page = Page::new(Some(page::MAX), None, after.as_deref(), None)?;
        let slice = token::list(&app.db.read, &page).await?;
        after = slice.items.last().map(|(cursor, _)| cursor.encode());
        for (_, token) in slice.items {
            let end = match (token.revoked_at, token.expires_at) {
                (Some(at), _) => format!("revoked {}", text(Some(at))),
                (None, end) => text(end),
            };
            let (created, used) = (text(Some(token.created_at)), text(token.last_used_at));
            println!("{}\t{}\t{}\t{created}\t{used}\t{end}", token.id, token.name, token.scopes);
        }
        if !slice.has_next {
            return Ok(());
        }
    }
}

async fn revoke(app: &App, id: &str) -> Result<(), Error> {
    let (id, now) = (id::uuid("Token", id, "id")?, app.clock.now());
    let txn = app.db.begin().await?;
    let token = token::revoke(&txn, id, now).await?;
    let subject = Some(format!("Token:{id}"));
    record_command(&txn, "token revoke", subject, json!({}), now).await?;
    txn.commit().await?;
    eprintln!("The token `{}` is revoked.", token.name);
    Ok(())
}

fn text(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".into(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}
