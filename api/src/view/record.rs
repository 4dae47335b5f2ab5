//! From the events of a request to their verdicts.

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use super::Views;
use super::batch::Display;
use super::batch::Visit;
use super::class::Class;
use super::class::Verdict;
use super::event;
use super::event::Ages;
use super::event::Event;
use super::event::Sound;
use super::reader;
use super::reader::Reader;
use super::zone;
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::error::Fault;

/// So many events may be sent at once.
pub const MOST: usize = 100;

/// An event of a request, or what is wrong with its form.
pub struct Sent {
    /// Its id as it was sent; empty if there was none.
    pub event_id: String,
    /// The event.
    pub event: Result<Event, Fault>,
}

/// What became of an event.
#[derive(Debug)]
pub struct Outcome {
    /// Its id as it was sent.
    pub event_id: String,
    /// What is answered.
    pub verdict: Verdict,
    /// The article's views as a page shows them, when it is known.
    pub total: Option<i64>,
}

/// Has events counted. One outcome for each, in their order; returns when they
/// are committed. `Unavailable` acknowledges none of them.
pub async fn record(
    db: &Db,
    views: &Views,
    config: &Config,
    reader: &Reader,
    sent: Vec<Sent>,
    now: DateTime<Utc>,
) -> Result<Vec<Outcome>, Error> {
    let ages = Ages { most: config.view_max_age, most_known: config.view_max_age_known };
    let sound: Vec<Result<(&Event, Sound), Verdict>> = sent
        .iter()
        .map(|sent| {
            let event = sent.event.as_ref().map_err(|fault| Verdict::Invalid(fault.clone()))?;
            Ok((event, event::check(event, reader, ages, now)?))
        })
        .collect();
    let named = sound.iter().flatten().map(|(event, _)| &*event.article);
    let articles = views.known.find(&db.read, named, now).await?;

    // Where the verdict of each event comes from.
    enum Place {
        Here(Verdict),
        Counted(Uuid),
    }
    let mut displays = Vec::with_capacity(sound.len());
    let mut places = Vec::with_capacity(sound.len());
    for checked in sound {
        places.push(match checked {
            Err(verdict) => Place::Here(verdict),
            Ok((event, sound)) => match articles.get(&*event.article) {
                None => Place::Here(Verdict::UnknownArticle),
                Some(article) => {
                    let window = i64::from(config.view_window).saturating_mul(1000);
                    let display = display(db, views, reader, event, &sound, *article, window);
                    displays.push(display.await?);
                    Place::Counted(*article)
                }
            },
        });
    }
    let mut verdicts = if displays.is_empty() {
        Vec::new().into_iter()
    } else {
        views.queue.count(displays).await?.into_iter()
    };
    let outcome = |(sent, place): (Sent, Place)| {
        let (verdict, article) = match place {
            Place::Here(verdict) => (Some(verdict), None),
            Place::Counted(article) => (verdicts.next(), Some(article)),
        };
        let missing = || Error::Internal("fewer verdicts than events".into());
        let total = article.map(|article| views.totals.of(article).shown());
        Ok(Outcome { event_id: sent.event_id, verdict: verdict.ok_or_else(missing)?, total })
    };
    sent.into_iter().zip(places).map(outcome).collect()
}

/// What the counting transaction needs of an event. `window` is the length of
/// the windows in milliseconds.
async fn display(
    db: &Db,
    views: &Views,
    reader: &Reader,
    event: &Event,
    sound: &Sound,
    article: Uuid,
    window: i64,
) -> Result<Display, Error> {
    let identity = reader::identity(reader, event, sound.ip);
    let mut display = Display {
        id: sound.id,
        at: sound.at,
        article,
        class: identity.excluded.unwrap_or(Class::Counted),
        visit: None,
        visitor: None,
    };
    if display.class != Class::Counted {
        return Ok(display);
    }
    let day = zone::day(views.rules.zone, sound.at);
    let number = sound.at.div_euclid(window);
    let first_day = zone::day(views.rules.zone, number * window);
    let salt = views.salts.of(db, day).await?;
    // A window that began yesterday has yesterday's salt to its end.
    let first_salt = if first_day == day { salt } else { views.salts.of(db, first_day).await? };
    let capped = views.rules.network_cap > 0;
    display.visitor = identity.visitor(&salt);
    display.visit = identity.visit(&first_salt, article, number).map(|key| Visit {
        hour: zone::hour((number + 1) * window),
        key,
        network: capped.then(|| identity.network(&first_salt, article, number)).flatten(),
    });
    Ok(display)
}
