//! Finds the files, tells their formats apart, reads them batch by batch.

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use super::batch;
use super::batch::Batch;
use super::batch::Place;
use super::prepare;

/// Something to import.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in reports; `-` is standard input.
    pub name: String,
    path: Option<PathBuf>,
    /// Its size in bytes, where it is known.
    pub size: u64,
}

/// What a source turned out to be.
pub enum Opened {
    /// Lines of JSON, to be read on.
    JsonLines(Box<dyn BufRead + Send>),
    /// A page, whole.
    Page(Vec<u8>),
}

/// All files of the paths, folders with everything in them, in order of names;
/// or the name and what is wrong with it.
pub fn sources(paths: &[PathBuf]) -> Vec<Result<Source, (String, String)>> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Ok(Source { name: "-".into(), path: None, size: 0 }));
        } else {
            collect(path, &mut found);
        }
    }
    found
}

fn collect(path: &Path, found: &mut Vec<Result<Source, (String, String)>>) {
    let name = path.display().to_string();
    let Ok(metadata) = path.metadata() else {
        found.push(Err((name, "there is no such file or folder, or it is not readable".into())));
        return;
    };
    if !metadata.is_dir() {
        found.push(Ok(Source { name, path: Some(path.into()), size: metadata.len() }));
        return;
    }
    let entries = path.read_dir().and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let Ok(mut entries) = entries else {
        found.push(Err((name, "the folder is not readable".into())));
        return;
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            collect(&entry.path(), found);
        }
    }
}

/// Whether a file is JSON Lines; of standard input and pipes, which can be read
/// only once, nobody knows yet, and what cannot be read is told later.
pub fn is_json_lines(source: &Source) -> bool {
    let file = source.path.as_ref().is_some_and(|path| path.is_file());
    file && matches!(open(source, 0), Ok(Opened::JsonLines(_)))
}

/// Opens a source. A text that begins with `{` is JSON Lines, everything else
/// is taken for a page, of which no more than `most` bytes and one are read.
pub fn open(source: &Source, most: usize) -> io::Result<Opened> {
    let mut reader: Box<dyn BufRead + Send> = match &source.path {
        Some(path) => Box::new(BufReader::with_capacity(1 << 20, File::open(path)?)),
        None => Box::new(BufReader::new(io::stdin())),
    };
    let start = reader.fill_buf()?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    if start.trim_ascii_start().starts_with(b"{") {
        return Ok(Opened::JsonLines(reader));
    }
    let mut bytes = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Opened::Page(bytes))
}

/// Reads JSON Lines and hands on batches until `hand_on` says stop.
pub fn json_lines(
    mut reader: Box<dyn BufRead + Send>,
    file: &str,
    wanted: prepare::Wanted<'_>,
    mut hand_on: impl FnMut(Batch) -> bool,
) -> io::Result<()> {
    let mut lines = Vec::with_capacity(batch::SIZE);
    let (mut number, mut bytes) = (0, 0_u64);
    loop {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line)?;
        number += 1;
        bytes += read as u64;
        let place = Place { file: file.into(), line: number };
        match String::from_utf8(line) {
            Ok(text) => {
                let text = text.trim_start_matches('\u{feff}').trim();
                if !text.is_empty() {
                    lines.push((place, Ok(text.to_owned())));
                }
            }
            Err(_) => lines.push((place, Err("the line is not UTF-8".to_owned()))),
        }
        let full = lines.len() == batch::SIZE || bytes >= batch::BYTES;
        if (full && !lines.is_empty()) || (read == 0 && !lines.is_empty()) {
            let mut batch = prepare::lines(&lines, wanted);
            batch.bytes = std::mem::take(&mut bytes);
            lines.clear();
            if !hand_on(batch) {
                return Ok(());
            }
        }
        if read == 0 {
            return Ok(());
        }
    }
}
