//! The shape of the house, as ARCHITECTURE.md tells it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The features in their order: a domain file uses those before its own only.
const FEATURES: [&str; 17] = [
    "region",
    "search",
    "channel",
    "article",
    "view",
    "ranking",
    "recommend",
    "import",
    "auth",
    "audit",
    "live",
    "cache",
    "webhook",
    "feed",
    "site",
    "node",
    "rest",
];
/// Folders of what all features stand on, or what serves them.
const FOUNDATIONS: [&str; 3] = ["config", "db", "protocol"];
/// Files that may speak a protocol and use any feature's domain.
const EDGES: [&str; 3] = ["graphql", "mutation", "http"];
/// The start of the instance: nothing below it may use it, but for edges and
/// commands.
const TOP: [&str; 8] =
    ["app", "follow", "front", "listen", "protocol", "routes", "schema", "server"];
/// Files that run a whole command on an instance.
const COMMANDS: [&str; 7] = [
    "auth/command.rs",
    "region/command.rs",
    "import/command.rs",
    "search/command.rs",
    "import/demo.rs",
    "import/export.rs",
    "import/store.rs",
];
const PROTOCOLS: [&str; 2] = ["axum", "async_graphql"];
const LONGEST: usize = 400;

#[test]
fn no_file_is_longer_than_400_lines_and_the_median_is_under_120() {
    let mut lengths: Vec<(usize, PathBuf)> = Vec::new();
    for folder in ["api", "entity", "migration", "tests"] {
        for file in rust_files(&root().join(folder)) {
            lengths.push((read(&file).lines().count(), file));
        }
    }
    lengths.sort();
    let (longest, file) = lengths.last().unwrap();
    assert!(*longest <= LONGEST, "{} has {longest} lines: split it by topic", file.display());
    let (median, _) = lengths[lengths.len() / 2];
    assert!(median < 120, "the median file has {median} lines");
}

#[test]
fn domain_files_use_earlier_features_only_and_speak_no_protocol() {
    let mut faults = Vec::new();
    for (feature, file, name) in feature_files() {
        let edge = EDGES.iter().any(|edge| name.starts_with(edge));
        if edge || COMMANDS.contains(&file.as_str()) {
            continue;
        }
        let place = FEATURES.iter().position(|other| *other == feature).unwrap();
        for (number, line) in numbered(&root().join("api/src").join(&file)) {
            let later = FEATURES[place + 1..].iter().chain(&TOP);
            for other in later {
                if line.contains(&format!("crate::{other}")) {
                    faults.push(format!("{file}:{number}: {feature} may not use {other}"));
                }
            }
            for protocol in PROTOCOLS {
                if line.contains(&format!("{protocol}::")) {
                    faults.push(format!("{file}:{number}: domain code mentions {protocol}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn imports_stand_one_a_line_so_that_the_direction_can_be_read() {
    let mut faults = Vec::new();
    for file in rust_files(&root().join("api/src")) {
        for (number, line) in numbered(&file) {
            if line.starts_with("use ") && line.contains('{') {
                faults.push(format!("{}:{number}: one `use` a line", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_their_places_touch_time_and_environment() {
    let mut faults = Vec::new();
    for file in rust_files(&root().join("api/src")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for (number, line) in numbered(&file) {
            let time = line.contains("Utc::now") || line.contains("SystemTime");
            let environment = line.contains("env::var");
            if (time && name != "clock.rs") || (environment && name != "config.rs") {
                faults.push(format!("{}:{number}: {line}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn there_is_no_drawer_for_everything() {
    for file in rust_files(&root().join("api/src")) {
        for part in file.components() {
            let part = part.as_os_str().to_string_lossy();
            let part = part.trim_end_matches(".rs");
            let drawer = ["util", "utils", "common", "helpers", "types"].contains(&part);
            assert!(!drawer, "{}: name it after what it is about", file.display());
        }
    }
}

#[test]
fn every_feature_folder_is_in_the_order_and_in_the_list() {
    let listed = read(&root().join("api/src/lib.rs"));
    for entry in fs::read_dir(root().join("api/src")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !FOUNDATIONS.contains(&name.as_str()) {
            assert!(FEATURES.contains(&name.as_str()), "{name} has no place in the order");
        }
        let module = name.trim_end_matches(".rs");
        let exempt = ["lib", "main"].contains(&module);
        assert!(exempt || listed.contains(&format!("pub mod {module};")), "{name} is not listed");
    }
}

#[test]
fn the_codes_of_errors_are_those_that_the_list_explains() {
    let source = root().join("api/src");
    let list = read(&source.join("protocol/ERRORS.md"));
    let explained: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code)
        .collect();
    let mut files = rust_files(&source.join("protocol"));
    files.extend(rust_files(&source.join("auth")));
    files.extend(
        ["routes.rs", "error.rs", "view/http.rs", "feed/http.rs", "rest/http.rs"]
            .map(|file| source.join(file)),
    );
    let code: String = files.iter().map(|file| read(file)).collect();
    let is_code = |text: &&str| {
        // What is shorter are the parser's names of tokens.
        text.len() > 7 && text.chars().all(|char| char.is_ascii_uppercase() || char == '_')
    };
    for given in code.split('"').filter(is_code) {
        assert!(explained.contains(&given), "{given} is not explained in ERRORS.md");
    }
    for explained in explained {
        assert!(code.contains(&format!("\"{explained}\"")), "{explained} is never given");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

/// The lines that are code, from 1.
fn numbered(file: &Path) -> Vec<(usize, String)> {
    let text = read(file);
    let code = |(_, line): &(usize, &str)| !line.trim_start().starts_with("//");
    (1..).zip(text.lines()).filter(code).map(|(at, line)| (at, line.to_owned())).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Feature, path below `api/src`, and file name of each file of a feature.
fn feature_files() -> Vec<(&'static str, String, String)> {
    let source = root().join("api/src");
    let mut files = Vec::new();
    for feature in FEATURES {
        for path in rust_files(&source.join(feature)) {
            let file = path.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push((feature, file, name));
        }
    }
    files
}
