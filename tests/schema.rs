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
