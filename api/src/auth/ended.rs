//! Tokens that end while somebody listens by them.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::Caller;
use crate::clock::Clock;
use crate::event::Event;
use crate::event::Kind;

/// How often it is looked whether a token has expired.
const STEP: Duration = Duration::from_secs(1);

/// The tokens that were revoked since the instance began.
#[derive(Default)]
pub struct Ended(watch::Sender<HashSet<Uuid>>);

impl Ended {
    /// Hears of revoked tokens by the change log.
    pub fn follow(&self, events: &[Event]) {
        let revoked = events.iter().filter(|event| event.kind == Kind::TokenRevoked.name());
        let id = |event: &Event| event.data["token"].as_str().and_then(|id| id.parse().ok());
        let revoked: Vec<Uuid> = revoked.filter_map(id).collect();
        if !revoked.is_empty() {
            self.0.send_modify(|known| known.extend(revoked));
        }
    }

    /// Waits until the caller's token is revoked or has expired; a reader has none.
    pub async fn of(&self, caller: &Caller, clock: &Clock) {
        let Some(token) = caller.token else { return std::future::pending().await };
        let mut known = self.0.subscribe();
        loop {
            if !caller.holds(clock.now()) {
                return;
            }
            let revoked = known.wait_for(|known| known.contains(&token));
            if tokio::time::timeout(STEP, revoked).await.is_ok() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::clock;

    #[tokio::test]
    async fn only_the_one_who_has_the_revoked_token_ends() {
        let (ended, clock) = (Ended::default(), Clock::default());
        let [revoked, other] = [clock::new_id(), clock::new_id()];
        let kind = Kind::TokenRevoked.name().to_owned();
        let (at, data) = (DateTime::UNIX_EPOCH, json!({ "token": revoked }));
        ended.follow(&[Event { id: 1, at, kind, article_id: None, data, once: None }]);
        let caller = |token| Caller { token: Some(token), ..Caller::default() };
        ended.of(&caller(revoked), &clock).await;
        for caller in [caller(other), Caller::default()] {
            let waits = tokio::time::timeout(Duration::ZERO, ended.of(&caller, &clock)).await;
            assert!(waits.is_err(), "it ended without a reason");
        }
    }
}
