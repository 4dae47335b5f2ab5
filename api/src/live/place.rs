//! How far a subscriber has heard.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::watch;

use super::cursor::Cursor;

/// Shared by who makes the answers of a subscription and who sends them.
#[derive(Clone, Default)]
pub struct Place(Arc<Shared>);

#[derive(Default)]
struct Shared {
    reached: Mutex<Option<Cursor>>,
    began: watch::Sender<Option<Cursor>>,
}

impl Place {
    /// After this cursor, which the client kept.
    pub fn after(cursor: Cursor) -> Self {
        let place = Self::default();
        place.reach(cursor);
        place
    }

    /// Behind the last change that was made an answer of, or where the subscription began.
    pub fn reached(&self) -> Option<Cursor> {
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on.
    pub fn reach(&self, cursor: Cursor) {
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(cursor);
    }

    /// The subscription listens to what comes behind this.
    pub fn begin(&self, cursor: Cursor) {
        self.reach(cursor);
        self.0.began.send_replace(Some(cursor));
    }

    /// Waits until it does.
    pub async fn begun(&self) -> Cursor {
        let mut began = self.0.began.subscribe();
        loop {
            if let Some(cursor) = *began.borrow_and_update() {
                return cursor;
            }
            // The sender is a part of this.
            drop(began.changed().await);
        }
    }
}
