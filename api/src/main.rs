//! The `redian` command.

use std::io::IsTerminal;
use std::process::ExitCode;

use redian::app::App;
use redian::auth::token;
use redian::clock::Clock;
use redian::config;
use redian::config::Cli;
use redian::config::Command;
use redian::config::Config;
use redian::config::LogFormat;
use redian::config::Token;
use redian::error::Error;
use redian::import;
use redian::schema;
use redian::server;
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
            App::open(config, clock).await?;
            eprintln!("The database has today's schema and region directory.");
        }
        Command::Import(options) => return import::command::run(config, clock, options).await,
        Command::Export => {
            let app = App::open(config, clock).await?;
            import::export::write(&app, &mut std::io::stdout().lock()).await?;
        }
        Command::Token { command: Token::Create { name, scopes } } => {
            let app = App::open(config, clock).await?;
            println!("{}", token::create(&app.db, &name, &scopes, app.clock.now()).await?);
        }
        Command::Schema => print!("{}", schema::sdl()),
    }
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
    let address = listener.local_addr().unwrap_or(listen);
    eprintln!(
        "Redian listens. Open http://{address}/graphql in a browser, or paste:\n\n  \
         curl http://{address}/graphql -H 'Content-Type: application/json' \\\n    -d \
         '{{\"query\":\"{{ articles(first: 3) {{ nodes {{ title publishedAt views {{ total }} }} \
         }} }}\"}}'\n"
    );
    server::serve(app, listener, stop_signal()).await
}

/// Ends when the process is told to stop.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::SignalKind;
        match tokio::signal::unix::signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

fn start_log(config: &Config) -> Result<(), Error> {
    let filter = EnvFilter::try_new(&config.log).map_err(|_| {
        let message = "REDIAN_LOG (--log) must be a level such as info, or a list such as \
                       redian=debug,warn.";
        Error::Unavailable(message.into())
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    Ok(())
}
