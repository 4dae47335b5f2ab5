//! The real binary.

use std::io::Write;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

/// Runs `redian` with arguments on a database and waits for its end.
pub fn redian(database_url: &str, arguments: &[&str]) -> Output {
    redian_with_input(database_url, arguments, b"")
}

/// The same, with something on standard input.
pub fn redian_with_input(database_url: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = command(database_url, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// The command, to be changed at will.
pub fn command(database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redian"));
    command.env("REDIAN_LOG", "warn").args(arguments).args(["--database-url", database_url]);
    command
}

/// What was printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
