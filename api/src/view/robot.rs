//! Which User-Agents are robots, so that only people's views are counted.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use quick_cache::sync::Cache;
use regex::Regex;

/// How many answers are kept.
const KEPT: usize = 20_000;
/// The longest User-Agent whose answer is kept, in bytes: bounds the memory.
const KEPT_BYTES: usize = 512;
/// How much of a User-Agent is looked at, in bytes: bounds the time.
const READ_BYTES: usize = 1_024;
/// The public list, made by `script/crawlers`.
const LIST: &str = include_str!("../../data/crawlers.txt");

/// What the list lacks.
const OWN: &[&str] = &[
    // Whatever calls itself so, such as HaosouSpider: new ones come faster than lists.
    r"(?i)(?:bot|spider|crawler)(?:[/;,)+]|$)",
    // Libraries and tools. Only at the beginning, for apps name theirs further on.
    r"^(?:ApacheBench|Bun|Deno|fasthttp|GuzzleHttp|HtmlUnit|Hutool|Java|k6|libcurl|node|PHP)\b",
    r"^(?:PostmanRuntime|PycURL|python-urllib3|ReactorNetty|reqwest|RestSharp|Ruby|undici)\b",
    r"HttpAsyncClient|Commons-HttpClient|Symfony HttpClient|Apache JMeter|jsdom/|SlimerJS",
    // Probes of load balancers and monitors, some of them Chinese.
    r"^(?:ELB-HealthChecker|GoogleHC|kube-probe|Prometheus)/|JianKongBao|yunjiankong",
];

/// What looks like a robot to the list and is a person's: taken out of the
/// User-Agent, which must then still look like one to count as a robot.
const PEOPLE: &[(&str, &str)] = &[
    // The model and firmware of a phone. The list has AP3A.240617.008, Android 15 on
    // most phones of OPPO, realme and OnePlus, and words such as Butterfly and Sonic.
    (r"(?i); [^;()]*\bbuild/[^;() ]*", "; -"),
    // The browser and the search app of Sogou; its spiders are "Sogou web spider" etc.
    (r"\bSogou(?:MSE|MobileBrowser|Search|Explorer)\b", "-"),
    // The browser inside Facebook's app.
    (r" MetaIAB Facebook$", "-"),
    // The end of a longer number or name; the crawler 008 stands alone.
    (r"\B008/", "-"),
    // Apps that name themselves or their phone before their library; alone it is a robot.
    (r"((?i:android).*?[ (;])okhttp/[\w.]+", "$1-"),
];

static ROBOTS: LazyLock<Robots> = LazyLock::new(|| Robots::new(patterns()));
static EXCEPTIONS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    PEOPLE.iter().filter_map(|(found, by)| Some((Regex::new(found).ok()?, *by))).collect()
});
static ANSWERS: LazyLock<Cache<Box<str>, bool>> = LazyLock::new(|| Cache::new(KEPT));

/// Whether this User-Agent is a robot's, or blank, as no browser's and no app's is.
pub fn is_robot(agent: &str) -> bool {
    if agent.len() > KEPT_BYTES {
        return judge(&agent[..agent.floor_char_boundary(READ_BYTES)]);
    }
    ANSWERS.get(agent).unwrap_or_else(|| {
        let robot = judge(agent);
        ANSWERS.insert(agent.into(), robot);
        robot
    })
}

fn judge(agent: &str) -> bool {
    let without_people = || {
        let take = |rest: String, (found, by): &(Regex, &str)| found.replace_all(&rest, *by).into();
        EXCEPTIONS.iter().fold(agent.to_owned(), take)
    };
    agent.trim().is_empty() || (ROBOTS.is_match(agent) && ROBOTS.is_match(&without_people()))
}

fn patterns() -> impl Iterator<Item = &'static str> {
    // Not trimmed: blanks may belong to a pattern.
    let list = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    list.chain(OWN.iter().copied())
}

/// The patterns, compiled. Nearly all are plain words: one set of so many regular
/// expressions takes a hundred times as long for a robot it has not seen.
struct Robots {
    words: Option<AhoCorasick>,
    others: Option<Regex>,
}

impl Robots {
    /// A pattern that does not compile is left out: the tests tell, a server must run.
    fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> Self {
        let (mut words, mut others) = (Vec::new(), Vec::new());
        for pattern in patterns {
            match word(pattern) {
                Some(word) => words.push(word),
                None if Regex::new(pattern).is_ok() => others.push(format!("(?:{pattern})")),
                None => {}
            }
        }
        Self { words: AhoCorasick::new(words).ok(), others: Regex::new(&others.join("|")).ok() }
    }

    fn is_match(&self, agent: &str) -> bool {
        self.words.as_ref().is_some_and(|words| words.is_match(agent))
            || self.others.as_ref().is_some_and(|others| others.is_match(agent))
    }
}

/// The only text a pattern matches, if it is that simple.
fn word(pattern: &str) -> Option<String> {
    let (mut word, mut rest) = (String::new(), pattern.chars());
    while let Some(next) = rest.next() {
        word.push(match next {
            '\\' => rest.next().filter(char::is_ascii_punctuation)?,
            other if r".+*?()|[]{}^$".contains(other) => return None,
            other => other,
        });
    }
    Some(word).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
