//! Texts of words, as languages have them: the word of rank n is n times as seldom as the first
//! (Zipf), and every other word was in the text before (Simon, On a class of skew distribution
//! functions, 1955). The words are made of chance, the same in each run. 2,000 characters of it
//! have some 490 different ones and 1,060 different pairs; what is told of an event in
//! `tests/stories` has 510 and 1,040.

use std::sync::LazyLock;

/// So many words there are.
const WORDS: usize = 60_000;
/// So many characters they are made of; those at the beginning more often.
const CHARACTERS: f64 = 3_000.0;

static VOCABULARY: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut chance = Chance(1);
    let word = |_| {
        // Of 20 words 2 have one character, 13 two, 3 three and 2 four.
        let length = match (chance.next() * 20.0) as u32 {
            0..2 => 1,
            2..15 => 2,
            15..18 => 3,
            _ => 4,
        };
        let character = |_| {
            let place = (chance.next().powi(3) * CHARACTERS) as u32;
            char::from_u32(0x4e00 + place * 6).expect("a Chinese character")
        };
        (0..length).map(character).collect()
    };
    (0..WORDS).map(word).collect()
});

/// The first word of so many characters from a rank on.
pub fn word(rank: usize, length: usize) -> &'static str {
    let mut words = VOCABULARY[rank..].iter();
    words.find(|word| word.chars().count() == length).expect("there is one")
}

/// A text of about so many characters, the same for a number.
pub fn text(number: usize, length: usize) -> String {
    let mut chance = Chance(number as u64 + 7);
    let (mut text, mut characters) = (String::new(), 0);
    let mut said: Vec<&str> = Vec::new();
    while characters < length {
        let before = (chance.next() * 2.0 * said.len().max(1) as f64) as usize;
        let rank = (WORDS as f64).powf(chance.next()) as usize - 1;
        let word = said.get(before).copied().unwrap_or(&VOCABULARY[rank]);
        said.push(word);
        text.push_str(word);
        characters += word.chars().count();
        if chance.next() < 0.15 {
            text.push_str(if chance.next() < 0.2 { "。\n\n" } else { "，" });
        }
    }
    text
}

struct Chance(u64);

impl Chance {
    /// From 0 to below 1.
    fn next(&mut self) -> f64 {
        // SplitMix64: numbers that follow each other give other sequences.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
