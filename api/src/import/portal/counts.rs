//! Numbers of views (rule 8).

use super::fold::narrow;
use super::page::Views;

/// Reads a printed count: `4892`, `4,892次`, `1.2万`, `3.4亿`. What cannot be read is
/// unknown, never 0.
pub fn read(raw: &str) -> Views {
    // Above the range of a signed number no database can keep it.
    let storable = parse(raw).filter(|&(count, _)| i64::try_from(count).is_ok());
    let (count, rounded) = match storable {
        Some((count, rounded)) => (Some(count), rounded),
        None => (None, false),
    };
    Views { count, rounded, raw: Some(raw.trim().to_owned()) }
}

/// Whether a line is a count and nothing else.
pub fn is_count(line: &str) -> bool {
    parse(line).is_some()
}

fn parse(raw: &str) -> Option<(u64, bool)> {
    // A title can be long, a count cannot: u64 has 20 digits.
    if raw.trim().chars().nth(40).is_some() {
        return None;
    }
    let text: String = narrow(raw).chars().filter(|c| !matches!(c, ',' | '次')).collect();
    let text = text.trim();
    for (unit, zeros) in [('万', 4), ('亿', 8)] {
        if let Some(number) = text.strip_suffix(unit) {
            return Some((scaled(number.trim_end(), zeros)?, true));
        }
    }
    Some((digits(text)?, false))
}

/// `number` times ten to the power of `zeros`, by shifting the decimal point; a finer rest
/// is cut off.
fn scaled(number: &str, zeros: usize) -> Option<u64> {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (number, "0"),
    };
    digits(fraction)?;
    let shifted: String = fraction.chars().chain(std::iter::repeat('0')).take(zeros).collect();
    digits(whole)?.checked_mul(10_u64.pow(zeros as u32))?.checked_add(digits(&shifted)?)
}

fn digits(text: &str) -> Option<u64> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}
