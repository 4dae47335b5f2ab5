//! Commands of the binary.

use std::process::Command;
use std::process::Stdio;

/// Runs a command to its end.
pub fn run(arguments: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_redian"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the binary runs");
    assert!(status.success(), "{arguments:?} failed");
}
