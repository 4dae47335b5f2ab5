//! The only source of "now" and of randomness.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use chrono::DateTime;
use chrono::Datelike;
use chrono::SubsecRound;
use chrono::Utc;
use uuid::Uuid;

/// Tells the time, in UTC with millisecond precision.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds since 1970 when the time stands still, as in tests.
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// A clock that stands still at `at` until it is set.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(at.timestamp_millis()))) }
    }

    /// Moves a clock that stands still; does nothing to the system's.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(fixed) = &self.fixed {
            fixed.store(at.timestamp_millis(), Ordering::SeqCst);
        }
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        let fixed = self.fixed.as_ref().map(|fixed| fixed.load(Ordering::SeqCst));
        fixed.and_then(DateTime::from_timestamp_millis).unwrap_or_else(system)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
fn system() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

/// Cuts an instant to milliseconds, the precision that both databases, cursors
/// and JavaScript share.
pub fn millis(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(3)
}

/// Whether the instant is of the years 0 to 9999. SQLite compares others
/// wrongly, and PostgreSQL refuses some.
pub fn storable(at: DateTime<Utc>) -> bool {
    (0..=9999).contains(&at.year())
}

/// A new UUIDv7: sorts by the time of its making (RFC 9562, 5.7).
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A UUIDv7 of an instant, in milliseconds since 1970.
pub fn id_of(at: i64) -> Uuid {
    let random = *new_id().as_bytes();
    let mut tail = [0; 10];
    tail.copy_from_slice(&random[6..]);
    uuid::Builder::from_unix_timestamp_millis(at.unsigned_abs(), &tail).into_uuid()
}

/// 244 random bits as 64 hexadecimal digits.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks for randomness")]
pub fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
