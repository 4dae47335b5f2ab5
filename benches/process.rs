//! What the system tells of a process, on Linux.

/// The processor time that it has used, in seconds.
pub fn processor(id: u32) -> f64 {
    // User and system time are the 14th and 15th, in hundredths of a second.
    (stat(id, 14) + stat(id, 15)) / 100.0
}

/// A number of proc_pid_stat(5), the first being 1.
pub fn stat(id: u32, number: usize) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("the process runs");
    // After the name in parentheses, which is the second.
    let (_, behind) = stat.rsplit_once(')').expect("a name in parentheses");
    let found = behind.split_whitespace().nth(number - 3).and_then(|text| text.parse().ok());
    found.expect("a number")
}
