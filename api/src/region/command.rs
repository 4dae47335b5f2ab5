//! `redian regions`.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::ProgressBar;
use serde_json::json;

use super::Division;
use super::Origin;
use super::Tree;
use super::check;
use super::detect;
use super::file;
use super::file::File;
use super::plan;
use super::plan::Change;
use crate::app::App;
use crate::audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Error;

/// Verifies a file as a change of the built-in directory, or that; the exit
/// status is 1 if something is wrong.
pub fn check(path: Option<&Path>) -> Result<ExitCode, Error> {
    let tree = file::builtin_tree()?;
    let rows = match read(path)? {
        Ok(Some(file)) => file.over(&tree),
        Ok(None) => file::builtin()?,
        Err(faults) => return Ok(refuse(&faults)),
    };
    let faults = match path {
        // What a file does not name stays as the built-in directory has it.
        Some(_) => new_faults(&tree, &plan::plan(&tree, rows.clone())),
        None if check::counts(&rows) != check::stated() => {
            vec!["The counts are not those that the directory states.".to_owned()]
        }
        None => check::faults(&rows),
    };
    for ((level, kind), count) in check::counts(&rows) {
        println!("{} {kind} {count}", level.as_str());
    }
    let open = rows.iter().filter(|row| row.is_open()).count();
    println!("{open} regions, {} closed ones", rows.len() - open);
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { refuse(&faults) })
}

/// Prints the regions that each line of the files names, by the built-in
/// directory. The lines of each file are counted from 1.
pub fn detect(paths: &[PathBuf], as_json: bool) -> Result<ExitCode, Error> {
    let tree = file::builtin_tree()?;
    let mut out = std::io::stdout().lock();
    let fails = |error: std::io::Error| Error::Unavailable(format!("Cannot write: {error}."));
    for path in paths {
        for (number, line) in (1..).zip(text(path)?.lines()) {
            let tags = detect::detect(&tree, line);
            let codes = detect::codes(&tags);
            if as_json {
                let found = json!({ "n": number, "codes": codes, "tags": tags });
                writeln!(out, "{found}").map_err(fails)?;
            } else {
                let found: Vec<String> =
                    tags.iter().map(|tag| format!("{} {}", tag.code, tag.name)).collect();
                writeln!(out, "{number}: {}", found.join(", ")).map_err(fails)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows what a file changes, asks, and changes it.
pub async fn load(
    config: Config,
    clock: Clock,
    path: Option<&Path>,
    yes: bool,
) -> Result<ExitCode, Error> {
    let file = match read(path)? {
        Ok(file) => file,
        Err(faults) => return Ok(refuse(&faults)),
    };
    let app = App::open(config, clock).await?;
    // What an earlier change left to be done comes first.
    app.file_anew().await?;
    app.refresh_tree().await?;
    let tree = app.tree();
    let rows = match file {
        Some(file) => file.over(&tree),
        None => file::builtin()?,
    };
    let named = rows.len();
    let name = path.map(|path| path.display().to_string());
    let changes = plan::plan(&tree, rows);
    let faults = new_faults(&tree, &changes);
    if !faults.is_empty() {
        app.db.close().await?;
        return Ok(refuse(&faults));
    }
    for change in &changes {
        println!("{}", change.line());
    }
    println!("{} changes; {named} regions in the file. Others stay as they are.", changes.len());
    let agreed = changes.is_empty() || yes || ask();
    if !changes.is_empty() && agreed {
        let bar = ProgressBar::new_spinner().with_message("articles filed anew");
        let input = json!({ "file": name, "changes": changes.len() });
        app.change_regions(changes, |count| bar.inc(count)).await?;
        audit::note_command(&app.db, "regions load", input, app.clock.now()).await?;
        println!("Done: {} articles were filed anew.", bar.position());
        bar.finish_and_clear();
    }
    app.db.close().await?;
    if !agreed {
        eprintln!("Nothing was changed. Repeat with --yes to make these changes.");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// A file, or what is wrong with it; `None` for the built-in directory.
fn read(path: Option<&Path>) -> Result<Result<Option<File>, Vec<String>>, Error> {
    let Some(path) = path else { return Ok(Ok(None)) };
    Ok(file::parse(&text(path)?, Origin::File).map(Some))
}

fn text(path: &Path) -> Result<String, Error> {
    let read = match path.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(path),
    };
    read.map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file",
            std::io::ErrorKind::InvalidData => "it is not UTF-8",
            _ => "it is not readable",
        };
        Error::Unavailable(format!("{} cannot be read: {reason}.", path.display()))
    })
}

/// What would be wrong with the directory and is not wrong today.
fn new_faults(tree: &Tree, changes: &[Change]) -> Vec<String> {
    let today: BTreeMap<&str, &Division> =
        tree.rows().map(|row| (row.code.as_str(), &**row)).collect();
    let mut next = today.clone();
    let mut faults = Vec::new();
    for change in changes {
        let code = change.after.code.as_str();
        let doubled = next.insert(code, &change.after) != today.get(code).copied();
        if doubled {
            faults.push(format!("{code} {}: the code stands here twice.", change.after.name));
        }
    }
    let rows = |rows: &BTreeMap<&str, &Division>| -> Vec<Division> {
        rows.values().map(|&row| row.clone()).collect()
    };
    let known = check::faults(&rows(&today));
    let after = check::faults(&rows(&next));
    faults.extend(after.into_iter().filter(|fault| !known.contains(fault)));
    faults
}

fn refuse(faults: &[String]) -> ExitCode {
    for fault in faults.iter().take(100) {
        eprintln!("{fault}");
    }
    eprintln!("The directory is not sound: {} faults. Nothing was changed.", faults.len());
    ExitCode::FAILURE
}

/// Whether the person at the terminal agrees; nobody there is no.
fn ask() -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    print!("Make these changes? [y/N] ");
    // A terminal that takes no text gives none either.
    drop(std::io::stdout().flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer).is_ok();
    read && matches!(answer.trim(), "y" | "Y" | "yes")
}
