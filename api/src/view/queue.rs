//! Displays that wait for the next batch. Bounded: when it is full, the
//! sender is told to come again, and nothing is dropped in silence.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use tokio::sync::Mutex;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use super::batch::Display;
use super::class::Verdict;
use crate::error::Error;

/// So many displays go into one batch at most, but for the last request's.
const BATCH: usize = 2_000;

/// The queue of an instance.
pub struct Queue {
    sender: mpsc::UnboundedSender<Job>,
    /// Taken by the writer that runs.
    receiver: Mutex<mpsc::UnboundedReceiver<Job>>,
    room: Arc<Semaphore>,
}

/// The displays of a request, and who waits for the verdicts.
pub struct Job {
    /// What is to be counted.
    pub displays: Vec<Display>,
    /// Hears the verdicts after the commit.
    pub answer: oneshot::Sender<Result<Vec<Verdict>, Error>>,
    _room: OwnedSemaphorePermit,
}

impl Queue {
    /// A queue for so many displays.
    pub fn new(room: usize) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS)));
        Self { sender, receiver: Mutex::new(receiver), room }
    }

    /// Has displays counted; the verdicts once they are committed. `Unavailable`
    /// acknowledges nothing.
    pub async fn count(&self, displays: Vec<Display>) -> Result<Vec<Verdict>, Error> {
        let places = u32::try_from(displays.len()).unwrap_or(u32::MAX);
        let Ok(room) = self.room.clone().try_acquire_many_owned(places) else {
            return Err(Error::Unavailable(
                "More views come in than can be stored. Send these again in a few seconds.".into(),
            ));
        };
        let (answer, verdicts) = oneshot::channel();
        let job = Job { displays, answer, _room: room };
        let lost = || {
            Error::Unavailable("The views could not be stored. Send them again in a moment.".into())
        };
        self.sender.send(job).map_err(|_| lost())?;
        verdicts.await.map_err(|_| lost())?
    }

    /// The next job. Waiting for it may be given up; none is lost then.
    pub async fn next(&self) -> Job {
        match self.receiver.lock().await.recv().await {
            Some(job) => job,
            // The other end is here as well, and never closed.
            None => std::future::pending().await,
        }
    }

    /// The jobs of the next batch: this one, what waits behind it, and what comes within
    /// the patience, while other tasks have their turn.
    pub async fn with(&self, first: Job, patience: Duration) -> Vec<Job> {
        let mut receiver = self.receiver.lock().await;
        let started = Instant::now();
        let mut waiting = first.displays.len();
        let mut jobs = vec![first];
        while waiting < BATCH {
            match receiver.try_recv() {
                Ok(job) => {
                    waiting += job.displays.len();
                    jobs.push(job);
                }
                Err(_) if started.elapsed() >= patience => break,
                Err(_) => tokio::task::yield_now().await,
            }
        }
        jobs
    }
}
