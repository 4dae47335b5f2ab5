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
        Search::Rebuild => rebuild(&app).await?,
        Search::Status => {
            let pending = index::pending(&app.db.read).await?;
            let indexed = index::count(&app.db.read).await?.saturating_sub(pending);
            println!("{indexed} articles can be searched for, {pending} wait to be indexed.");
        }
    }
    app.db.close().await
}

async fn rebuild(app: &App) -> Result<(), Error> {
    let bar = ProgressBar::new(index::count(&app.db.read).await?);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} articles {eta}") {
        bar.set_style(style);
    }
    app.db.relax().await?;
    let rebuilt = index::rebuild(&app.db, &app.clock, |count| bar.inc(count)).await;
    app.db.settle().await?;
    bar.finish_and_clear();
    rebuilt?;
    eprintln!("{} articles were indexed anew.", bar.position());
    Ok(())
}
