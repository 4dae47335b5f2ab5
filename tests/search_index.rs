//! The index of search: made anew while others search, made after an upgrade, kept when articles
//! move; and the newsroom's words.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use chrono::TimeDelta;
use redian::article::index;
use sea_orm::ConnectionTrait;
use sea_orm::Statement;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::database::on_postgres;
use crate::helpers::import::Folder;
use crate::helpers::import::lines;
use crate::helpers::import::record;
use crate::helpers::import::run;
use crate::helpers::make;

async fn found(client: &Client, arguments: &str) -> Vec<String> {
    let query = format!("{{ searchArticles({arguments}) {{ nodes {{ title }} }} }}");
    client.query(&query).await.each("/searchArticles/nodes", "title")
}

async fn terms(client: &Client, query: &str) -> Vec<String> {
    let query = format!("{{ searchArticles(query: \"{query}\") {{ terms {{ text }} }} }}");
    client.query(&query).await.each("/searchArticles/terms", "text")
}

#[tokio::test]
async fn what_an_older_version_wrote_is_found_once_the_server_has_indexed_it() {
    let app = TestApp::quiet().await;
    for number in 0..250 {
        make::article(&format!("第{number}篇")).with("body", "芯片").published(&app).await;
    }
    let db = &app.app.db.read;
    let txn = app.app.db.begin().await.unwrap();
    // Half of them are missing, and others are of other rules.
    let old = "UPDATE search_document SET format = 0 WHERE article_id IN
        (SELECT article_id FROM search_document LIMIT 200)";
    txn.db.execute_unprepared(old).await.unwrap();
    txn.commit().await.unwrap();
    let status = run(&app.database.url, &["search", "status"]).await;
    let told = "Articles that can be searched for: 50; that wait to be indexed: 200.\n";
    assert_eq!(status.out, told);
    let batches = AtomicU64::new(0);
    let count = |_| _ = batches.fetch_add(1, SeqCst);
    index::catch_up(&app.app.db, &app.app.clock, count).await.unwrap();
    assert_eq!(batches.into_inner(), 1);
    // What was kept before is not answered any more.
    let newest = redian::event::newest(db).await.unwrap();
    let events = redian::event::after(db, newest - 1).await.unwrap();
    assert_eq!(redian::cache::tag::of(&events[0]), [redian::cache::tag::SEARCH]);
    assert_eq!(index::pending(db).await.unwrap(), 0);
    let total = "{ searchArticles(query: \"芯片\") { total { value } } }";
    assert_eq!(app.anon.query(total).await.data("/searchArticles/total/value"), &json!(250));
}

#[tokio::test]
async fn an_import_that_is_indexed_later_says_so_and_the_server_or_a_command_does_it() {
    let app = TestApp::quiet().await;
    // More than one batch.
    let records: Vec<_> = (0..600)
        .map(|number| record(json!({ "body": "芯片", "title": format!("第{number}篇") })))
        .collect();
    let folder = Folder::new();
    let file = folder.write("all.jsonl", lines(&records));
    let told = run(&app.database.url, &["import", "--index-later", &file]).await;
    assert_eq!(told.status, Some(0), "{}", told.err);
    assert!(told.err.contains("that wait to be indexed for search: 600."), "{}", told.err);
    app.caught_up().await;
    assert_eq!(found(&app.anon, "query: \"芯片\"").await, [""; 0]);
    let all = "{ articles(first: 100) { nodes { title } } }";
    assert_eq!(app.anon.query(all).await.data("/articles/nodes").as_array().unwrap().len(), 100);
    let told = run(&app.database.url, &["search", "index"]).await;
    assert_eq!(told.err, "Articles indexed: 600.\n");
    if on_postgres() {
        // What waits apart to be sorted in, every search would look through.
        let db = &app.app.db.read;
        let apart = "SELECT gin_clean_pending_list('search_document_words')";
        let apart = Statement::from_string(db.get_database_backend(), apart);
        let pages = db.query_one_raw(apart).await.unwrap().unwrap();
        assert_eq!(pages.try_get_by_index::<i64>(0).unwrap(), 0);
    }
    assert_eq!(index::pending(&app.app.db.read).await.unwrap(), 0);
    let total = "{ searchArticles(query: \"芯片\") { total { value } } }";
    assert_eq!(app.anon.query(total).await.data("/searchArticles/total/value"), &json!(600));
}

#[tokio::test]
async fn two_who_index_at_the_same_time_share_the_work() {
    let app = TestApp::quiet().await;
    let records: Vec<_> = (0..600)
        .map(|number| record(json!({ "body": "芯片", "title": format!("第{number}篇") })))
        .collect();
    let folder = Folder::new();
    let file = folder.write("all.jsonl", lines(&records));
    run(&app.database.url, &["import", "--index-later", &file]).await;
    let second = app.second_instance().await;
    let indexed = AtomicU64::new(0);
    let count = |some| _ = indexed.fetch_add(some, SeqCst);
    let (one, other) = tokio::join!(
        index::catch_up(&app.app.db, &app.app.clock, count),
        index::catch_up(&second.db, &second.clock, count),
    );
    one.unwrap();
    other.unwrap();
    assert_eq!(indexed.into_inner(), 600);
}

