//! Articles to be asked for: texts of common characters, filed in all counties. The article of
//! a number is the same in every database.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use uuid::Uuid;

use crate::command::run;
use crate::words;

const CHARACTERS: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动\
    同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量\
    都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内";
const COUNTIES: [&str; 12] = [
    "130102", "130104", "130203", "110101", "310101", "320102", "330102", "370102", "420102",
    "440103", "440305", "510104",
];

/// 2025-01-01, in seconds since 1970.
const START: u64 = 1_735_689_600;

/// How long a text is.
#[derive(Clone, Copy)]
pub enum Length {
    /// 2,000 characters in ten paragraphs.
    Usual,
    /// A sentence.
    Short,
    /// 2,000 characters in words, few of them often and most of them seldom.
    Words,
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
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut chance: u64 = 20_261_127;
    let mut next = |end: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (chance >> 33) as usize % end
    };
    for number in 0..count {
        let mut text = |length: usize| -> String {
            (0..length).map(|_| characters[next(characters.len())]).collect()
        };
        let title = match length {
            Length::Words => words::text(number * 2, 18).replace(['。', '，', '\n'], ""),
            _ => text(18),
        };
        let body = match length {
            Length::Words => words::text(number * 2 + 1, 2_000),
            Length::Usual => (0..10).map(|_| text(200) + "。").collect::<Vec<_>>().join("\n\n"),
            Length::Short => text(40) + "。",
        };
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
