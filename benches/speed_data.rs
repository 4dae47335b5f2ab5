//! Articles to be asked for: long texts of common characters, filed in all counties.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use serde_json::json;

const SYLLABLES: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动\
    同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量\
    都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内";
const COUNTIES: [&str; 12] = [
    "130102", "130104", "130203", "110101", "310101", "320102", "330102", "370102", "420102",
    "440103", "440305", "510104",
];

/// Writes so many records.
pub fn write(file: &Path, count: usize) {
    let file = File::create(file).expect("the folder is writable");
    let mut file = BufWriter::new(file);
    let characters: Vec<char> = SYLLABLES.chars().collect();
    let mut chance: u64 = 20_261_127;
    let mut next = |end: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (chance >> 33) as usize % end
    };
    for number in 0..count {
        let mut text = |length: usize| -> String {
            (0..length).map(|_| characters[next(characters.len())]).collect()
        };
        let title = text(18);
        let paragraphs: Vec<String> = (0..10).map(|_| text(200) + "。").collect();
        let minutes = number % (60 * 24 * 700);
        let at = chrono::DateTime::from_timestamp(1_735_689_600 + 60 * minutes as i64, 0)
            .expect("it is a time");
        let record = json!({
            "type": "article", "title": format!("{title}{number}"),
            "body": paragraphs.join("\n\n"), "publishedAt": at.to_rfc3339(),
            "byline": "本报记者", "source": { "name": "某报" },
            "regions": [COUNTIES[number % COUNTIES.len()]], "tags": ["新闻"],
            "importedViews": number % 10_000,
        });
        writeln!(file, "{record}").expect("the disk has room");
    }
    file.flush().expect("the disk has room");
}
