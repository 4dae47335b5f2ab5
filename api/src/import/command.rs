//! `redian import`.

use std::io::IsTerminal;
use std::process::ExitCode;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::batch::Place;
use super::portal;
use super::portal_records;
use super::prepare::Wanted;
use super::read;
use super::read::Opened;
use super::read::Source;
use super::record::ChannelRecord;
use super::record::RecordState;
use super::record::RegionRecord;
use super::report;
use super::report::Report;
use super::store::Stored;
use super::store::store;
use crate::app::App;
use crate::article::index;
use crate::audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::command::Import;
use crate::config::command::ImportState;
use crate::error::Error;
use crate::region;
use crate::region::Tree;

/// What the reading thread hands on.
enum Read {
    /// The next file begins.
    File(String),
    /// Something to store, and what `--json` prints about a page.
    Batch(Box<Batch>, Option<Value>),
    /// The file could not be read.
    Failure(Place, String, Option<Value>),
    /// The file ends.
    End { name: String, json_lines: bool },
}

/// Imports everything and reports. The exit status is 1 if anything failed.
pub async fn run(config: Config, clock: Clock, options: Import) -> Result<ExitCode, Error> {
    let sources = read::sources(&options.paths);
    // A dry run that prints pages is about the pages alone, and needs no database.
    let pages_only = sources.iter().flatten().all(|source| !read::is_json_lines(source));
    let app = match options.dry_run && options.json && pages_only {
        true => None,
        false => Some(App::open(config, clock.clone()).await?),
    };
    let tree = match &app {
        Some(app) => app.tree(),
        None => std::sync::Arc::new(region::file::builtin_tree()?),
    };
    let total = sources.iter().flatten().map(|source| source.size).sum();
    let bar = progress(total, options.json);
    let (sender, mut receiver) = mpsc::channel(2);
    let (detect, index) = (options.detect_regions, !options.index_later);
    let reading = tokio::task::spawn_blocking(move || {
        for source in sources {
            let told = match source {
                Ok(source) => read_one(&source, &tree, (detect, index), &clock, &sender),
                Err((file, message)) => {
                    let place = Place { file, line: 1 };
                    sender.blocking_send(Read::Failure(place, message, None)).is_ok()
                }
            };
            if !told {
                return;
            }
        }
    });
    if let Some(app) = &app {
        app.db.relax().await?;
    }
    let report = write(app.as_ref(), &options, &bar, &mut receiver).await;
    drop(receiver);
    reading.await.map_err(|error| Error::Internal(error.to_string()))?;
    bar.finish_and_clear();
    let report = report?;
    if let Some(app) = &app {
        if !options.dry_run {
            let paths = options.paths.iter().map(|path| path.display().to_string());
            let input = report.to_json(&paths.collect::<Vec<_>>().join(" "));
            audit::note_command(&app.db, "import", input, app.clock.now()).await?;
        }
        app.db.settle(report.written()).await?;
    }
    if !options.json {
        eprintln!("{}", report.summary(options.dry_run));
    }
    if let Some(app) = app {
        if options.index_later && !options.json && !options.dry_run {
            let pending = index::pending(&app.db.read).await?;
            eprintln!(
                "Articles that wait to be indexed for search: {pending}. A running `redian serve` \
                 does it, or `redian search index`."
            );
        }
        app.db.close().await?;
    }
    Ok(ExitCode::from(u8::from(report.failed())))
}

