//! GraphQL over server-sent events, distinct connections mode, as graphql-sse defines it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::answer::Refusal;
use super::execute::Endpoint;
use super::execute::Sender;
use super::media::Media;
use super::request::Asked;
use super::stream::Told;
use super::stream::run;
use crate::live::cursor::Cursor;
use crate::live::place::Place;

/// What a browser sends when it comes back by itself (HTML, 9.2.4).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Keeps proxies from holding events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers a request by events; also by what is wrong with it, for who gets another status
/// hears nothing.
pub fn answer(endpoint: Endpoint, sender: Sender, asked: Result<Asked, Refusal>) -> Response {
    let (live, place) = (endpoint.app.live.clone(), place(&sender.headers));
    let beat = endpoint.app.config.keep_alive();
    let (app, caller) = (endpoint.app.clone(), sender.caller.clone());
    // One answer is made while the one before is sent.
    let (out, told) = mpsc::channel(1);
    match asked {
        Ok(asked) => {
            tokio::spawn(run(endpoint, Arc::new(sender), asked, place, "".into(), out));
        }
        Err(refusal) => {
            let errors = refusal.to_json()["errors"].take();
            // There is room for one.
            drop(out.try_send(("".into(), Told::Failed(errors))));
        }
    }
    let events =
        unfold((told, beat), async |(mut told, beat)| match timeout(beat, told.recv()).await {
            Ok(Some((_, event))) => Some((text(event), (told, beat))),
            Ok(None) => None,
            // So that proxies do not take the stream for dead.
            Err(_) => Some((":\n\n".into(), (told, beat))),
        });
    let events = events.take_until(async move {
        tokio::select! {
            () = live.stopped() => {}
            () = app.ended.of(&caller, &app.clock) => {}
        }
    });
    let headers = [
        (header::CONTENT_TYPE, Media::EventStream.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (BUFFERING, HeaderValue::from_static("no")),
        (header::VARY, HeaderValue::from_static("Accept")),
    ];
    (headers, Body::from_stream(events.map(Ok::<_, Infallible>))).into_response()
}

/// Where a client goes on that comes back.
fn place(headers: &HeaderMap) -> Place {
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    // One that is none was not made here, and means nothing.
    let last = last.and_then(|id| Cursor::decode(id).ok());
    last.map(Place::after).unwrap_or_default()
}

/// As it is sent (HTML, 9.2.5).
fn text(told: Told) -> String {
    // With empty data, for without any a browser says nothing of it.
    const COMPLETE: &str = "event: complete\ndata: \n\n";
    let id = |cursor: Cursor| format!("id: {}\n", cursor.encode());
    let next = |body: Value| format!("event: next\ndata: {body}\n");
    match told {
        Told::Begun(cursor) => id(cursor) + "\n",
        Told::Next(body, cursor) => next(body) + &cursor.map(id).unwrap_or_default() + "\n",
        Told::Failed(errors) => next(json!({ "errors": errors })) + "\n" + COMPLETE,
        Told::Complete => COMPLETE.into(),
    }
}
