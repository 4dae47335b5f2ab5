//! Imports that take several transactions, and several imports.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::Page;
use crate::helpers::import::import;
use crate::helpers::import::lines;
use crate::helpers::import::only_article;
use crate::helpers::import::record;
use crate::helpers::import::run;
use crate::helpers::import::run_with_input;

/// More than are stored at once.
const MANY: usize = 2200;

/// Articles by number.
fn numbered() -> impl Iterator<Item = Value> {
    (1..=MANY).map(|number| {
        record(json!({
            "externalId": number.to_string(), "title": format!("第{number}篇"),
            "body": format!("第{number}段。"), "slugs": [format!("no-{number}")],
            "channel": "wenhua", "importedViews": number,
        }))
    })
}

fn channel() -> Value {
    json!({ "type": "channel", "slug": "wenhua", "name": "文化" })
}

#[tokio::test]
async fn many_records_go_through_in_batches_and_an_import_can_be_started_again() {
    let app = TestApp::start().await;
    let file: Vec<Value> = std::iter::once(channel()).chain(numbered()).collect();
    // The first run ended after 1,700 lines, in the middle of a line.
    let (head, rest) = (lines(&file[..1700]), lines(&file[1700..]));
    let cut = format!("{head}{}", &rest[..20]);
    let first = run_with_input(&app.database.url, &["import", "-"], cut.as_bytes()).await;
    assert_eq!(first.status, Some(1));
    assert!(first.err.contains("-:1701: error: "), "{}", first.err);
    assert!(first.err.contains("1699 created"), "{}", first.err);
    let again = import(&app, &lines(&file)).await;
    assert!(again.err.contains("501 created, 0 updated, 1699 unchanged"), "{}", again.err);
    // Seen by the server that ran beside it.
    assert_eq!(count(&app).await, MANY);
    for number in [1, 999, 1000, 1001, 1699, 1700, 1701, 2000, 2001, MANY] {
        let query = format!(
            "{{ article(slug: \"no-{number}\") {{ title channel {{ slug }} \
             views {{ imported }} body {{ text }} }} }}"
        );
        let expected = json!({
            "title": format!("第{number}篇"), "channel": { "slug": "wenhua" },
            "views": { "imported": number }, "body": { "text": format!("第{number}段。") },
        });
        assert_eq!(app.anon.query(&query).await.data("/article"), &expected);
    }
}

#[tokio::test]
async fn a_dry_run_of_many_records_knows_the_channels_of_the_first() {
    let app = TestApp::start().await;
    let file: Vec<Value> = std::iter::once(channel()).chain(numbered()).collect();
    let input = lines(&file);
    let run =
        run_with_input(&app.database.url, &["import", "--dry-run", "-"], input.as_bytes()).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert!(run.err.contains("would be: 2200 created"), "{}", run.err);
}

#[tokio::test]
async fn an_article_finds_its_page_many_records_earlier() {
    let app = TestApp::start().await;
    import(&app, &Page::default().file()).await;
    let original = only_article(&app).await;
    assert_ne!(original["importedFrom"], Value::Null);
    let export = run(&app.database.url, &["export"]).await.out;
    let (pages, others): (Vec<&str>, Vec<&str>) =
        export.lines().partition(|line| line.contains(r#""type":"page""#));
    assert_eq!(pages.len(), 1, "{export}");
    let between: Vec<Value> = std::iter::once(channel()).chain(numbered()).collect();
    let copy = TestApp::start().await;
    let file = format!("{}\n{}{}", pages[0], lines(&between), others.join("\n"));
    import(&copy, &file).await;
    let id = original["id"].as_str().unwrap();
    let query = format!("{{ article(id: \"{id}\") {{ importedFrom {{ site column }} }} }}");
    let found = copy.editor.query(&query).await;
    assert_eq!(found.data("/article/importedFrom"), &original["importedFrom"]);
}

#[tokio::test]
async fn two_imports_of_the_same_records_at_once_double_nothing() {
    let app = TestApp::start().await;
    import(&app, &lines(&[channel()])).await;
    let forth: Vec<Value> = numbered().collect();
    let back: Vec<Value> = forth.iter().rev().cloned().collect();
    let (forth, back) = (lines(&forth), lines(&back));
    let (one, other) = tokio::join!(import(&app, &forth), import(&app, &back));
    assert_eq!(count(&app).await, MANY);
    assert_eq!(created(&one.err) + created(&other.err), MANY);
}

#[tokio::test]
async fn a_pipe_is_read_like_a_file() {
    let app = TestApp::start().await;
    // As a shell hands on `<(zcat articles.jsonl.gz)`; longer than what is read at once.
    let file = lines(
        &numbered()
            .map(|mut record| {
                record["body"] = json!("长文。".repeat(200));
                record["channel"] = Value::Null;
                record
            })
            .collect::<Vec<_>>(),
    );
    let arguments = ["import", "/dev/stdin"];
    let run = run_with_input(&app.database.url, &arguments, file.as_bytes()).await;
    assert_eq!((run.status, count(&app).await), (Some(0), MANY), "{}", run.err);
}

async fn count(app: &TestApp) -> usize {
    let answer = app.anon.query("{ site { articleCount { value exact } } }").await;
    let count = answer.data("/site/articleCount");
    assert_eq!(count["exact"], true);
    usize::try_from(count["value"].as_u64().unwrap()).unwrap()
}

/// How many articles a run created, by its report.
fn created(report: &str) -> usize {
    let (before, _) = report.split_once(" created").unwrap();
    before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}
