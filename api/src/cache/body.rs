//! Bodies with holes: where an answer shows views, the number of the moment is filled in
//! when it is sent, so that a view makes no answer stale.

use std::fmt::Write;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::LazyLock;

use uuid::Uuid;

use crate::clock;
use crate::view::totals::Memory;
use crate::view::totals::Totals;

/// What stands in a hole until the body is cut there. Nobody can guess it, so no text of an
/// article is taken for one.
static MARK: LazyLock<String> = LazyLock::new(clock::random);
/// The letter and the id behind it.
const TAIL: usize = 1 + 32;

/// Which number of an article's views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a page shows.
    Shown,
    /// Counted here.
    Counted,
    /// From before.
    Imported,
}

impl Part {
    const ALL: [(Self, char); 3] =
        [(Self::Shown, 's'), (Self::Counted, 'c'), (Self::Imported, 'i')];

    fn letter(self) -> char {
        Self::ALL.iter().find(|(part, _)| *part == self).map_or('s', |(_, letter)| *letter)
    }

    /// The number.
    pub fn of(self, totals: Totals) -> i64 {
        match self {
            Self::Shown => totals.shown(),
            Self::Counted => totals.counted,
            Self::Imported => totals.imported,
        }
    }
}

/// A hole, as the text of a JSON string.
pub fn hole(article: Uuid, part: Part) -> String {
    format!("{}{}{}", *MARK, part.letter(), article.simple())
}

struct Hole {
    /// Before this byte of the text.
    at: usize,
    article: Uuid,
    part: Part,
}

/// A JSON text and its holes.
pub struct Body {
    text: String,
    holes: Vec<Hole>,
}

impl Body {
    /// Cuts a JSON text at its holes.
    pub fn new(json: &str) -> Self {
        let (mut text, mut holes) = (String::with_capacity(json.len()), Vec::new());
        let mut rest = json;
        // The quotes of the string go with it: numbers have none.
        while let Some((before, behind)) = rest.split_once(MARK.as_str()) {
            let read = behind.split_at_checked(TAIL).and_then(|(tail, after)| {
                let part = Part::ALL.iter().find(|(_, letter)| tail.starts_with(*letter))?.0;
                let article = Uuid::try_parse(tail.get(1..)?).ok()?;
                Some((article, part, before.strip_suffix('"')?, after.strip_prefix('"')?))
            });
            let Some((article, part, before, after)) = read else { break };
            text.push_str(before);
            holes.push(Hole { at: text.len(), article, part });
            rest = after;
        }
        text.push_str(rest);
        Self { text, holes }
    }

    /// How much it takes, in bytes.
    pub fn weight(&self) -> usize {
        self.text.len() + self.holes.len() * size_of::<Hole>()
    }

    /// The text with the numbers of this moment.
    pub fn filled(&self, totals: &Memory) -> String {
        // A number takes twenty bytes at most.
        let mut filled = String::with_capacity(self.text.len() + 20 * self.holes.len());
        let mut from = 0;
        self.numbers(totals, |hole, number| {
            filled.push_str(self.text.get(from..hole.at).unwrap_or_default());
            // Writing to a string does not fail.
            let _ = write!(filled, "{number}");
            from = hole.at;
        });
        filled.push_str(self.text.get(from..).unwrap_or_default());
        filled
    }

    /// Hashes the text without its numbers.
    pub fn hash_text(&self, hasher: &mut impl Hasher) {
        self.text.hash(hasher);
    }

    /// Hashes the numbers of this moment.
    pub fn hash_numbers(&self, totals: &Memory, hasher: &mut impl Hasher) {
        self.numbers(totals, |_, number| number.hash(hasher));
    }

    /// Tells each hole its number.
    fn numbers<'a>(&'a self, totals: &Memory, mut told: impl FnMut(&'a Hole, i64)) {
        let article = |hole: &Hole| hole.article;
        totals.each(&self.holes, article, |hole, totals| told(hole, hole.part.of(totals)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn totals(id: Uuid) -> Memory {
        Memory::new(HashMap::from([(id, Totals { counted: 3, imported: 40 })]))
    }

    #[test]
    fn numbers_stand_where_the_holes_were() {
        let (id, other) = (clock::new_id(), clock::new_id());
        let json = json!({
            "a": hole(id, Part::Shown), "文": ["\"", hole(id, Part::Counted)],
            "c": { "d": hole(id, Part::Imported) }, "e": hole(other, Part::Shown),
        });
        let body = Body::new(&json.to_string());
        let expected = json!({ "a": 43, "文": ["\"", 3], "c": { "d": 40 }, "e": 0 });
        assert_eq!(body.filled(&totals(id)), expected.to_string());
    }

    proptest! {
        #[test]
        fn any_text_stays_as_it_is(texts: Vec<String>) {
            let id = clock::new_id();
            let mut items: Vec<serde_json::Value> = texts.into_iter().map(Into::into).collect();
            let whole = serde_json::Value::from(items.clone()).to_string();
            prop_assert_eq!(Body::new(&whole).filled(&totals(id)), whole);
            items.push(hole(id, Part::Shown).into());
            let cut = Body::new(&serde_json::Value::from(items.clone()).to_string());
            items.pop();
            items.push(43.into());
            prop_assert_eq!(cut.filled(&totals(id)), serde_json::Value::from(items).to_string());
        }
    }
}
