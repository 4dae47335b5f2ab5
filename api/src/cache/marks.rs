//! When what has a tag was changed last, so that an answer knows by itself whether it is
//! stale.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

/// So many tags are known before those that nobody needs are forgotten.
const MANY: usize = 10_000;

/// The last change of everything, by moments that are counted from 0.
#[derive(Default)]
pub struct Marks {
    now: AtomicU64,
    /// The last change of everything at once.
    all: AtomicU64,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    changed: HashMap<String, Arc<AtomicU64>>,
    /// Of what is not known, nothing was changed after this moment.
    forgotten: u64,
    /// When to forget what nobody needs.
    most: usize,
}

/// What an answer was made from.
#[derive(Default)]
pub struct Made {
    begun: u64,
    changed: Vec<Arc<AtomicU64>>,
}

impl Made {
    /// Whether nothing that it was made from was changed since it was begun.
    pub fn holds(&self, marks: &Marks) -> bool {
        let old = |changed: &AtomicU64| changed.load(SeqCst) <= self.begun;
        old(&marks.all) && self.changed.iter().all(|changed| old(changed))
    }
}

impl Marks {
    /// The moment: what is changed from now on is after it.
    pub fn moment(&self) -> u64 {
        self.now.load(SeqCst)
    }

    /// Made from what has these tags; `None` if some of it was changed after the moment `begun`.
    pub fn made(&self, tags: &BTreeSet<String>, begun: u64) -> Option<Made> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = tags.iter().map(|tag| known.of(tag)).collect();
        let made = Made { begun, changed };
        made.holds(self).then_some(made)
    }

    /// Notes that what has these tags is changed.
    pub fn change(&self, tags: impl IntoIterator<Item = String>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // What is begun from here on reads what the change made.
        let now = self.now.fetch_add(1, SeqCst) + 1;
        for tag in tags {
            known.of(&tag).store(now, SeqCst);
        }
        known.forget(now);
    }

    /// Notes that everything is changed.
    pub fn change_all(&self) {
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.all.fetch_max(now, SeqCst);
    }
}

impl Known {
    fn of(&mut self, tag: &str) -> Arc<AtomicU64> {
        if let Some(changed) = self.changed.get(tag) {
            return changed.clone();
        }
        let changed = Arc::new(AtomicU64::new(self.forgotten));
        self.changed.insert(tag.to_owned(), changed.clone());
        changed
    }

    fn forget(&mut self, now: u64) {
        if self.changed.len() <= self.most.max(MANY) {
            return;
        }
        self.changed.retain(|_, changed| Arc::strong_count(changed) > 1);
        self.forgotten = now;
        // What is needed is not looked through each time.
        self.most = 2 * self.changed.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(tags: &[&str]) -> BTreeSet<String> {
        tags.iter().map(|&tag| tag.to_owned()).collect()
    }

    fn change(marks: &Marks, tag: &str) {
        marks.change([tag.to_owned()]);
    }

    #[test]
    fn what_is_made_holds_until_something_that_it_is_made_from_changes() {
        let marks = Marks::default();
        let made = marks.made(&tags(&["a", "b"]), marks.moment()).unwrap();
        change(&marks, "c");
        assert!(made.holds(&marks));
        change(&marks, "b");
        assert!(!made.holds(&marks));
        let made = marks.made(&tags(&[]), marks.moment()).unwrap();
        change(&marks, "a");
        assert!(made.holds(&marks));
        marks.change_all();
        assert!(!made.holds(&marks));
    }

    #[test]
    fn what_changed_while_it_was_made_is_not_missed_also_if_it_is_forgotten() {
        for forgets in [false, true] {
            let marks = Marks::default();
            let begun = marks.moment();
            change(&marks, "a");
            if forgets {
                marks.change((0..=MANY).map(|number| number.to_string()));
            }
            assert!(marks.made(&tags(&["a"]), begun).is_none());
            assert!(marks.made(&tags(&["a"]), marks.moment()).is_some());
        }
        let marks = Marks::default();
        let begun = marks.moment();
        marks.change_all();
        assert!(marks.made(&tags(&[]), begun).is_none());
    }

    #[test]
    fn tags_that_nobody_needs_are_forgotten_and_others_are_not() {
        let marks = Marks::default();
        let made = marks.made(&tags(&["needed"]), 0).unwrap();
        for part in 0..10 {
            marks.change((0..MANY).map(|number| format!("{part}/{number}")));
        }
        assert!(marks.known.lock().unwrap().changed.len() <= 2 * MANY);
        assert!(made.holds(&marks));
        change(&marks, "needed");
        assert!(!made.holds(&marks));
    }
}
