//! The binary itself: its settings, its errors, its server.

use std::net::TcpListener;

use sea_orm::ConnectionTrait;
use sea_orm::Database;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::database;
use crate::helpers::database::TestDatabase;
use crate::helpers::import::Folder;
use crate::helpers::import::Page;
use crate::helpers::import::Run;
use crate::helpers::import::only_article;
use crate::helpers::import::run;
use crate::helpers::server::Server;

#[track_caller]
fn assert_fails(run: &Run, said: &str) {
    assert_eq!(run.status, Some(1), "{run:?}");
    assert_eq!(run.out, "", "{run:?}");
    assert!(run.err.contains(said), "no `{said}`: {run:?}");
}

#[tokio::test]
async fn help_tells_commands_flags_and_variables() {
    for (arguments, said) in [
        (&["--help"][..], &["serve", "migrate", "import", "export", "token", "schema"][..]),
        (&["--help"], &["--database-url", "REDIAN_DATABASE_URL", "--listen", "REDIAN_LISTEN"]),
        (&["import", "--help"], &["--dry-run", "--json", "--state"]),
        (&["serve", "--help"], &["--demo"]),
        (&["token", "create", "--help"], &["--scope", "read-drafts", "write"]),
    ] {
        let run = run("sqlite:///nowhere/none.db", arguments).await;
        assert_eq!((run.status, &run.err[..]), (Some(0), ""), "{arguments:?}");
        for said in said {
            assert!(run.out.contains(said), "{arguments:?}: no {said} in {}", run.out);
        }
    }
}

#[tokio::test]
async fn wrong_arguments_are_told_in_one_sentence() {
    for (arguments, said) in [
        (&["serve", "--colour"][..], "unexpected argument '--colour'"),
        (&["launch"], "unrecognized subcommand 'launch'"),
        (&["import"], "required arguments were not provided"),
        (&["import", "--state", "gone", "x"], "invalid value 'gone'"),
        (&["serve", "--listen", "here"], "invalid value 'here'"),
        (&["serve", "--timeout", "0"], "invalid value '0'"),
        (&["token", "create"], "--scope"),
        (&["serve", "--log-format", "xml"], "invalid value 'xml'"),
    ] {
        let run = run("sqlite:///nowhere/none.db", arguments).await;
        assert_fails(&run, said);
        assert!(run.err.starts_with("error: "), "{arguments:?}: {}", run.err);
    }
}

#[tokio::test]
async fn a_database_out_of_reach_is_told_in_one_sentence() {
    let folder = Folder::new();
    let text = folder.write("text.db", "这不是数据库。".repeat(200));
    let text = format!("sqlite://{text}");
    let missing = format!("sqlite://{}/none/redian.db", folder.path());
    let directory = format!("sqlite://{}", folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let postgres = format!("postgres://redian@{closed}/redian");
    for (url, said) in [
        (&text[..], "text.db cannot be opened"),
        (&missing, "none/redian.db cannot be opened: check that its folder exists"),
        (&directory, "cannot be opened"),
        ("mysql://a@b/c", "The database URL must be sqlite://FILE or postgres://"),
        ("redian.db", "The database URL must be sqlite://FILE or postgres://"),
        (&postgres, "PostgreSQL cannot be reached: check host, port"),
    ] {
        let run = run(url, &["migrate"]).await;
        assert_fails(&run, said);
        assert_eq!(run.err.lines().count(), 1, "{url}: {}", run.err);
        assert!(run.err.starts_with("redian: "), "{url}: {}", run.err);
    }
}

#[tokio::test]
async fn a_wrong_log_filter_is_told_in_one_sentence() {
    let database = database::empty().await;
    let run = run(&database.url, &["migrate", "--log", "redian=loud"]).await;
    assert_fails(&run, "REDIAN_LOG (--log) must be a level");
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[tokio::test]
async fn a_port_in_use_is_told_and_leaves_no_database() {
    let database = database::empty().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = run(&database.url, &["serve", "--listen", &address]).await;
    assert_fails(&run, &format!("Cannot listen on {address}: another program uses it"));
    assert!(!has_tables(&database).await);
}

/// Whether the database was migrated.
async fn has_tables(database: &TestDatabase) -> bool {
    if let Some(file) = database.url.strip_prefix("sqlite://") {
        return std::fs::exists(file).unwrap();
    }
    let connection = Database::connect(&database.url).await.unwrap();
    let found = connection.execute_unprepared("SELECT 1 FROM article").await.is_ok();
    connection.close().await.unwrap();
    found
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let database = database::migrated().await;
    let connection = Database::connect(&database.url).await.unwrap();
    let step = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 1)";
    connection.execute_unprepared(step).await.unwrap();
    connection.close().await.unwrap();
    for arguments in [&["migrate"][..], &["serve", "--listen", "127.0.0.1:0"], &["export"]] {
        let run = run(&database.url, arguments).await;
        assert_fails(&run, "the schema step m9999_later, which this version of redian does not");
    }
}

#[tokio::test]
async fn migrating_twice_is_migrating_once() {
    let database = database::empty().await;
    for _ in 0..2 {
        let run = run(&database.url, &["migrate"]).await;
        assert_eq!(run.status, Some(0), "{}", run.err);
        assert_eq!(run.err, "The database has today's schema and region directory.\n");
        assert!(has_tables(&database).await);
    }
}

#[tokio::test]
async fn serving_an_empty_place_makes_the_database_and_answers() {
    let database = database::empty().await;
    assert!(!has_tables(&database).await);
    let mut server = Server::start(&database.url, &["--site-name", "河畔"]);
    assert!(has_tables(&database).await);
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.json), (200, json!(body)), "{path}");
    }
    let answer = server
        .query("{ site { name articleCount { value } } region(path: \"hebei\") { name } }")
        .await;
    let expected = json!({
        "site": { "name": "河畔", "articleCount": { "value": 0 } },
        "region": { "name": "河北省" },
    });
    assert_eq!(answer.data(""), &expected);
    server.terminate();
    assert_eq!(server.end().code(), Some(0));
}

