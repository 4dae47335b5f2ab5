//! From the `Authorization` header to a [`Caller`].

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::Caller;
use super::token;
use crate::app::App;
use crate::error::Error;

/// Who sent this request. Without the header, a reader; with a wrong one, an
/// error, so that nobody takes a reader's view for an editor's.
pub async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Error> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Ok(Caller::default()) };
    let header = header.to_str().map_err(|_| Error::UnknownToken)?;
    let (scheme, text) = header.split_once(' ').ok_or(Error::UnknownToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Error::UnknownToken);
    }
    token::caller(&app.db.read, text.trim()).await
}
