//! Commands of the binary.

use std::process::Command;
use std::process::Stdio;

/// Runs a command to its end.
pub fn run(arguments: &[&str]) {
    output(arguments);
}

/// The same; what it says on standard output.
pub fn output(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_redian"))
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{arguments:?} failed");
    String::from_utf8(output.stdout).expect("it writes UTF-8")
}
