//! Bodies of requests: bounded each, and all of them together, however slowly they come.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::protocol::media::Media;
use crate::protocol::response;

/// What large bodies may have together, in bytes; at least one of the largest has room.
const ROOM: usize = 64 << 20;
/// What each body may have beside, in bytes: most need no more.
const FREE: usize = 16 << 10;

/// The room that the bodies of an instance share.
pub fn room(config: &Config) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(config.max_body.clamp(ROOM, Semaphore::MAX_PERMITS)))
}

/// Why a body was not taken.
pub enum Refused {
    /// It is larger than one may be.
    TooLarge,
    /// Too many large ones are here.
    NoRoom,
    /// It did not come in time.
    Late,
    /// The connection broke, or it was not sent as HTTP wants it.
    Broken,
}

/// Reads a body; what it takes of `room` is held with it.
pub async fn whole<B>(
    body: B,
    config: &Config,
    room: &Arc<Semaphore>,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Refused>
where
    B: Body<Data = Bytes> + Unpin,
{
    // Told before, by `Content-Length`.
    if body.size_hint().lower() > config.max_body as u64 {
        return Err(Refused::TooLarge);
    }
    let reading = tokio::time::timeout(config.timeout(), read(body, config.max_body, room));
    reading.await.unwrap_or(Err(Refused::Late))
}

async fn read<B>(
    mut body: B,
    most: usize,
    room: &Arc<Semaphore>,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Refused>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut held: Option<OwnedSemaphorePermit> = None;
    // Copied, for a part may be a byte that holds a whole buffer of the connection.
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame.map_err(|_| Refused::Broken)?.into_data() else { continue };
        let length = whole.len() + part.len();
        if length > most {
            return Err(Refused::TooLarge);
        }
        let taken = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(length.saturating_sub(FREE + taken)).unwrap_or(u32::MAX);
        if more > 0 {
            let more = room.clone().try_acquire_many_owned(more).map_err(|_| Refused::NoRoom)?;
            match &mut held {
                Some(held) => held.merge(more),
                None => held = Some(more),
            }
        }
        whole.extend_from_slice(&part);
    }
    Ok((whole.into(), held))
}

impl Refused {
    /// What it is answered by.
    pub fn answer(&self, media: Media, config: &Config) -> Response {
        match self {
            Self::TooLarge => {
                let most = config.max_body;
                let message = format!(
                    "The body has more than {most} bytes: send less at once, or raise --max-body."
                );
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                response::refused(media, status, "PAYLOAD_TOO_LARGE", &message)
            }
            Self::NoRoom => {
                let message = "Too many large bodies are on their way: try again in a second.";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                response::later(media, status, "OVERLOADED", message, 1)
            }
            Self::Late => {
                let message = "The body took too long to arrive: send it again.";
                response::refused(media, StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message)
            }
            Self::Broken => {
                let message = "The body did not arrive as HTTP wants it: send it again.";
                response::refused(media, StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
            }
        }
    }
}
