use regex::RegexSetBuilder;

use super::*;

const ROBOT_AGENTS: &str = include_str!("../../../../tests/agents/robots.txt");
const PEOPLE_AGENTS: &str = include_str!("../../../../tests/agents/people.txt");

/// The User-Agents of a fixture, each with its place.
fn agents(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn every_pattern_compiles() {
    let unsound: Vec<_> = patterns().filter(|pattern| Regex::new(pattern).is_err()).collect();
    assert!(unsound.is_empty(), "{unsound:?}");
    assert!(patterns().count() > 1_000);
    assert!(ROBOTS.words.is_some() && ROBOTS.others.is_some(), "all together, too");
    assert_eq!(EXCEPTIONS.len(), PEOPLE.len());
}

#[test]
fn an_unsound_pattern_is_left_out() {
    let robots = Robots::new(["a word", "unsound(", "^last$"].into_iter());
    assert!(robots.is_match("in a word") && robots.is_match("last"));
    assert!(!robots.is_match("unsound("));
}

#[test]
fn words_match_what_their_patterns_match() {
    let all = RegexSetBuilder::new(patterns()).size_limit(32 << 20).build().unwrap();
    for (_, agent) in agents(ROBOT_AGENTS).chain(agents(PEOPLE_AGENTS)) {
        assert_eq!(ROBOTS.is_match(agent), all.is_match(agent), "{agent}");
    }
    for pattern in patterns() {
        if let Some(word) = word(pattern) {
            assert!(Regex::new(pattern).unwrap().is_match(&word), "{pattern}: {word}");
        }
    }
    assert_eq!(word(r"a\/b\.c"), Some("a/b.c".to_owned()));
    assert!([r"a\d", "a.c", "^a", "a|b", "[a]", "", r"a\"].iter().all(|it| word(it).is_none()));
}

#[test]
fn robots_are_robots() {
    for (line, agent) in agents(ROBOT_AGENTS) {
        assert!(is_robot(agent), "robots.txt:{line}: {agent}");
    }
    assert!(is_robot("") && is_robot(" \t"));
}

#[test]
fn people_are_people() {
    for (line, agent) in agents(PEOPLE_AGENTS) {
        assert!(!is_robot(agent), "people.txt:{line}: {agent}");
        assert!(!is_robot(agent), "people.txt:{line}, kept: {agent}");
        // A robot may borrow any of them and add its name.
        let robot = format!("{agent} (compatible; Googlebot/2.1)");
        assert!(is_robot(&robot), "people.txt:{line}: {robot}");
    }
}

#[test]
fn long_agents_are_cut_between_characters_and_not_kept() {
    let long = "热点".repeat(READ_BYTES);
    assert!(!is_robot(&long));
    assert!(is_robot(&format!("Googlebot/2.1 {long}")));
    assert!(!is_robot(&format!("{long} Googlebot/2.1")));
    assert!(ANSWERS.get(long.as_str()).is_none());
}
