//! The `redian` command.

use std::io::IsTerminal;
use std::io::Write;
use std::process::ExitCode;

use redian::app::App;
use redian::auth;
use redian::clock::Clock;
use redian::config;
use redian::config::Cli;
use redian::config::Command;
use redian::config::Config;
use redian::config::LogFormat;
use redian::config::command::Regions;
use redian::config::command::Views;
use redian::db::Db;
use redian::error::Error;
use redian::front::Front;
use redian::import;
use redian::region;
use redian::rest;
use redian::schema;
use redian::search;
use redian::server;
use redian::view;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { command, config } = config::read();
    let result = match start_log(&config) {
        Ok(()) => run(command, config).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(code) => code,
        Err(Error::Internal(cause)) => {
            eprintln!("redian: something went wrong inside: {cause}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("redian: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, config: Config) -> Result<ExitCode, Error> {
    let clock = Clock::default();
    match command {
        Command::Serve { demo } => serve(config, clock, demo).await?,
        Command::Migrate => {
            let app = App::open(config, clock).await?;
            app.file_anew().await?;
            app.db.close().await?;
            eprintln!("The database has today's schema and region directory.");
        }
        Command::Import(options) => return import::command::run(config, clock, options).await,
        Command::Export => {
            Db::must_exist(&config.database_url)?;
            let app = App::open(config, clock).await?;
            import::export::write(&app, &mut std::io::stdout().lock()).await?;
            app.db.close().await?;
        }
        Command::Regions { command: Regions::Check { file } } => {
            return region::command::check(file.as_deref());
        }
        Command::Regions { command: Regions::Detect { json, files } } => {
            return region::command::detect(&files, json);
        }
        Command::Regions { command: Regions::Load { file, yes } } => {
            return region::command::load(config, clock, file.as_deref(), yes).await;
        }
        Command::Views { command } => return views(config, clock, command).await,
        Command::Search { command } => search::command::run(config, clock, command).await?,
        Command::Token { command } => auth::command::run(config, clock, command).await?,
        Command::Schema => print!("{}", schema::sdl()),
        Command::Openapi => print!("{}", rest::openapi::document(&schema::sdl())?),
    }
    Ok(ExitCode::SUCCESS)
}

async fn views(config: Config, clock: Clock, command: Views) -> Result<ExitCode, Error> {
    Db::must_exist(&config.database_url)?;
    let app = App::open(config, clock).await?;
    view::site::fix(&app.db, app.config.time_zone).await?;
    match command {
        Views::Check => {
            let zone = app.config.time_zone;
            let report = view::check::run(&app.db, zone, app.clock.now()).await?;
            report.faults.iter().for_each(|fault| println!("{fault}"));
            println!("{} counted views of {} articles.", report.counted, report.articles);
            if !report.faults.is_empty() {
                eprintln!("The sums do not agree.");
                return Ok(ExitCode::FAILURE);
            }
            eprintln!("All sums agree.");
        }
        Views::Rebuild => {
            let articles = view::rebuild::run(&app.db, app.clock.now()).await?;
            eprintln!("{articles} articles have a new hot score.");
        }
    }
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config, clock: Clock, demo: bool) -> Result<(), Error> {
    let listen = config.listen;
    // Before the database, so that a taken port leaves nothing behind.
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| {
        let message = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program uses it: stop that or pass --listen",
            std::io::ErrorKind::PermissionDenied => "that is not allowed: take a port above 1023",
            _ => "the address is not this machine's: pass another one with --listen",
        };
        Error::Unavailable(format!("Cannot listen on {listen}: {message}."))
    })?;
    let app = App::open(config, clock).await?;
    if demo {
        import::demo::load(&app).await?;
    }
    app.views.load(&app.db).await?;
    if let Some(users) = &app.users {
        users.begin().await?;
    }
    // Before anybody is told that it runs.
    let front = Front::new(&app)?;
    let stop = stop_signal()?;
    let address = listener.local_addr().unwrap_or(listen);
    let greeting = format!(
        "Redian listens. Open http://{address}/graphql in a browser, or paste:\n\n  \
         curl http://{address}/graphql -H 'Content-Type: application/json' \\\n    -d \
         '{{\"query\":\"{{ articles(first: 3) {{ nodes {{ title publishedAt views {{ total }} }} \
         }} }}\"}}'\n\n"
    );
    // Who started it may not listen to what it says.
    drop(std::io::stderr().write_all(greeting.as_bytes()));
    let db = app.db.clone();
    server::serve_front(app, front, listener, stop).await?;
    // On SQLite this leaves one file, whole by itself.
    db.close().await
}

/// Listens for the signals to stop from now on; the future ends when one comes.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let fails = |error: std::io::Error| Error::Internal(format!("signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(fails)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(fails)?;
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    })
}

/// Ends when Ctrl+C is pressed.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

fn start_log(config: &Config) -> Result<(), Error> {
    let filter = EnvFilter::try_new(&config.log).map_err(|_| {
        let message = "REDIAN_LOG (--log) must be a level such as info, or a list such as \
                       redian=debug,warn.";
        Error::Unavailable(message.into())
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // They would be told on standard error, and a panic if nobody listens there.
        .log_internal_errors(false);
    match config.log_format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    Ok(())
}
