//! How many articles of 2,000 characters `redian import` stores in a second.
//!
//! `cargo bench --bench import [-- ARTICLES [DATABASE_URL]]`; 20,000 articles
//! into a new SQLite file by default. The time is of the whole command, start
//! and migration included.

#![expect(clippy::expect_used, reason = "a benchmark fails by a panic")]

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::time::Instant;

/// Syllables of the made-up text, so that articles differ.
const SIGNS: &str = "春江潮水连海平海上明月共潮生滟滟随波千万里何处春江无月明";

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let count: usize = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let folder = std::env::temp_dir().join(format!("redian-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let file = folder.join("articles.jsonl");
    fs::write(&file, lines(count)).expect("the temporary folder is writable");
    let sqlite = format!("sqlite://{}", folder.join("redian.db").display());
    let url = arguments.get(1).cloned().unwrap_or(sqlite);
    let started = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_redian"))
        .args(["import", "--database-url", &url])
        .arg(&file)
        .status()
        .expect("the binary runs");
    let seconds = started.elapsed().as_secs_f64();
    fs::remove_dir_all(&folder).expect("the temporary folder is writable");
    assert!(status.success(), "the import failed");
    println!("{count} articles in {seconds:.2} s: {:.0} a second", count as f64 / seconds);
}

fn lines(count: usize) -> String {
    let signs: Vec<char> = SIGNS.chars().collect();
    let mut seed = 1_u64;
    let mut next = |most: usize| {
        // Numerical Recipes, 7.1: quick and reproducible.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % most
    };
    let codes = ["130104", "130203", "110105", "440305", "510107"];
    let mut lines = String::new();
    for number in 0..count {
        let mut body = String::new();
        for paragraph in 0..10 {
            if paragraph == 5 {
                body.push_str("## 小标题\\n\\n");
            }
            body.extend((0..200).map(|_| signs[next(signs.len())]));
            body.push_str("。\\n\\n");
        }
        let title: String = (0..16).map(|_| signs[next(signs.len())]).collect();
        let (day, second) = (1 + number % 28, number % 86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        writeln!(
            lines,
            "{{\"type\":\"article\",\"externalId\":\"bench-{number}\",\"title\":\"{title}\",\
             \"regions\":[\"{}\"],\"tags\":[\"测试\"],\"body\":\"{body}\",\"importedViews\":{number},\
             \"publishedAt\":\"2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}Z\"}}",
            codes[number % codes.len()]
        )
        .expect("a string takes everything");
    }
    lines
}
