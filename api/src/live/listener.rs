//! One who listens to changes: first to what was missed, then to what happens.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use tokio::sync::broadcast::error::RecvError;

use super::change;
use super::change::Change;
use super::change::ChangeKind;
use super::change::Wanted;
use super::cursor::Cursor;
use super::hub::Ear;
use super::hub::Topic;
use crate::db::Db;
use crate::error::Error;
use crate::event;
use crate::event::Event;

/// Where a listener is.
pub struct Listener {
    db: Db,
    ear: Ear,
    /// The edition of the region directory.
    edition: i64,
    now: DateTime<Utc>,
    /// What was missed is told from here to where the ear began.
    missed: i64,
    waiting: VecDeque<Arc<Change>>,
    /// The last event that was told.
    told: i64,
}

impl Listener {
    /// Tells what happened after the cursor, if there is one, and then what the ear hears.
    pub async fn new(
        db: Db,
        ear: Ear,
        edition: i64,
        after: Option<Cursor>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        if let Some(after) = after {
            // It may come from an instance that is ahead.
            let ahead = ear.since < after.id;
            let newest = if ahead { event::newest(&db.read).await? } else { ear.since };
            after.check(newest, now)?;
        }
        let missed = after.map_or(ear.since, |after| after.id);
        Ok(Self { db, ear, edition, now, missed, waiting: VecDeque::new(), told: missed })
    }

    /// Where it begins.
    pub fn begins(&self, now: DateTime<Utc>) -> Cursor {
        Cursor { id: self.told, at: now }
    }

    /// The changes, without end unless there is an error.
    pub fn changes(self) -> impl Stream<Item = Result<Arc<Change>, Error>> {
        try_unfold(self, |mut listener| async move {
            let change = listener.next().await?;
            Ok(change.map(|change| (change, listener)))
        })
    }

    async fn next(&mut self) -> Result<Option<Arc<Change>>, Error> {
        loop {
            let change = match self.waiting.pop_front() {
                Some(missed) => missed,
                None if self.missed < self.ear.since => {
                    self.read().await?;
                    continue;
                }
                None => match self.ear.changes.recv().await {
                    Ok(change) => change,
                    Err(RecvError::Closed) => return Ok(None),
                    Err(RecvError::Lagged(_)) => return Err(Error::Lagged),
                },
            };
            // After a failure some are told again.
            if self.told < change.cursor.id {
                self.told = change.cursor.id;
                return Ok(Some(change));
            }
        }
    }

    /// Reads some of what was missed.
    async fn read(&mut self) -> Result<(), Error> {
        let until = self.ear.since;
        let events = event::after(&self.db.read, self.missed).await?;
        let heard: Vec<&Event> = events
            .iter()
            .take_while(|event| event.id <= until)
            .filter(|event| self.ear.topic.may_have(event))
            .collect();
        let changes =
            change::of(&self.db.read, self.edition, &heard, &Wanted::default(), self.now).await?;
        let changes = changes.into_iter().filter(|change| self.ear.topic.has(change));
        self.waiting.extend(changes.map(Arc::new));
        self.missed = events.last().map_or(until, |event| event.id);
        Ok(())
    }
}

impl Topic {
    fn may_have(&self, event: &Event) -> bool {
        match self {
            Self::Article(article) => event.article_id == Some(*article),
            _ => event.kind == event::Kind::ArticlePublished.name(),
        }
    }

    fn has(&self, change: &Change) -> bool {
        let published = change.kind == ChangeKind::Published;
        let channel = change.article.as_ref().and_then(|article| article.channel_id);
        match self {
            Self::Article(article) => change.article_id == *article,
            Self::Published => published,
            Self::InChannel(id) => published && channel == Some(*id),
            Self::InRegion(code) => published && change.regions.contains(code),
        }
    }
}
