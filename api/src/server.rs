//! The HTTP server: the background loops beside it, the orderly stop.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::sync::watch;

use crate::app::App;
use crate::article;
use crate::auth::token;
use crate::error::Error;
use crate::event;
use crate::follow;
use crate::front::Front;
use crate::listen;
use crate::ranking;
use crate::recommend;
use crate::view;
use crate::webhook;
use crate::webhook::deliver::Deliverer;

/// The longest wait for views to be folded after the stop.
const FOLDING: Duration = Duration::from_secs(20);

/// Serves until `stop`, then lets running requests finish, at most for the
/// time of the settings.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let front = Front::new(&app)?;
    serve_front(app, front, listener, stop).await
}

/// The same with what was made before.
pub async fn serve_front(
    app: App,
    front: Front,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let (stopping, stopped) = watch::channel(false);
    let loops = [
        tokio::spawn(every(Duration::from_millis(250), stopped.clone(), app.clone(), flips)),
        tokio::spawn(every(Duration::from_millis(200), stopped.clone(), app.clone(), follow::run)),
        tokio::spawn(every(Duration::from_secs(2), stopped.clone(), app.clone(), file_anew)),
        tokio::spawn(every(Duration::from_secs(3600), stopped.clone(), app.clone(), prune)),
        tokio::spawn(every(Duration::from_millis(250), stopped.clone(), app.clone(), follow_views)),
        tokio::spawn(every(Duration::from_millis(500), stopped.clone(), app.clone(), rank)),
        tokio::spawn(every(Duration::from_millis(500), stopped.clone(), app.clone(), recommend)),
        tokio::spawn(every(Duration::from_secs(1), stopped.clone(), app.clone(), fold_views)),
        tokio::spawn(every(Duration::from_secs(60), stopped.clone(), app.clone(), keep_views)),
        tokio::spawn(every(Duration::from_secs(60), stopped.clone(), app.clone(), forget)),
        tokio::spawn(every(Duration::from_secs(1), stopped.clone(), app.clone(), index)),
        tokio::spawn(every(Duration::from_secs(300), stopped.clone(), app.clone(), read_keys)),
        tokio::spawn(every(Duration::from_secs(20), stopped.clone(), app.clone(), last_uses)),
        tokio::spawn(count_views(app.clone())),
        tokio::spawn(tell_webhooks(app.clone())),
    ];
    let drain = Duration::from_secs(app.config.drain);
    let mut drained = stopped.clone();
    let live = app.live.clone();
    let stop = async move {
        stop.await;
        tracing::info!("stopping: running requests may finish");
        stopping.send_replace(true);
        live.stop();
    };
    let too_late = async move {
        // An error means that the sender is gone, and so the server.
        drop(drained.wait_for(|stopped| *stopped).await);
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        () = async {
            let answer = move |request, peer| front.clone().answer(request, peer);
            listen::run(listener, answer, &app.config, stop).await;
            app.live.emptied().await;
        } => {}
        () = too_late => tracing::warn!("some requests did not finish in time"),
    }
    for running in loops {
        running.abort();
    }
    if let Err(error) = webhook::lease::release(&app.db, app.id, app.clock.now()).await {
        tracing::warn!(?error, "another instance tells webhooks a little later");
    }
    if let Err(error) = last_uses(app.clone()).await {
        tracing::warn!(?error, "when tokens were used last is not written down");
    }
    // On SQLite, whoever copies the database afterwards needs no other file.
    let folded = tokio::time::timeout(FOLDING, fold_views(app)).await;
    if !matches!(folded, Ok(Ok(()))) {
        tracing::warn!(?folded, "not all views are folded yet: the next start goes on");
    }
    Ok(())
}

