//! The feed of changes as GraphQL sees it.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Object;
use async_graphql::Result;

use super::change::Change;
use super::change::Wanted;
use super::cursor::Cursor;
use super::feed;
use super::graphql::ArticleChange;
use super::graphql::Told;
use super::graphql::channel_id;
use super::graphql::region_code;
use crate::page;
use crate::page::Page;
use crate::page::Slice;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::protocol::connection::size;
use crate::schema::app;
use crate::schema::loader;
use crate::schema::reads;
use crate::schema::tree;

/// Questions about changes.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// What changed for readers, in the order of commits: articles that appeared or are others
    /// than before, as they are now, and tombstones of those that are gone. For who cannot
    /// listen all the time. Begin without `after`: there is no change then, but an `endCursor`
    /// of before all that the same request reads. Go on with the last `endCursor`, which is
    /// never null, while there is a next page, and again whenever you come back.
    /// `RESYNC_REQUIRED` after 30 days, and for a region when the directory changed: read
    /// everything anew, then.
    #[graphql(complexity = "size(first, None) * child_complexity + 1000")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "In this region or below it: its code or its path. What leaves it is \
                          told as `LEFT`.")]
        region: Option<String>,
        #[graphql(desc = "In the channel of this slug. What leaves it is told as `LEFT`.")]
        channel: Option<String>,
    ) -> Result<Connection<ArticleChange>> {
        reads(ctx).once();
        // The page checks the number alone: its own cursors are of another kind.
        Page::new(first, None, None, None)?;
        let (app, now) = (app(ctx), app(ctx).clock.now());
        let wanted = Wanted {
            region: region.map(|region| region_code(ctx, &region)).transpose()?,
            channel: match channel {
                Some(slug) => Some(channel_id(app, &slug).await?),
                None => None,
            },
        };
        let Some(after) = after.as_deref().map(Cursor::decode).transpose()? else {
            let begin = Cursor { id: loader(ctx).loader().followed, at: now };
            return Ok(Connection::default().ending(begin.encode()));
        };
        let first = usize::try_from(first.unwrap_or(page::DEFAULT)).unwrap_or(1);
        let edition = tree(ctx).edition();
        let part = feed::read(&app.db.read, edition, &wanted, after, first, now).await?;
        let slice = Slice { items: part.changes, has_previous: true, has_next: part.more };
        let edge = |change: Change| {
            let cursor = change.cursor.encode();
            (cursor, ArticleChange(Told { change: Arc::new(change), _room: None }))
        };
        Ok(connection(slice, edge).ending(part.end.encode()))
    }
}