#[tokio::test]
async fn a_running_server_indexes_what_an_import_left_at_once() {
    let app = TestApp::start().await;
    let records = [record(json!({ "title": "芯片" }))];
    let folder = Folder::new();
    let file = folder.write("all.jsonl", lines(&records));
    run(&app.database.url, &["import", "--index-later", &file]).await;
    let search = async {
        while found(&app.anon, "query: \"芯片\"").await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), search).await.unwrap();
}

#[tokio::test]
async fn the_index_is_made_anew_while_others_search_and_write() {
    let app = TestApp::start().await;
    for number in 0..30 {
        make::article(&format!("第{number}篇")).with("body", "芯片").published(&app).await;
    }
    let deleted = make::article("删").with("body", "芯片").published(&app).await;
    make::delete(&app, &deleted).await;
    let rebuilding = run(&app.database.url, &["search", "rebuild"]);
    let meanwhile = async {
        for number in 30..40 {
            make::article(&format!("第{number}篇")).with("body", "芯片").published(&app).await;
            let some = found(&app.anon, &format!("query: \"芯片 第{number}篇\", first: 100")).await;
            assert_eq!(some.len(), 1);
            assert_eq!(found(&app.anon, "query: \"芯片 第7篇\"").await, ["第7篇"]);
        }
    };
    let (rebuilt, ()) = tokio::join!(rebuilding, meanwhile);
    assert_eq!(rebuilt.status, Some(0), "{}", rebuilt.err);
    assert!(rebuilt.err.contains("Articles indexed anew: "), "{}", rebuilt.err);
    assert_eq!(found(&app.anon, "query: \"芯片\", first: 100").await.len(), 40);
}

#[tokio::test]
async fn articles_are_found_where_they_are_filed_after_a_change_of_the_directory() {
    let app = TestApp::quiet().await;
    make::article("旧城记").with("body", "下雪").about(&["130104"]).published(&app).await;
    let folder = Folder::new();
    let change = "code,name,level,type,parent,path,until,successor\n\
                  130104,桥西区,county,district,,,2026-02-01,130202\n";
    let path = folder.write("changes.csv", change);
    let done = run(&app.database.url, &["regions", "load", "--yes", &path]).await;
    assert_eq!(done.status, Some(0), "{}", done.err);
    app.caught_up().await;
    for code in ["130202", "130200", "130000", "130104"] {
        let arguments = format!("query: \"下雪\", region: \"{code}\"");
        assert_eq!(found(&app.anon, &arguments).await, ["旧城记"], "{code}");
    }
    // When the rows of the edition before go.
    app.app.clock.set(redian::clock::Clock::default().now() + TimeDelta::minutes(2));
    app.app.file_anew().await.unwrap();
    assert_eq!(found(&app.anon, "query: \"下雪\", region: \"130100\"").await, [""; 0]);
    assert_eq!(found(&app.anon, "query: \"下雪\", region: \"130200\"").await, ["旧城记"]);
}

#[tokio::test]
async fn words_of_the_newsroom_are_not_cut_also_on_other_instances() {
    let app = TestApp::start().await;
    let other = app.second_server().await;
    make::article("甲").with("body", "低空和经济").published(&app).await;
    app.advance(TimeDelta::minutes(1));
    other.advance(TimeDelta::minutes(1));
    make::article("乙").with("body", "低空经济").published(&app).await;
    let before = terms(&app.anon, "低空经济").await;
    assert_eq!(before, ["低空", "经济"]);
    assert_eq!(found(&app.anon, "query: \"低空经济\"").await, ["乙", "甲"]);
    let input = json!({ "words": ["低空經濟", "低空经济", "人形机器人"] });
    let added = app.editor.mutate("addSearchWords", input.clone(), "words").await;
    assert_eq!(added.data("/addSearchWords/words"), &json!(["低空经济", "人形机器人"]));
    other.caught_up().await;
    for server in [&app, &other] {
        assert_eq!(terms(&server.anon, "低空经济").await, ["低空经济"]);
        assert_eq!(found(&server.anon, "query: \"低空经济\"").await, ["乙"]);
    }
    app.editor.mutate("addSearchWords", input, "words").await.user_errors();
    let words = app.editor.query("{ searchWords }").await;
    assert_eq!(words.data("/searchWords"), &json!(["人形机器人", "低空经济"]));
    assert_eq!(app.anon.query("{ searchWords }").await.code(), "UNAUTHENTICATED");
    let input = json!({ "words": ["低空经济"] });
    app.editor.mutate("removeSearchWords", input, "words").await.user_errors();
    other.caught_up().await;
    for server in [&app, &other] {
        assert_eq!(terms(&server.anon, "低空经济").await, before);
    }
}

#[tokio::test]
async fn words_that_could_not_be_cut_are_refused() {
    let app = TestApp::quiet().await;
    let many = vec!["甲乙"; 101];
    for words in [
        json!([]),
        json!(["甲"]),
        json!(["甲乙", "OpenAI"]),
        json!(["甲 乙"]),
        json!(["甲，乙"]),
        json!(["长".repeat(21)]),
        json!(many),
    ] {
        let answer = app.editor.mutate("addSearchWords", json!({ "words": words }), "words").await;
        let [error] = &answer.user_errors()[..] else { panic!("{words}: {}", answer.json) };
        assert!(error.starts_with("words"), "{error}");
    }
    assert_eq!(app.editor.query("{ searchWords }").await.data("/searchWords"), &json!([]));
}