/// Repeats `work` until told to stop; a failure is logged and tried again.
async fn every<F>(
    period: Duration,
    mut stopped: watch::Receiver<bool>,
    app: App,
    work: fn(App) -> F,
) where
    F: Future<Output = Result<(), Error>>,
{
    loop {
        if let Err(error) = work(app.clone()).await {
            tracing::warn!(code = error.code(), ?error, "background work failed, trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
    }
}

async fn flips(app: App) -> Result<(), Error> {
    article::flip::run(&app.db, app.clock.now()).await
}

async fn file_anew(app: App) -> Result<(), Error> {
    app.file_anew().await
}

/// Puts into the index of search what is not there: after an upgrade, all of it. Then waits
/// until something is told to be missing, or for an hour.
async fn index(app: App) -> Result<(), Error> {
    article::index::catch_up(&app.db, &app.clock, |_| ()).await?;
    // It does not matter which of them comes first.
    drop(tokio::time::timeout(Duration::from_secs(3600), app.unindexed.notified()).await);
    Ok(())
}

/// Follows the log of views.
pub async fn follow_views(app: App) -> Result<(), Error> {
    view::follow::run(&app.db, &app.views).await
}

/// Brings lists by views up to date.
pub async fn rank(app: App) -> Result<(), Error> {
    ranking::follow::run(&app.rankings()).await
}

/// Brings recommended reading up to date, and chooses what to recommend with what appeared.
pub async fn recommend(app: App) -> Result<(), Error> {
    recommend::kept::prepare(&app.recommendations()).await
}

/// Makes sketches and scores of what was counted.
pub async fn fold_views(app: App) -> Result<(), Error> {
    while view::fold::run(&app.db, app.config.time_zone, app.clock.now()).await? {}
    Ok(())
}

/// Removes and folds what is too old.
pub async fn keep_views(app: App) -> Result<(), Error> {
    view::keep::run(&app.db, &app.views, &app.config, app.clock.now()).await?;
    ranking::store::prune(&app.rankings(), app.clock.now()).await
}

/// Keeps a writer of views running.
pub async fn count_views(app: App) {
    // On SQLite it asks the database on its own thread, and waits there for the disk.
    let blocks = app.db.sqlite_files().is_some();
    let writer = || {
        let app = app.clone();
        async move { view::writer::run(&app.db, &app.clock, &app.views).await }
    };
    restarted(blocks, writer, || app.views.set_failing(true)).await;
}

/// Starts `work` again whenever it ends, after `died` was told. What blocks its thread gets
/// one of its own.
async fn restarted<F>(blocks: bool, work: impl Fn() -> F, died: impl Fn())
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let work = work();
        let (alive, gone) = oneshot::channel::<()>();
        let task = async move {
            // Who waits for this one may be stopped.
            tokio::select! { () = work => {}, _ = gone => {} }
        };
        let running = match blocks {
            true => {
                let runtime = Handle::current();
                tokio::task::spawn_blocking(move || runtime.block_on(task))
            }
            false => tokio::spawn(task),
        };
        let ended = running.await;
        drop(alive);
        died();
        tracing::error!(?ended, "the writer of views ended, starting another one");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn forget(app: App) -> Result<(), Error> {
    app.rates.forget();
    Ok(())
}

async fn read_keys(app: App) -> Result<(), Error> {
    match &app.users {
        Some(users) => users.refresh().await,
        None => Ok(()),
    }
}

async fn last_uses(app: App) -> Result<(), Error> {
    app.last_uses.save(&app.db).await
}

async fn prune(app: App) -> Result<(), Error> {
    let txn = app.db.begin().await?;
    event::prune(&txn, app.clock.now()).await?;
    token::prune(&txn, app.clock.now()).await?;
    txn.commit().await?;
    webhook::prune(&app.db, app.clock.now()).await
}

/// Tells webhooks what happens, if this instance is the one that does.
pub async fn tell_webhooks(app: App) {
    let (db, clock, config) = (app.db.clone(), app.clock.clone(), app.config.clone());
    Deliverer::new(db, clock, config, app.id).run().await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering::SeqCst;

    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn what_dies_is_told_and_started_again_and_stops_with_who_waits_for_it() {
        for blocks in [false, true] {
            let (started, mut starts) = mpsc::unbounded_channel();
            let deaths = Arc::new(AtomicU32::new(0));
            let died = deaths.clone();
            let kept = tokio::spawn(async move {
                let work = || {
                    started.send(()).unwrap();
                    let (dies, alive) = (died.load(SeqCst) < 2, started.clone());
                    async move {
                        assert!(!dies, "it dies");
                        std::future::pending::<()>().await;
                        drop(alive);
                    }
                };
                restarted(blocks, work, || _ = died.fetch_add(1, SeqCst)).await;
            });
            for _ in 0..3 {
                starts.recv().await.unwrap();
            }
            assert_eq!(deaths.load(SeqCst), 2);
            kept.abort();
            assert!(starts.recv().await.is_none(), "nothing is left of it");
        }
    }
}
