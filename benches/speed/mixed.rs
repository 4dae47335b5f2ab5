//! Everything at once for a minute: pages, lists, views and edits.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use crate::asked;
use crate::asked::PAGES;
use crate::asked::Work;
use crate::compressed::views;
use crate::load;
use crate::load::Load;
use crate::server::Child;
use crate::turns::CONNECTIONS;

/// How long.
const LONG: Duration = Duration::from_secs(60);
/// So many edits come in within a second.
const EDITS: u32 = 20;

/// Prints how a server does, and how old what it tells is at most.
pub fn print(child: &Child, works: &[Work], token: &str) {
    let [pages, lists @ ..] = works else { return };
    let pages = pages.requests("/graphql".into(), "");
    let lists: Vec<_> = lists.iter().map(|work| work.requests("/graphql".into(), "")).collect();
    let view = views(&child.address).request;
    // Of each thousand, 800 pages and 151 lists; who edits comes beside.
    let request = Arc::new(move |number: usize| match number * 7_919 % 1_000 {
        0..800 => pages(number / 2),
        800..951 => lists[number % lists.len()](number),
        _ => view(number),
    });
    let load = Load {
        address: child.address.clone(),
        request,
        // GraphQL has errors in answers of status 200.
        sound: |answer| {
            std::str::from_utf8(answer).is_ok_and(|answer| !answer.contains("\"errors\""))
        },
        connections: CONNECTIONS,
        long: LONG,
        pace: Duration::ZERO,
    };
    let before = child.counts();
    let (done, edited) = std::thread::scope(|scope| {
        let editor = scope.spawn(|| edit(child, token));
        (load::run(&load), editor.join().expect("the editor edits"))
    });
    let [hits, misses, bypassed] = child.counts().map({
        let mut before = before.into_iter();
        move |count| count - before.next().unwrap_or(0)
    });
    let share = hits as f64 / (hits + misses + bypassed) as f64;
    println!(
        "\nmixed for {LONG:?}: {:.0}/s, half within {:.1} ms, 99 % within {:.1} ms, no error; \
         {:.4} of all were hits; {} edits, the longest until it was seen {:.1} ms",
        done.rate,
        done.within(0.5) / 1e3,
        done.within(0.99) / 1e3,
        share,
        edited.count,
        edited.longest.as_secs_f64() * 1e3
    );
}

struct Edited {
    count: usize,
    longest: Duration,
}

/// Changes titles, and asks for each until it is told: as a page, and in the list of all.
fn edit(child: &Child, token: &str) -> Edited {
    let mut edited = Edited { count: 0, longest: Duration::ZERO };
    let started = Instant::now();
    let newest = asked::body("{ articles(first: 20) { nodes { id title } } }", json!({}));
    while started.elapsed() < LONG {
        let list = child.json(&newest);
        let nodes = list["data"]["articles"]["nodes"].as_array().expect("articles").clone();
        let of_list = edited.count.is_multiple_of(2);
        let id = match of_list {
            true => nodes[edited.count % nodes.len()]["id"].clone(),
            false => json!(crate::data::id(edited.count % PAGES)),
        };
        let read = asked::body(
            "query($id: ID!) { article(id: $id) { version title } }",
            json!({ "id": id }),
        );
        let version = child.json(&read)["data"]["article"]["version"].clone();
        let title = format!("改过{}次的标题", edited.count);
        let write = asked::body(
            "mutation($input: UpdateArticleInput!) { updateArticle(input: $input) { \
             article { id } userErrors { message } } }",
            json!({ "input": { "id": id, "version": version, "title": title } }),
        );
        child.as_editor(&write, token);
        let answered = Instant::now();
        let is_new = |answer: &Value| match of_list {
            true => answer["data"]["articles"]["nodes"]
                .as_array()
                .is_some_and(|nodes| nodes.iter().any(|node| node["title"] == title)),
            false => answer["data"]["article"]["title"] == title,
        };
        let question = if of_list { &newest } else { &read };
        while !is_new(&child.json(question)) {
            assert!(answered.elapsed() < Duration::from_secs(1), "older than a second: {id}");
        }
        edited.longest = edited.longest.max(answered.elapsed());
        edited.count += 1;
        let due = started + Duration::from_secs(1) * edited.count as u32 / EDITS;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    edited
}
