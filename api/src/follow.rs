//! Follows the change log for what this instance keeps in memory.

use chrono::DateTime;
use chrono::Utc;

use crate::app::App;
use crate::article::flip;
use crate::article::index;
use crate::cache::tag;
use crate::error::Error;
use crate::event;
use crate::event::Event;
use crate::event::Kind;
use crate::ranking;
use crate::search;
use crate::view;

/// Reads the log to its end. What it changes in memory is changed when this returns.
pub async fn run(app: App) -> Result<(), Error> {
    let _alone = app.following.lock().await;
    let now = app.clock.now();
    let mut times = false;
    loop {
        let flips = app.cache.is_on() && app.cache.flips(now);
        if flips {
            // So that what the clock brought about is in the log.
            flip::run(&app.db, now).await?;
            app.cache.set_flipped(now);
        }
        times |= flips | read(&app, now).await?;
        if !app.cache.is_on() || !times {
            break;
        }
        // The log may tell of what was to appear since, and did.
        app.cache.set_flip(flip::next(&app.db.read, app.cache.flipped()).await?);
        if !app.cache.flips(now) {
            break;
        }
    }
    app.cache.follow();
    Ok(())
}

/// Reads the log to its end; whether articles changed.
async fn read(app: &App, now: DateTime<Utc>) -> Result<bool, Error> {
    let mut articles = false;
    loop {
        let events = event::after(&app.db.read, app.followed()).await?;
        let Some(last) = events.last() else { return Ok(articles) };
        take(app, &events, now).await?;
        articles |= events.iter().any(|event| event.article_id.is_some());
        app.set_followed(last.id);
    }
}

async fn take(app: &App, events: &[Event], now: DateTime<Utc>) -> Result<(), Error> {
    let have = |kind: Kind| events.iter().any(|event| event.kind == kind.name());
    let (rankings, recommendations) =
        (app.rankings().rankings, app.recommendations().recommendations);
    if have(Kind::RegionsChanged) {
        app.refresh_tree().await?;
    }
    if have(Kind::RankingCurated) {
        ranking::curate::follow(&app.db, &rankings, app.clock.now()).await?;
    }
    if have(Kind::SearchChanged) {
        search::words::follow(&app.db.read, &app.words).await?;
    }
    if events.iter().any(index::is_pending) {
        app.unindexed.notify_one();
    }
    app.ended.follow(events);
    for event in events {
        if let Some(article) = event.article_id {
            app.views.known.forget(article);
            rankings.touch([article]);
            recommendations.touch([article]);
        }
        if let Some(article) = event.article_id
            && event.kind == Kind::ArticlePublished.name()
        {
            recommendations.appear(article);
        }
        if event.kind == Kind::RecommendationCurated.name() {
            recommendations.lists.told(event.article_id);
        }
        if event.kind == Kind::ViewsImported.name() {
            let articles = view::base::follow(&app.db, &app.views, &event.data).await?;
            rankings.touch(articles);
        }
    }
    if have(Kind::ViewsRebuilt) {
        rankings.set_stale();
    }
    // Answers are stale when what they are made from in memory is of now.
    match have(Kind::RegionsChanged) {
        true => app.cache.drop_all(),
        false => app.cache.drop_tagged(events.iter().flat_map(tag::of)),
    }
    app.live.tell(&app.db.read, app.tree().edition(), events, now).await
}
