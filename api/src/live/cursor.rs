//! A place in the change log, as subscribers keep it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::error::Error;
use crate::error::Reason;
use crate::event;

/// More events than that are not told one by one to who comes back.
pub const MOST: i64 = 10_000;

/// Behind an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The event.
    pub id: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
}

impl Cursor {
    /// The opaque text that clients keep.
    pub fn encode(self) -> String {
        let numbers = [self.id, self.at.timestamp_millis()];
        URL_SAFE_NO_PAD.encode(numbers.map(i64::to_be_bytes).concat())
    }

    /// Reads what [`encode`](Self::encode) made.
    pub fn decode(text: &str) -> Result<Self, Error> {
        let decode = || {
            let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
            let (id, at) = bytes.split_at(8);
            let at = i64::from_be_bytes(at.try_into().ok()?);
            let id = i64::from_be_bytes(id.try_into().ok()?);
            Some(Self { id, at: DateTime::from_timestamp_millis(at)? }).filter(|_| id >= 0)
        };
        decode().ok_or_else(|| {
            let message = "`after` is not a cursor: pass one that this field gave you.";
            Error::invalid("after", Reason::Invalid, message)
        })
    }

    /// Fails when what came after it, up to the event `newest`, can no longer be told.
    pub fn check(self, newest: i64, now: DateTime<Utc>) -> Result<(), Error> {
        // A restored backup may be behind what was told.
        let unknown = newest < self.id;
        match unknown || newest - self.id > MOST {
            true => Err(Error::ResyncRequired),
            false => self.check_age(now),
        }
    }

    /// Fails when some of what came after it is no longer kept.
    pub fn check_age(self, now: DateTime<Utc>) -> Result<(), Error> {
        // Events that were written later may be of a little earlier.
        let too_old = self.at < now - TimeDelta::days(event::KEPT_DAYS) + TimeDelta::hours(1);
        if too_old { Err(Error::ResyncRequired) } else { Ok(()) }
    }
}
