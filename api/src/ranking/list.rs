//! A list as readers see it: without what is not visible, with ranks, and filled
//! up from wider regions when it is short.

use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::Key;
use super::Kind;
use super::Scope;
use super::Sources;
use super::Window;
use super::curation::Wanted;
use super::follow;
use super::snapshot::Line;
use super::snapshot::Snapshot;
use super::top::Place;
use super::top::Top;
use super::top::top;
use crate::article::find;
use crate::clock;
use crate::error::Error;
use crate::view::zone::HOUR;

/// The most articles of a list.
pub const LENGTH: usize = 200;
/// So many more are looked at, for some may not be visible.
const SPARE: usize = 50;
/// So often that many more are looked at when too few are visible.
const TRIES: usize = 4;
/// Lists of regions are filled up to so many.
const FILLED: usize = 20;

/// Makes a list of this moment.
pub async fn make(sources: &Sources, key: &Key) -> Result<Snapshot, Error> {
    // Before the board is brought up to date: then, all that is pinned is on it.
    let curation = sources.rankings.curation();
    follow::run(sources).await?;
    let now = sources.clock.now();
    let wanted = curation.at(now);
    let (hour, mut lines) = ranked(sources, key, &wanted, now).await?;
    // What is pinned in a wider region stands here by its views only.
    let wanted = Wanted { pinned: Vec::new(), ..wanted };
    let mut filled_from = None;
    if let Some(code) = &key.scope.region {
        let above = sources.tree.ancestors(code).into_iter().map(|row| Some(row.code.clone()));
        for region in above.chain([None]) {
            if lines.len() >= FILLED {
                break;
            }
            let scope = Scope { region: region.clone(), channel: key.scope.channel };
            let wider = Key { kind: key.kind, scope };
            let before = lines.len();
            fill(&mut lines, ranked(sources, &wider, &wanted, now).await?.1);
            if before == lines.len() {
                continue;
            }
            filled_from = filled_from.or(region);
        }
    }
    let hours = match key.kind {
        Kind::Hot | Kind::Read(Window::Day) => Some(24),
        Kind::Read(Window::Hour) => Some(1),
        Kind::Read(Window::Week) => Some(168),
        Kind::Read(Window::Month) => Some(720),
        Kind::Read(Window::All) => None,
    };
    Ok(Snapshot {
        id: clock::new_id(),
        list: key.name(),
        as_of: now.timestamp_millis(),
        from: hours.map(|hours| i64::from(hour - hours + 1) * HOUR),
        lines,
        filled_from,
        curated: curation.newest(),
    })
}

/// Adds what is not there yet, in its order, up to [`FILLED`].
fn fill(lines: &mut Vec<Line>, more: Vec<Line>) {
    for line in more {
        if lines.len() < FILLED && !lines.iter().any(|other| other.article == line.article) {
            let rank = u32::try_from(lines.len() + 1).unwrap_or(u32::MAX);
            lines.push(Line { rank, previous: None, filled: true, ..line });
        }
    }
}

/// The running hour, and what readers see of a list.
async fn ranked(
    sources: &Sources,
    key: &Key,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(i32, Vec<Line>), Error> {
    let mut most = LENGTH + SPARE;
    for _ in 1..TRIES {
        let (found, lines) = visible(sources, key, wanted, now, most).await?;
        if lines.len() >= LENGTH || !found.more {
            return Ok((found.hour, lines));
        }
        most *= 4;
    }
    let (found, lines) = visible(sources, key, wanted, now, most).await?;
    Ok((found.hour, lines))
}

/// The first articles of a list of the whole site, whether readers see them or not: for what is
/// made of lists, and not shown as one.
pub async fn glance(sources: &Sources, kind: Kind, most: usize) -> Result<Vec<Uuid>, Error> {
    follow::run(sources).await?;
    let (now, key) = (sources.clock.now(), Key { kind, scope: Scope::default() });
    let wanted = sources.rankings.curation().at(now);
    let found = computed(sources, &key, &wanted, now, most).await?;
    Ok(found.places.into_iter().map(|place| place.id).collect())
}

async fn visible(
    sources: &Sources,
    key: &Key,
    wanted: &Wanted,
    now: DateTime<Utc>,
    most: usize,
) -> Result<(Top, Vec<Line>), Error> {
    let found = computed(sources, key, wanted, now, most).await?;
    let mut lines: Vec<Line> = Vec::new();
    let (mut last, mut pins) = (None, 0);
    for part in found.places.chunks(1000) {
        let ids: Vec<_> = part.iter().map(|place| place.id).collect();
        let shown = find::shown(&sources.db.read, &ids).await?;
        for place in part {
            let seen = shown.get(&place.id).is_some_and(|shown| shown.at(now));
            if !seen || lines.len() >= LENGTH {
                continue;
            }
            let rank = match (last, lines.last()) {
                (Some(key), Some(line)) if key == place.key => line.rank,
                _ => u32::try_from(lines.len() + 1).unwrap_or(u32::MAX),
            };
            let Place { id: article, views, pinned, .. } = *place;
            if pinned {
                pins = rank;
            } else {
                last = Some(place.key);
            }
            // As if then had been pinned what is now.
            let previous = place.previous.map(|previous| previous + pins);
            lines.push(Line { article, rank, previous, views, filled: false, pinned });
        }
    }
    Ok((found, lines))
}

async fn computed(
    sources: &Sources,
    key: &Key,
    wanted: &Wanted,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Top, Error> {
    let (rankings, key, wanted) = (sources.rankings.clone(), key.clone(), wanted.clone());
    let compute = move || {
        let board = rankings.board.read().unwrap_or_else(PoisonError::into_inner);
        board.as_ref().map(|board| top(board, &key, &wanted, now, most))
    };
    tokio::task::spawn_blocking(compute)
        .await
        .map_err(|error| Error::Internal(format!("the thread that ranks: {error}")))?
        .ok_or_else(|| Error::Unavailable("The lists are not read yet. Try again.".into()))
}
