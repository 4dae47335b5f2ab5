//! Previews: short-lived tokens that show one article to who may not see it yet.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use uuid::Uuid;

use super::token;
use super::token::Token;
use crate::article::Article;
use crate::article::Audience;
use crate::article::find;
use crate::clock;
use crate::clock::millis;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;

/// What its text begins with.
const START: &str = "redian_preview_";
/// How long a preview holds when nobody says.
const DEFAULT: TimeDelta = TimeDelta::hours(1);
/// How long it may hold.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// Creates a preview of an article; the row of its token, its text, and the article.
pub async fn create(
    txn: &Txn,
    article: Uuid,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(Token, String, Article), Error> {
    let found = find::by_id(&txn.db, Audience::Editor, article).await?;
    let found = found.ok_or_else(|| Error::not_found("id", "There is no such article."))?;
    let end = expires_at.map_or(now + DEFAULT, millis);
    if end <= now || now + LONGEST < end {
        let message = "`expiresAt` must lie ahead, by at most seven days.";
        return Err(Error::invalid("expiresAt", Reason::Invalid, message));
    }
    let row = Token {
        id: clock::new_id(),
        name: format!("preview of {}", found.slug),
        hash: String::new(),
        scopes: String::new(),
        created_at: now,
        expires_at: Some(end),
        revoked_at: None,
        last_used_at: None,
        article_id: Some(article),
    };
    let (row, text) = token::insert(txn, row, START).await?;
    Ok((row, text, found))
}

/// The address of a preview, by the template of the settings.
pub fn url(template: &str, token: &str, article: &Article) -> String {
    let escaped: String = form_urlencoded::byte_serialize(article.slug.as_bytes()).collect();
    let url = template.replace("{token}", token).replace("{slug}", &escaped);
    url.replace("{id}", &article.id.to_string())
}
