//! Changes of the region directory, and what becomes of the articles.

use redian::article::refile;
use redian::region;
use redian::region::file;
use redian::region::plan;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::Folder;
use crate::helpers::import::import;
use crate::helpers::import::lines;
use crate::helpers::import::record;
use crate::helpers::import::run;
use crate::helpers::make;

const HEAD: &str = "code,name,level,type,parent,path,until,successor\n";
/// 桥西区 of 石家庄 becomes part of 路南区 of 唐山, which never happened.
const MERGER: &str = "130104,桥西区,county,district,,,2026-02-01,130202\n";

/// The titles of the articles of a region.
async fn titles(app: &TestApp, code: &str) -> Vec<String> {
    let query = format!("{{ region(code: \"{code}\") {{ articles {{ nodes {{ title }} }} }} }}");
    let mut titles = app.anon.query(&query).await.each("/region/articles/nodes", "title");
    titles.sort();
    titles
}

/// Stages what rows of a file change.
async fn stage(app: &TestApp, rows: &str) {
    let tree = app.app.tree();
    let file = file::parse(&format!("{HEAD}{rows}"), region::Origin::File).unwrap();
    let rows = file.over(&tree);
    let txn = app.app.db.begin_setup().await.unwrap();
    region::stage(&txn, tree.edition(), plan::plan(&tree, rows)).await.unwrap();
    txn.commit().await.unwrap();
}

async fn finish(app: &TestApp) {
    refile::run(&app.app.db, &app.app.clock, |_| ()).await.unwrap();
    app.app.refresh_tree().await.unwrap();
}

#[tokio::test]
async fn a_running_server_follows_a_loaded_file() {
    let app = TestApp::start().await;
    make::article("旧城记").about(&["130104"]).published(&app).await;
    let folder = Folder::new();
    let path = folder.write("changes.csv", format!("{HEAD}{MERGER}"));
    let asked = run(&app.database.url, &["regions", "load", &path]).await;
    assert_eq!(asked.status, Some(1), "{}", asked.err);
    assert!(
        asked.out.contains("- 130104 桥西区 closed 2026-02-01, successor 130202"),
        "{}",
        asked.out
    );
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    assert_eq!(titles(&app, "130100").await, ["旧城记"]);
    let done = run(&app.database.url, &["regions", "load", "--yes", &path]).await;
    assert_eq!(done.status, Some(0), "{}", done.err);
    assert!(done.out.contains("1 articles were filed anew"), "{}", done.out);
    let query = "{ region(code: \"130104\") { code predecessors { code name validUntil } } }";
    let follows = async {
        while app.anon.query(query).await.data("/region/code") != "130202" {
            tokio::task::yield_now().await;
        }
    };
    // Half a second as a rule; the limit only ends a test that would wait for ever.
    tokio::time::timeout(std::time::Duration::from_secs(30), follows).await.unwrap();
    let answer = app.anon.query(query).await;
    let closed = json!([{ "code": "130104", "name": "桥西区", "validUntil": "2026-02-01" }]);
    assert_eq!(answer.data("/region/predecessors"), &closed);
    assert_eq!(titles(&app, "130100").await, [""; 0]);
    for code in ["130202", "130200", "130000"] {
        assert_eq!(titles(&app, code).await, ["旧城记"], "{code}");
    }
    let again = run(&app.database.url, &["regions", "load", "--yes", &path]).await;
    assert!(again.out.contains("0 changes"), "{}", again.out);
}

