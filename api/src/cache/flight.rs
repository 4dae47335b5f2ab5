//! One answer is made at a time for all who ask the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::watch;

use super::http_answer::Answer;

/// What became of an answer: nothing yet, one for all, or none that others may have.
type Landed = Option<Option<Arc<Answer>>>;

/// Answers that are being made.
#[derive(Clone, Default)]
pub struct Flights(Arc<Mutex<HashMap<Box<[u8]>, Flight>>>);

struct Flight {
    /// The moment at which it was begun.
    moment: u64,
    landed: watch::Receiver<Landed>,
}

/// What somebody shall do who asks.
pub enum Joined {
    /// Make the answer, others may wait for it.
    Lead(Lead),
    /// Make an answer of one's own.
    Alone,
    /// This is the answer.
    Answered(Arc<Answer>),
}

/// The one who makes an answer. Dropped, it lets the others make their own.
pub struct Lead {
    key: Box<[u8]>,
    flights: Flights,
    landed: watch::Sender<Landed>,
}

impl Flights {
    /// Joins those who ask the same at the same moment: who began before something changed
    /// may have read what was before.
    pub async fn join(&self, key: &[u8], moment: u64) -> Joined {
        let mut landed = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match flights.get(key) {
                Some(flight) if flight.moment == moment => flight.landed.clone(),
                Some(_) => return Joined::Alone,
                None => {
                    let (sender, landed) = watch::channel(None);
                    flights.insert(key.into(), Flight { moment, landed });
                    let lead = Lead { key: key.into(), flights: self.clone(), landed: sender };
                    return Joined::Lead(lead);
                }
            }
        };
        let answer = landed.wait_for(Option::is_some).await.ok();
        match answer.and_then(|landed| landed.clone().flatten()) {
            Some(answer) => Joined::Answered(answer),
            None => Joined::Alone,
        }
    }
}

impl Lead {
    /// Gives the answer to those who wait.
    pub fn land(self, answer: Option<Arc<Answer>>) {
        self.landed.send_replace(Some(answer));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
