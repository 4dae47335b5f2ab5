//! Changes for those who come by now and then, page by page.

use chrono::DateTime;
use chrono::Utc;
use sea_orm::ConnectionTrait;

use super::change;
use super::change::Change;
use super::change::Wanted;
use super::cursor::Cursor;
use crate::error::Error;
use crate::event;
use crate::event::Event;
use crate::event::Kind;

/// So many events are looked at for one page.
const MOST: usize = event::MOST;
/// The articles of so many events are read at once, also for a small page: what of them is
/// nothing to readers is not known before.
const AT_ONCE: usize = 100;

/// A part of the feed.
pub struct Part {
    /// At most as many as were asked for.
    pub changes: Vec<Change>,
    /// What comes next is behind this, also when there are no changes.
    pub end: Cursor,
    /// Whether there may be more at once.
    pub more: bool,
}

/// At most `first` changes behind the cursor, in the order of commits. `edition` is that of
/// the region directory.
pub async fn read(
    db: &impl ConnectionTrait,
    edition: i64,
    wanted: &Wanted,
    after: Cursor,
    first: usize,
    now: DateTime<Utc>,
) -> Result<Part, Error> {
    after.check_age(now)?;
    let (mut changes, mut end, mut looked) = (Vec::new(), after, 0);
    // Mostly a few are enough; where a filter leaves little, larger steps follow.
    let mut step = 2 * first.max(20);
    while looked < MOST {
        let events = event::some_after(db, end.id, step).await?;
        if events.is_empty() {
            let known = looked > 0 || event::newest(db).await? >= end.id;
            // Nothing that is written from now on is of long ago.
            let end = Cursor { at: now, ..end };
            return if known { Ok(Part { changes, end, more: false }) } else { resync() };
        }
        looked += events.len();
        if wanted.region.is_some() && events.iter().any(of_directory) {
            // Articles may have come and gone by that without events of their own.
            return resync();
        }
        let heard: Vec<&Event> = events.iter().filter(|event| wanted.may_have(event)).collect();
        for some in heard.chunks(first.max(AT_ONCE)) {
            for change in change::of(db, edition, some, wanted, now).await? {
                end = change.cursor;
                changes.push(change);
                if changes.len() == first {
                    let last = events.last().is_some_and(|last| last.id == end.id);
                    let more = !last || events.len() == step;
                    return Ok(Part { changes, end, more });
                }
            }
        }
        if let Some(last) = events.last() {
            end = Cursor { id: last.id, at: last.at };
        }
        step = MOST;
    }
    Ok(Part { changes, end, more: true })
}

fn of_directory(event: &Event) -> bool {
    event.kind == Kind::RegionsChanged.name()
}

fn resync() -> Result<Part, Error> {
    Err(Error::ResyncRequired)
}