#[tokio::test]
async fn what_was_closed_answers_with_what_followed() {
    let app = TestApp::quiet().await;
    let made = make::article("旧城记").about(&["130104", "130202"]).published(&app).await;
    stage(&app, MERGER).await;
    finish(&app).await;
    let query = "{ old: region(path: \"hebei/shijiazhuang/qiaoxi\") { code path }
        list: articles(filter: { region: \"hebei/shijiazhuang/qiaoxi\" }) { nodes { title } }
        city: region(code: \"130100\") { children { code } }
        id: region(id: \"UmVnaW9uOjEzMDEwNA\") { code } }";
    let answer = app.anon.query(query).await;
    let heir = json!({ "code": "130202", "path": "hebei/tangshan/lunan" });
    assert_eq!(answer.data("/old"), &heir);
    assert_eq!(answer.data("/id/code"), "130202");
    assert_eq!(answer.each("/list/nodes", "title"), ["旧城记"]);
    assert!(!answer.each("/city/children", "code").contains(&"130104".to_owned()));
    // Given both, it is in the one once.
    let query = format!("{{ article(id: \"{}\") {{ regions {{ code }} }} }}", made.id);
    assert_eq!(app.anon.query(&query).await.each("/article/regions", "code"), ["130202"]);
    // A client that does not know yet.
    let late = make::article("后来的").about(&["130104"]).published(&app).await;
    let query = format!("{{ article(id: \"{}\") {{ regions {{ code }} }} }}", late.id);
    assert_eq!(app.anon.query(&query).await.each("/article/regions", "code"), ["130202"]);
}

#[tokio::test]
async fn readers_see_the_old_directory_until_all_is_filed_and_any_instance_carries_on() {
    let app = TestApp::quiet().await;
    let many: Vec<Value> = (0..700)
        .map(|number| {
            record(json!({
                "externalId": number.to_string(), "title": format!("第{number}篇"),
                "body": format!("第{number}段。"), "regions": ["130104"],
            }))
        })
        .collect();
    import(&app, &lines(&many)).await;
    stage(&app, MERGER).await;
    // The first instance ends after one batch.
    let (db, clock) = (app.app.db.clone(), app.app.clock.clone());
    let batches = std::sync::atomic::AtomicU32::new(0);
    let cut_off = tokio::spawn(async move {
        let cut = |_| assert_eq!(batches.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
        refile::run(&db, &clock, cut).await
    });
    assert!(cut_off.await.unwrap_err().is_panic());
    let count = |code: &str| {
        let query = format!("{{ region(code: \"{code}\") {{ articleCount {{ value }} }} }}");
        let app = &app;
        async move { app.anon.query(&query).await.data("/region/articleCount/value").as_u64() }
    };
    assert_eq!((count("130100").await, count("130200").await), (Some(700), Some(0)));
    // Editors go on meanwhile, among what is filed already and what is not.
    let fresh = make::article("新的").about(&["130104"]).published(&app).await;
    let moved =
        app.editor.query("{ articles(first: 1, orderBy: OLDEST) { nodes { id version } } }");
    let moved = moved.await.data("/articles/nodes/0").clone();
    let input = json!({ "id": moved["id"], "version": moved["version"], "regions": ["110101"] });
    let answer = app.editor.mutate("updateArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    let gone = app.editor.query("{ articles(first: 2, orderBy: OLDEST) { nodes { id } } }").await;
    let input = json!({ "id": gone.data("/articles/nodes/1/id") });
    let answer = app.editor.mutate("withdrawArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    assert_eq!((count("130100").await, count("130200").await), (Some(699), Some(0)));
    let other = app.second_instance().await;
    refile::run(&other.db, &other.clock, |_| ()).await.unwrap();
    // This instance reads the edition before until it hears of the switch.
    assert_eq!((count("130100").await, count("130200").await), (Some(699), Some(0)));
    // What it writes is filed under the new one.
    let late = make::article("更晚的").about(&["130104"]).published(&app).await;
    app.app.refresh_tree().await.unwrap();
    assert_eq!((count("130100").await, count("130200").await), (Some(0), Some(700)));
    assert_eq!(count("110100").await, Some(1));
    for made in [fresh, late] {
        let query = format!("{{ article(id: \"{}\") {{ regions {{ code }} }} }}", made.id);
        assert_eq!(app.anon.query(&query).await.each("/article/regions", "code"), ["130202"]);
    }
    // A minute later the rows of the edition before are gone, and nothing else.
    app.advance(chrono::TimeDelta::minutes(2));
    app.app.file_anew().await.unwrap();
    assert_eq!((count("130100").await, count("130200").await), (Some(0), Some(700)));
}

#[tokio::test]
async fn a_region_of_the_newsroom_that_moves_takes_its_articles_along() {
    let app = TestApp::quiet().await;
    let region = |code: &str, parent: Option<&str>, path: &str| {
        let level = if parent.is_some() { "prefecture" } else { "province" };
        json!({ "type": "region", "code": code, "name": code, "level": level, "parent": parent,
                "path": path })
    };
    let north = [region("north", None, "north"), region("south", None, "south")];
    import(&app, &lines(&north)).await;
    import(&app, &lines(&[region("town", Some("north"), "north/town")])).await;
    app.app.refresh_tree().await.unwrap();
    make::article("镇上").about(&["town"]).published(&app).await;
    assert_eq!(titles(&app, "north").await, ["镇上"]);
    import(&app, &lines(&[region("town", Some("south"), "south/town")])).await;
    app.app.refresh_tree().await.unwrap();
    assert_eq!(titles(&app, "north").await, [""; 0]);
    assert_eq!(titles(&app, "south").await, ["镇上"]);
    let answer = app.anon.query("{ region(path: \"north/town\") { path } }").await;
    assert_eq!(answer.data("/region/path"), "south/town");
}

#[tokio::test]
async fn a_file_that_is_not_sound_changes_nothing_and_every_fault_is_told() {
    let app = TestApp::quiet().await;
    let folder = Folder::new();
    for (rows, fault) in [
        ("130199,新,county,district,130100,hebei/xin\n", "`path` must be hebei/shijiazhuang/"),
        ("130199,新区,county,district,139900,x\n", "there is no region 139900"),
        ("130199,桥西区,county,district,130100,hebei/shijiazhuang/x\n", "sibling has the same"),
        ("130199,新区,city,district,130100,x\n", "Line 2: `level` must be"),
        ("130199,新区,county,town,130100,x\n", "Line 2: `town` is not a type"),
        ("130199,新区,county\n", "Line 2: it has 3 columns"),
        ("130000,河北省,province,province,,hebei,2026,\n", "its parent 130000 is closed"),
        ("130104,桥西区,county,district,,,2026,139999\n", "there is no region 139999"),
        ("110199,甲,county,district,130100,hebei/shijiazhuang/jia\n", "must begin like that"),
    ] {
        // Short rows leave out the last columns.
        let head = if rows.matches(',').count() == 7 {
            HEAD
        } else {
            "code,name,level,type,parent,path\n"
        };
        let path = folder.write("wrong.csv", format!("{head}{rows}"));
        let run = run(&app.database.url, &["regions", "load", "--yes", &path]).await;
        assert_eq!(run.status, Some(1), "{rows}");
        assert!(run.err.contains(fault), "{rows}: {}", run.err);
    }
    for (file, fault) in [
        ("code,name,level,type,untill\n130199,新区,county,district,\n", "Line 1: `untill`"),
        ("id,name,level\n1,新区,county\n", "Line 1: the columns code, type are missing"),
        ("code,name,level,type\n", "no rows"),
        ("", "Line 1: the columns"),
        (
            "code,name,level,type,until\n130104,桥西区,county,district,soon\n",
            "`until` must be a date",
        ),
    ] {
        let path = folder.write("wrong.csv", file);
        for command in [&["regions", "check"][..], &["regions", "load", "--yes"]] {
            let run = run(&app.database.url, &[command, &[&path]].concat()).await;
            assert_eq!(run.status, Some(1), "{file}");
            assert!(run.err.contains(fault), "{file}: {}", run.err);
        }
    }
    let missing = run(&app.database.url, &["regions", "load", "--yes", "no/such.csv"]).await;
    assert!(missing.err.contains("no such file"), "{}", missing.err);
    assert_eq!(region::edition(&app.app.db.read).await.unwrap(), 1);
}

#[tokio::test]
async fn what_others_became_part_of_can_be_closed_in_turn() {
    let app = TestApp::quiet().await;
    let folder = Folder::new();
    let closed = format!("{HEAD}130503,信都区,county,district,,,2026-02-01,130502\n");
    let path = folder.write("closed.csv", closed);
    let check = run(&app.database.url, &["regions", "check", &path]).await;
    assert_eq!(check.status, Some(0), "{}", check.err);
    let load = run(&app.database.url, &["regions", "load", "--yes", &path]).await;
    assert_eq!(load.status, Some(0), "{}", load.err);
    app.app.refresh_tree().await.unwrap();
    // 邢台县 became 信都区, which became 襄都区.
    let answer = app.anon.query("{ region(code: \"130521\") { code } }").await;
    assert_eq!(answer.data("/region/code"), "130502");
}

#[tokio::test]
async fn a_rejection_outlasts_a_merger() {
    let app = TestApp::quiet().await;
    let selection = "article { id version regions { code } regionTags { region { code } state } }";
    let input = json!({
        "title": "旧城记", "body": "石家庄市桥西区的老街。", "detectRegions": true,
    });
    let made = app.editor.mutate("createArticle", input, selection).await;
    let made = made.data("/createArticle/article").clone();
    assert_eq!(made["regions"], json!([{ "code": "130104" }]));
    let input = json!({ "id": made["id"], "version": 1, "regions": ["130104"] });
    app.editor.mutate("rejectRegions", input, selection).await.data("/rejectRegions/article");
    stage(&app, MERGER).await;
    finish(&app).await;
    let input = json!({
        "id": made["id"], "version": 2, "body": "唐山市路南区的老街。", "detectRegions": true,
    });
    let again = app.editor.mutate("updateArticle", input, selection).await;
    let again = again.data("/updateArticle/article").clone();
    assert_eq!(again["regions"], json!([]));
    let tag = json!([{ "region": { "code": "130202" }, "state": "REJECTED" }]);
    assert_eq!(again["regionTags"], tag);
    // Under its former code as well.
    let input = json!({ "id": made["id"], "version": 3, "regions": ["130104"] });
    let back = app.editor.mutate("confirmRegions", input, selection).await;
    let regions = json!([{ "code": "130202" }]);
    assert_eq!(back.data("/confirmRegions/article/regions"), &regions);
}

#[tokio::test]
async fn nothing_is_filed_under_what_was_closed_without_a_successor() {
    let app = TestApp::quiet().await;
    let input = json!({ "title": "旧事", "body": "一", "regions": ["130103"] });
    let answer = app.editor.mutate("createArticle", input, "article { id }").await;
    assert_eq!(answer.user_errors(), ["regions: NOT_FOUND"]);
}

#[tokio::test]
async fn closed_regions_of_the_newsroom_are_exported_and_imported_again() {
    let app = TestApp::quiet().await;
    let old = json!({ "type": "region", "code": "a-old", "name": "旧港", "level": "province",
                      "path": "old-harbour" });
    let new = json!({ "type": "region", "code": "b-new", "name": "新港", "level": "province",
                      "path": "new-harbour" });
    import(&app, &lines(&[old.clone(), new])).await;
    make::article("船讯").about(&["110101"]).published(&app).await;
    let mut closed = old;
    (closed["until"], closed["successor"]) = (json!("2026-01-01"), json!("b-new"));
    import(&app, &lines(&[closed])).await;
    let export = run(&app.database.url, &["export"]).await.out;
    let again = import(&app, &export).await;
    assert!(again.err.contains("0 channels or regions changed"), "{}", again.err);
    let copy = TestApp::quiet().await;
    import(&copy, &export).await;
    assert_eq!(run(&copy.database.url, &["export"]).await.out, export);
}

#[tokio::test]
async fn a_database_with_a_later_directory_is_left_alone() {
    let app = TestApp::quiet().await;
    let (db, edition) = (&app.app.db, app.app.tree().edition());
    let set = |version: &str| {
        let version = version.to_owned();
        async move {
            let txn = db.begin().await.unwrap();
            region::set(&txn, "region_directory_version", version).await.unwrap();
            txn.commit().await.unwrap();
        }
    };
    stage(&app, "130104,桥西新区,county,district,130100,hebei/shijiazhuang/qiaoxi,,\n").await;
    finish(&app).await;
    set("99").await;
    assert!(!region::load::builtin(db).await.unwrap());
    // One that is behind takes this version, but for what an operator loaded.
    set("0").await;
    assert!(region::load::builtin(db).await.unwrap());
    finish(&app).await;
    assert_eq!(app.app.tree().edition(), edition + 1);
    assert_eq!(app.app.tree().get("130104").unwrap().name, "桥西新区");
    assert!(!region::load::builtin(db).await.unwrap());
}

#[tokio::test]
async fn what_a_file_has_no_column_for_stays() {
    let app = TestApp::quiet().await;
    let folder = Folder::new();
    let head = "code,name,level,type,parent,path";
    let row = "130104,桥西区,county,county_city,130100,hebei/shijiazhuang/qiaoxi";
    let path = folder.write("short.csv", format!("{head}\n{row}\n"));
    let load = run(&app.database.url, &["regions", "load", "--yes", &path]).await;
    assert!(load.out.starts_with("~ 130104 桥西区: type district → county_city\n"), "{}", load.out);
    app.app.refresh_tree().await.unwrap();
    let answer = app.anon.query("{ region(code: \"130104\") { shortName pinyin } }").await;
    let kept = json!({ "shortName": "桥西", "pinyin": "qiao xi qu" });
    assert_eq!(answer.data("/region"), &kept);
    // An empty cell clears.
    let path = folder.write("clear.csv", format!("{head},pinyin\n{row},\n"));
    run(&app.database.url, &["regions", "load", "--yes", &path]).await;
    app.app.refresh_tree().await.unwrap();
    let answer = app.anon.query("{ region(code: \"130104\") { pinyin } }").await;
    assert!(answer.data("/region/pinyin").is_null());
}
