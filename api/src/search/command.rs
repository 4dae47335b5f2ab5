//! `redian search`.

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::app::App;
use crate::article::index;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::command::Search;
use crate::db::Db;
use crate::error::Error;

/// Runs a command.
pub async fn run(config: Config, clock: Clock, command: Search) -> Result<(), Error> {
    Db::must_exist(&config.database_url)?;
    let app = App::open(config, clock).await?;
    match command {
        Search::Rebuild => put(&app, true).await?,
        Search::Index => put(&app, false).await?,
        Search::Status => {
            let pending = index::pending(&app.db.read).await?;
            let indexed = index::count(&app.db.read).await?.saturating_sub(pending);
            println!(
                "Articles that can be searched for: {indexed}; that wait to be indexed: {pending}."
            );
        }
    }
    app.db.close().await
}

/// Puts all articles into the index anew, or those that are not there.
async fn put(app: &App, anew: bool) -> Result<(), Error> {
    let bar = ProgressBar::new(match anew {
        true => index::count(&app.db.read).await?,
        false => index::pending(&app.db.read).await?,
    });
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} articles {eta}") {
        bar.set_style(style);
    }
    app.db.relax().await?;
    let progress = |count| bar.inc(count);
    let done = match anew {
        true => index::rebuild(&app.db, &app.clock, progress).await,
        false => index::catch_up(&app.db, &app.clock, progress).await,
    };
    app.db.settle(bar.position()).await?;
    bar.finish_and_clear();
    done?;
    eprintln!("Articles indexed{}: {}.", if anew { " anew" } else { "" }, bar.position());
    Ok(())
}