#[tokio::test]
async fn a_server_to_whose_log_nobody_listens_goes_on() {
    let database = database::empty().await;
    let mut server = Server::start(&database.url, &["--log", "info"]);
    server.stop_listening();
    for _ in 0..20 {
        server.query("{ site { name } }").await.data("/site/name");
    }
    server.terminate();
    assert!(server.end().success());
}

#[tokio::test]
async fn a_request_in_flight_is_finished_after_sigterm() {
    let database = database::migrated().await;
    let mut server = Server::start(&database.url, &["--log", "info"]);
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let body = json!({ "query": "{ site { name } }" }).to_string();
    let (head, rest) = body.split_at(5);
    let mut stream = TcpStream::connect(&address).await.unwrap();
    // `Expect` makes the server say when it waits for the body.
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    server.terminate();
    server.line("stopping: running requests may finish");
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(r#"{"data":{"site":{"name":"Redian"}}}"#), "{answer}");
    assert_eq!(server.end().code(), Some(0));
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn a_stopped_server_leaves_one_sqlite_file_that_is_whole_by_itself() {
    let database = database::empty().await;
    let mut server = Server::start(&database.url, &["--demo"]);
    server.terminate();
    assert_eq!(server.end().code(), Some(0));
    let Some(file) = database.url.strip_prefix("sqlite://") else { return };
    let copy = Folder::new();
    let copied = format!("{}/copy.db", copy.path());
    std::fs::copy(file, &copied).unwrap();
    let run = run(&format!("sqlite://{copied}"), &["export"]).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert_eq!(run.out.lines().filter(|line| line.contains("\"article\"")).count(), 64);
}

#[tokio::test]
async fn commands_that_need_content_make_no_sqlite_file() {
    let folder = Folder::new();
    let url = format!("sqlite://{}/mistyped.db", folder.path());
    for arguments in [&["export"][..], &["token", "create", "--scope", "write"][..]] {
        let run = run(&url, arguments).await;
        assert_eq!(run.status, Some(1));
        assert!(run.err.contains("mistyped.db"), "{}", run.err);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn two_servers_that_start_at_once_on_an_empty_database_both_come_up() {
    let database = database::empty().await;
    let start = || {
        let url = database.url.clone();
        tokio::task::spawn_blocking(move || Server::start(&url, &[]))
    };
    let (first, second) = (start(), start());
    for server in [first.await.unwrap(), second.await.unwrap()] {
        let answer = server.query("{ site { regionCount { value } } }").await;
        let count = answer.data("/site/regionCount/value").as_i64().unwrap();
        assert!(count > 3000, "{count} regions");
    }
}

#[tokio::test]
async fn the_sample_content_is_loaded_once() {
    let database = database::empty().await;
    let mut seen: Vec<Value> = Vec::new();
    for _ in 0..2 {
        let mut server = Server::start(&database.url, &["--demo"]);
        let query = "{ channels { slug } articles(first: 100) { nodes { id title version } } }";
        seen.push(server.query(query).await.data("").clone());
        server.terminate();
        assert_eq!(server.end().code(), Some(0));
    }
    assert!(seen[0]["articles"]["nodes"].as_array().unwrap().len() >= 20, "{:#}", seen[0]);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_created_token_may_do_what_its_scopes_say() {
    let app = TestApp::start().await;
    let create = "mutation { createChannel(input: { slug: \"a\", name: \"甲\" }) { \
                  channel { slug } userErrors { code } } }";
    for (scope, code) in [("write", Some("FORBIDDEN")), ("publish", None)] {
        let run = run(&app.database.url, &["token", "create", "--scope", scope]).await;
        assert_eq!(run.status, Some(0), "{}", run.err);
        let token = run.out.strip_suffix('\n').unwrap();
        assert!(token.starts_with("redian_") && token.len() == 71, "{token}");
        let request = app.anon.request(reqwest::Method::POST, "/graphql").bearer_auth(token);
        let answer = request.json(&json!({ "query": create })).send().await.unwrap();
        let answer = Answer::of(answer).await;
        match code {
            Some(code) => assert_eq!(answer.code(), code),
            None => assert_eq!(answer.data("/createChannel/channel/slug"), "a"),
        }
    }
    let wrong = ["token", "create", "--scope", "write", "--scope", "owner"];
    let run = run(&app.database.url, &wrong).await;
    assert_fails(
        &run,
        "There is no scope `owner`: the scopes are read-drafts, write, publish, count, admin, \
         unlimited.",
    );
}

#[tokio::test]
async fn a_missing_file_is_reported_and_the_others_are_imported() {
    let app = TestApp::start().await;
    let folder = Folder::new();
    let good = folder.write("a.txt", Page::default().file());
    let missing = format!("{}/none.txt", folder.path());
    let run = run(&app.database.url, &["import", &missing, &good]).await;
    assert_eq!(run.status, Some(1));
    assert!(run.err.contains(&format!("{missing}:1: error: there is no such file")), "{}", run.err);
    assert_eq!(only_article(&app).await["title"], "桥头的修鞋摊");
}
