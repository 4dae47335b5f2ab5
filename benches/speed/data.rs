//! Articles to be asked for: texts of words, filed in all counties. The article of a number is
//! the same in every database.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use uuid::Uuid;

use crate::command::run;
use crate::words;

const COUNTIES: [&str; 12] = [
    "130102", "130104", "130203", "110101", "310101", "320102", "330102", "370102", "420102",
    "440103", "440305", "510104",
];

/// 2025-01-01, in seconds since 1970.
const START: u64 = 1_735_689_600;

/// How long a text is.
#[derive(Clone, Copy)]
pub enum Length {
    /// 2,000 characters.
    Usual,
    /// 40 characters.
    Short,
}

/// The id of the article of a number: as ids are made, in the order of time.
pub fn id(number: usize) -> Uuid {
    let rest = (number as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    let [.., a, b, c, d, e, f, g, h, i, j] = rest.to_be_bytes();
    let millis = START * 1000 + number as u64;
    uuid::Builder::from_unix_timestamp_millis(millis, &[a, b, c, d, e, f, g, h, i, j]).into_uuid()
}

/// Imports so many articles into a new database, with the program's own command.
pub fn import(folder: &Path, url: &str, count: usize, length: Length) {
    import_with(folder, url, count, length, &[]);
}

/// The same with more options.
pub fn import_with(folder: &Path, url: &str, count: usize, length: Length, options: &[&str]) {
    let file = folder.join("articles.jsonl");
    write(&file, count, length);
    let started = Instant::now();
    let name = file.display().to_string();
    run(&[&["import", "--database-url", url, &name], options].concat());
    let took = started.elapsed();
    let rate = count as f64 / took.as_secs_f64();
    println!("{count} articles were imported in {took:.1?}: {rate:.0}/s");
    std::fs::remove_file(file).expect("the folder is writable");
}

fn write(file: &Path, count: usize, length: Length) {
    let file = File::create(file).expect("the folder is writable");
    let mut file = BufWriter::new(file);
    let length = match length {
        Length::Usual => 2_000,
        Length::Short => 40,
    };
    for number in 0..count {
        let title = words::text(number * 2, 18).replace(['。', '，', '\n'], "");
        let body = words::text(number * 2 + 1, length);
        let minutes = number % (60 * 24 * 700);
        let at = chrono::DateTime::from_timestamp(START as i64 + 60 * minutes as i64, 0)
            .expect("it is a time");
        let record = json!({
            "type": "article", "id": id(number), "title": format!("{title}{number}"),
            "body": body, "publishedAt": at.to_rfc3339(),
            "byline": "本报记者", "source": { "name": "某报" },
            "regions": [COUNTIES[number % COUNTIES.len()]], "tags": ["新闻"],
            "importedViews": number % 10_000,
        });
        writeln!(file, "{record}").expect("the disk has room");
    }
    file.flush().expect("the disk has room");
}
