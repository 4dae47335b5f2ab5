//! The committed schema is the one that the binary serves.

use crate::helpers::cli;

#[test]
fn the_committed_schema_is_that_of_the_binary() {
    let output = cli::redian("sqlite:///nowhere/none.db", &["schema"]);
    assert!(output.status.success(), "{}", cli::text(&output.stderr));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        cli::text(&output.stdout) == committed,
        "schema.graphql is not today's: run `cargo run -q -- schema > schema.graphql` at the root \
         of the repository and commit it"
    );
}

#[test]
fn the_schema_of_the_last_release_is_kept_to_be_compared_with() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let changelog = std::fs::read_to_string(format!("{root}/CHANGELOG.md")).unwrap();
    let mut headings = changelog.lines().filter_map(|line| line.strip_prefix("## "));
    let released = headings.find(|heading| *heading != "Unreleased");
    let kept = std::fs::read_to_string(format!("{root}/tests/conformance/released.graphql"));
    let kept = kept.ok().and_then(|kept| Some(kept.lines().next()?.strip_prefix("# ")?.to_owned()));
    assert_eq!(kept.as_deref(), released, "released.graphql is not that of the last release");
}
