//! What the views of a batch add to the counters.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono_tz::Tz;
use uuid::Uuid;

use super::batch::Counted;
use super::batch::Display;
use super::class::Class;
use super::zone;

/// What is added to each counter. In the order of keys: two instances that raise
/// the same counters then wait for each other in one order and never in a circle.
#[derive(Debug, Default)]
pub struct Sums {
    /// The views themselves.
    pub counted: Vec<Counted>,
    /// Views of hours, by hour and article.
    pub hours: BTreeMap<(i32, Uuid), i64>,
    /// Views of days, by day and article.
    pub days: BTreeMap<(i32, Uuid), i64>,
    /// Views of articles.
    pub totals: BTreeMap<Uuid, i64>,
    /// Excluded events by article, day and code of the class.
    pub excluded: BTreeMap<(Uuid, i32, i16), i64>,
}

/// Adds up new events by their classes.
pub fn add_up(heads: &[&Display], classes: &HashMap<Uuid, Class>, zone: Tz) -> Sums {
    let mut sums = Sums::default();
    for head in heads {
        let (article, day) = (head.article, zone::day(zone, head.at));
        match classes.get(&head.id) {
            Some(Class::Counted) => {
                *sums.hours.entry((zone::hour(head.at), article)).or_insert(0) += 1;
                *sums.days.entry((day, article)).or_insert(0) += 1;
                *sums.totals.entry(article).or_insert(0) += 1;
                sums.counted.push(Counted { article, at: head.at, visitor: head.visitor });
            }
            Some(class) => *sums.excluded.entry((article, day, class.code())).or_insert(0) += 1,
            None => {}
        }
    }
    sums
}