async fn write(
    app: Option<&App>,
    options: &Import,
    bar: &ProgressBar,
    receiver: &mut mpsc::Receiver<Read>,
) -> Result<Report, Error> {
    let state = options.state.map(|state| match state {
        ImportState::Draft => RecordState::Draft,
        ImportState::Published => RecordState::Published,
    });
    let (mut report, mut file) = (Report::default(), Report::default());
    let mut carried = Carried::default();
    while let Some(read) = receiver.recv().await {
        match read {
            Read::File(name) => bar.set_message(name),
            Read::Failure(place, message, json) => {
                file.fail();
                tell(options, bar, json, &[report::line(&place, "error", &message)]);
            }
            Read::Batch(mut batch, json) => {
                let first = batch.articles.first().map(|article| article.place.clone());
                if options.dry_run {
                    carried.add_to(&mut batch);
                }
                let stored = match app {
                    Some(app) => store(app, &mut batch, state, options.dry_run).await,
                    None => Ok(Default::default()),
                };
                let stored = match stored {
                    Ok(stored) => stored,
                    // A fault with one batch; the next may be sound.
                    Err(Error::Internal(cause)) => {
                        tracing::error!(cause, "a batch could not be stored");
                        let message = "the batch that begins here could not be stored";
                        let failures = first.map(|place| (place, message.to_owned()));
                        Stored { failures: failures.into_iter().collect(), ..Stored::default() }
                    }
                    Err(error) => return Err(error),
                };
                bar.inc(batch.bytes);
                let lines = file.add(&batch, stored);
                tell(options, bar, json, &lines);
            }
            Read::End { name, json_lines } => {
                if json_lines && options.json {
                    println!("{}", file.to_json(&name));
                }
                report.join(std::mem::take(&mut file));
            }
        }
    }
    report.join(file);
    Ok(report)
}

/// Channels and regions of a dry run, which keeps none: later batches name them.
#[derive(Default)]
struct Carried {
    channels: Vec<(Place, ChannelRecord)>,
    regions: Vec<(Place, RegionRecord)>,
}

impl Carried {
    fn add_to(&mut self, batch: &mut Batch) {
        self.channels.append(&mut batch.channels);
        self.regions.append(&mut batch.regions);
        batch.channels.clone_from(&self.channels);
        batch.regions.clone_from(&self.regions);
    }
}

/// Prints lines, and what is read of a page with `--json`.
fn tell(options: &Import, bar: &ProgressBar, json: Option<Value>, lines: &[String]) {
    bar.suspend(|| lines.iter().for_each(|line| eprintln!("{line}")));
    if let Some(json) = json.filter(|_| options.json) {
        println!("{json}");
    }
}

/// Reads a source and hands on what is in it; false if nobody listens any more.
fn read_one(
    source: &Source,
    tree: &Tree,
    (detect, index): (bool, bool),
    clock: &Clock,
    to: &mpsc::Sender<Read>,
) -> bool {
    let name = &source.name;
    let hand_on = |read| to.blocking_send(read).is_ok();
    if !hand_on(Read::File(name.clone())) {
        return false;
    }
    let options = portal::Options::default();
    let mut json_lines = false;
    let result = match read::open(source, options.max_bytes) {
        Ok(Opened::JsonLines(reader)) => {
            json_lines = true;
            let wanted = Wanted { detect: detect.then_some(tree), index };
            let batch = |batch| hand_on(Read::Batch(Box::new(batch), None));
            read::json_lines(reader, name, wanted, batch)
        }
        Ok(Opened::Page(bytes)) => {
            hand_on(page(&bytes, name, &options, tree, detect, clock));
            Ok(())
        }
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        let place = Place { file: name.clone(), line: 1 };
        let message = format!("the file cannot be read: {error}");
        let json = json!({
            "file": name,
            "outcome": "error",
            "error": { "code": "unreadable", "message": message, "file": name, "line": 1 },
        });
        hand_on(Read::Failure(place, message, Some(json)));
    }
    hand_on(Read::End { name: name.clone(), json_lines })
}

fn page(
    bytes: &[u8],
    file: &str,
    options: &portal::Options,
    tree: &Tree,
    detect: bool,
    clock: &Clock,
) -> Read {
    let name = std::path::Path::new(file).file_name().unwrap_or_default().to_string_lossy();
    match portal::parse(bytes, &name, options, tree) {
        Ok((page, raw)) => {
            let json = portal::report::of_page(&page, tree);
            let batch =
                portal_records::batch(&page, raw, file, detect.then_some(tree), clock.now());
            Read::Batch(Box::new(batch), Some(json))
        }
        Err(failure) => {
            let json = portal::report::of_failure(&failure, &name);
            let place = Place { file: file.into(), line: failure.line };
            Read::Failure(place, failure.message, Some(json))
        }
    }
}

/// A bar where a terminal watches, nothing elsewhere.
fn progress(total: u64, json: bool) -> ProgressBar {
    let watched = std::io::stderr().is_terminal() && !json;
    let bar = ProgressBar::new(total);
    if !watched {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
