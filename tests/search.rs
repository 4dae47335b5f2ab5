//! Search: which articles are found, what is shown of them, and that nobody finds what readers
//! do not see.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::dice::Dice;
use crate::helpers::import::import;
use crate::helpers::make;

const FIND: &str = "query($query: String!) {
    searchArticles(query: $query) { nodes { title } } }";

async fn found(client: &Client, query: &str) -> Vec<String> {
    let answer = client.query_with(FIND, json!({ "query": query })).await;
    answer.each("/searchArticles/nodes", "title")
}

async fn found_with(client: &Client, arguments: &str) -> Vec<String> {
    let query = format!("{{ searchArticles({arguments}) {{ nodes {{ title }} }} }}");
    client.query(&query).await.each("/searchArticles/nodes", "title")
}

/// Articles of these titles and texts, one a minute.
async fn articles(app: &TestApp, articles: &[(&str, &str)]) {
    for (title, body) in articles {
        make::article(title).with("body", *body).published(app).await;
        app.advance(TimeDelta::minutes(1));
    }
}

/// An article to be imported; all are published at the same instant.
fn line(title: &str, body: &str) -> String {
    let at = "2026-02-01T08:00:00Z";
    format!("{}\n", json!({ "type": "article", "title": title, "body": body, "publishedAt": at }))
}

#[tokio::test]
async fn articles_are_found_by_words_however_they_are_written() {
    let app = TestApp::start().await;
    let texts = [
        ("一", "英伟达发布新的ＡＩ芯片，黄仁勋说：2026 年量产。"),
        ("二", "臺灣的晶片工廠，與OpenAI合作。"),
        ("三", "北京大学的人工\u{200b}智能😜课程，Café 里也能上。"),
        ("四", "总理李强调研，汽车销量 12.5 万辆。"),
        ("五", "iPhone15 与 GPT-4 都涨价了。人工费，智能锁。"),
    ];
    articles(&app, &texts).await;
    for (query, expected) in [
        ("芯片", "一"),
        ("英伟达", "一"),
        ("黄仁勋", "一"),
        ("ai", "一"),
        ("AI芯片", "一"),
        ("2026年", "一"),
        ("台湾", "二"),
        ("臺灣", "二"),
        ("為芯片說", ""),
        ("量産", "一"),
        ("説：2026", "一"),
        ("工厂", "二"),
        ("ＯＰＥＮＡＩ", "二"),
        ("open", ""),
        ("北京", "三"),
        ("大学", "三"),
        ("人工智能", "三"),
        ("cafe", "三"),
        ("李强", "四"),
        ("车", "四"),
        ("12.5", "四"),
        ("12", "四"),
        ("2", ""),
        ("iphone", "五"),
        ("gpt4", "五"),
        ("GPT-4", "五"),
        ("人工 智能", "五 三"),
        ("\"人工智能\"", "三"),
        ("智能 -人工智能", "五"),
        ("智能 -锁", "三"),
        ("智能 -“智能锁”", "三"),
        ("芯片 手机", ""),
        ("鎓鎓鎓", ""),
        ("zzz 芯片", ""),
        ("的", "三 二 一"),
        ("-芯片", ""),
        ("", ""),
        ("！？\" -", ""),
        ("' OR 1=1 --", ""),
        ("\"*\" NEAR(a b) ^{col}:x", ""),
        ("\\' & | ! ( ) :*", ""),
    ] {
        assert_eq!(found(&app.anon, query).await.join(" "), expected, "{query}");
    }
}

#[tokio::test]
async fn only_what_readers_see_is_found_also_by_editors() {
    let app = TestApp::start().await;
    let body = |title: &str| make::article(title).with("body", "机密芯片");
    body("稿").draft(&app).await;
    let withdrawn = body("撤").published(&app).await;
    make::withdraw(&app, &withdrawn).await;
    let deleted = body("删").published(&app).await;
    make::delete(&app, &deleted).await;
    let soon = app.in_time(TimeDelta::minutes(10));
    let later = app.in_time(TimeDelta::minutes(20));
    body("期").published_with(&app, json!({ "publishAt": soon, "unpublishAt": later })).await;
    let all = [&app.anon, &app.editor];
    for client in all {
        assert_eq!(found(client, "芯片").await, [""; 0]);
    }
    app.advance(TimeDelta::minutes(10));
    for client in all {
        assert_eq!(found(client, "芯片").await, ["期"]);
    }
    app.advance(TimeDelta::minutes(10));
    for client in all {
        assert_eq!(found(client, "芯片").await, [""; 0]);
    }
    make::publish(&app, &withdrawn, json!({})).await;
    assert_eq!(found(&app.anon, "芯片").await, ["撤"]);
    let total = "{ searchArticles(query: \"芯片\") { total { value relation } } }";
    let expected = json!({ "value": 1, "relation": "EXACT" });
    assert_eq!(app.anon.query(total).await.data("/searchArticles/total"), &expected);
}

#[tokio::test]
async fn a_change_changes_what_is_found_at_once() {
    let app = TestApp::start().await;
    let made = make::article("旧题").with("body", "旧文").published(&app).await;
    assert_eq!(found(&app.anon, "旧题").await, ["旧题"]);
    assert_eq!(found(&app.anon, "新文").await, [""; 0]);
    let input = json!({
        "id": made.id, "version": made.version, "title": "新题", "body": "新文",
    });
    app.editor.mutate("updateArticle", input, "").await.user_errors();
    assert_eq!(found(&app.anon, "旧文").await, [""; 0]);
    assert_eq!(found(&app.anon, "新文").await, ["新题"]);
    assert_eq!(found(&app.anon, "新题").await, ["新题"]);
}

#[tokio::test]
async fn regions_and_times_narrow_what_is_found() {
    let app = TestApp::start().await;
    for (title, code) in [("石", "130100"), ("桥", "130104"), ("京", "110000")] {
        make::article(title).with("body", "下雪了").about(&[code]).published(&app).await;
        app.advance(TimeDelta::minutes(1));
    }
    let at = |minute: i64| app.in_time(TimeDelta::minutes(minute - 3));
    for (arguments, expected) in [
        ("".into(), "京 桥 石"),
        (", region: \"130000\"".into(), "桥 石"),
        (", region: \"hebei/shijiazhuang/qiaoxi\"".into(), "桥"),
        (", region: \"440000\"".into(), ""),
        (", region: \"nowhere\"".into(), ""),
        (format!(", from: \"{}\"", at(1)), "京 桥"),
        (format!(", to: \"{}\"", at(1)), "石"),
        (format!(", from: \"{}\", to: \"{}\"", at(1), at(2)), "桥"),
        (format!(", from: \"{}\", region: \"130000\", order: RELEVANCE", at(1)), "桥"),
    ] {
        let arguments = format!("query: \"下雪\"{arguments}");
        assert_eq!(found_with(&app.anon, &arguments).await.join(" "), expected, "{arguments}");
    }
}

#[tokio::test]
async fn by_relevance_titles_come_first_then_beginnings() {
    let app = TestApp::start().await;
    let far = format!("{}地铁开通", "无".repeat(300));
    let texts = [
        ("地铁开通", "今天。"),
        ("远", far.as_str()),
        ("地铁", "开通了。"),
        ("近", "地铁今天开通。"),
        ("地铁又开通", "今天。"),
    ];
    articles(&app, &texts).await;
    let newest = found_with(&app.anon, "query: \"地铁 开通\"").await;
    assert_eq!(newest, ["地铁又开通", "近", "地铁", "远", "地铁开通"]);
    let best = found_with(&app.anon, "query: \"地铁 开通\", order: RELEVANCE").await;
    assert_eq!(best, ["地铁又开通", "地铁开通", "近", "地铁", "远"]);
}

#[tokio::test]
async fn pages_of_both_orders_are_the_whole_list_once() {
    let app = TestApp::start().await;
    // Some have both pairs of 人工智 and not the word, and some share an instant.
    for number in 0..40 {
        let title =
            if number % 3 == 0 { format!("人工智{number}") } else { format!("题{number}") };
        let body = if number % 5 == 0 { "人工，工智" } else { "都是人工智能" };
        make::article(&title).with("body", body).published(&app).await;
        app.advance(TimeDelta::milliseconds(number % 2));
    }
    let whole = found_with(&app.anon, "query: \"\\\"人工智\\\"\", first: 100").await;
    assert_eq!(whole.len(), 40 - 5);
    for order in ["NEWEST", "RELEVANCE"] {
        let whole =
            found_with(&app.anon, &format!("query: \"人工智\", first: 100, order: {order}")).await;
        let (mut pages, mut after) = (Vec::new(), Value::Null);
        for page in 1.. {
            let query = format!(
                "{{ searchArticles(query: \"人工智\", first: 7, order: {order}, after: {after}) {{
                    nodes {{ title }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }}"
            );
            let answer = app.anon.query(&query).await;
            pages.extend(answer.each("/searchArticles/nodes", "title"));
            let info = answer.data("/searchArticles/pageInfo");
            assert_eq!(info["hasPreviousPage"], page > 1);
            after = info["endCursor"].clone();
            if info["hasNextPage"] == false {
                assert_eq!(page, 5);
                break;
            }
        }
        assert_eq!(pages, whole);
        let mut once = pages.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), 35);
    }
}

#[tokio::test]
async fn what_is_found_is_shown_with_its_words_marked_and_told_how_it_was_understood() {
    let app = TestApp::start().await;
    let body = format!("{}国产<ＡＩ>芯片，好。{}", "前".repeat(100), "后".repeat(200));
    make::article("芯片与 AI").with("body", body).published(&app).await;
    let query = "{ searchArticles(query: \"AI芯片 -\\\"手 机\\\"\") {
        edges { title { text matched } snippet { text matched } }
        terms { text excluded quoted } total { value relation } } }";
    let answer = app.anon.query(query).await;
    let title = json!([
        { "text": "芯片", "matched": true },
        { "text": "与 ", "matched": false },
        { "text": "AI", "matched": true },
    ]);
    assert_eq!(answer.data("/searchArticles/edges/0/title"), &title);
    let snippet = answer.data("/searchArticles/edges/0/snippet").as_array().unwrap();
    let text: String = snippet.iter().map(|piece| piece["text"].as_str().unwrap()).collect();
    assert!(text.starts_with("…前前") && text.ends_with("后…"), "{text}");
    let matched = snippet.iter().filter(|piece| piece["matched"] == true);
    let matched: Vec<&str> = matched.map(|piece| piece["text"].as_str().unwrap()).collect();
    assert_eq!(matched, ["ＡＩ", "芯片"]);
    let terms = json!([
        { "text": "ai", "excluded": false, "quoted": false },
        { "text": "芯片", "excluded": false, "quoted": false },
        { "text": "手 机", "excluded": true, "quoted": true },
    ]);
    assert_eq!(answer.data("/searchArticles/terms"), &terms);
}

#[tokio::test]
async fn totals_are_exact_as_far_as_it_costs_little_and_say_so() {
    let app = TestApp::start().await;
    let mut lines = String::new();
    for number in 0..1_010 {
        let word = if number < 120 { "英伟达" } else { "别的" };
        let word = if number < 90 { "黄仁勋英伟达" } else { word };
        lines.push_str(&line(&format!("第{number}篇"), word));
    }
    // These have its pairs of characters, and not the word.
    lines.push_str(&line("诱", "黄仁，仁勋"));
    assert_eq!(import(&app, &lines).await.status, Some(0));
    app.caught_up().await;
    for (query, value, relation) in [
        ("别的", 890, "EXACT"),
        ("篇", 1_000, "AT_LEAST"),
        ("英伟达", 120, "ABOUT"),
        ("黄仁勋", 90, "EXACT"),
        ("没有", 0, "EXACT"),
    ] {
        let total = format!(
            "{{ searchArticles(query: \"{query}\", first: 1) {{ total {{ value relation }} }} }}"
        );
        let expected = json!({ "value": value, "relation": relation });
        assert_eq!(
            app.anon.query(&total).await.data("/searchArticles/total"),
            &expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_article_without_letters_is_an_article_too() {
    let app = TestApp::start().await;
    make::article("！！！").with("body", "😀").about(&["110000"]).published(&app).await;
    let lines = json!({ "type": "article", "title": "？？", "body": "", "regions": ["110000"] });
    assert_eq!(import(&app, &format!("{lines}\n")).await.status, Some(0));
    assert_eq!(found_with(&app.anon, "query: \"！\", region: \"110000\"").await, [""; 0]);
    assert_eq!(found(&app.anon, "的 -股市").await, [""; 0]);
}

#[tokio::test]
async fn of_a_very_long_text_the_first_100_000_characters_are_found() {
    let app = TestApp::start().await;
    let mut dice = Dice(5);
    let mut any = |length: usize| -> String {
        let sign = |_| char::from_u32(0x5000 + u32::try_from(dice.below(16_000)).unwrap()).unwrap();
        (0..length).map(sign).collect()
    };
    let body = format!("{}，early，{}，late，{}", any(99_000), any(2_000), any(20_000));
    make::article("长").with("body", body).published(&app).await;
    assert_eq!(found(&app.anon, "early").await, ["长"]);
    assert_eq!(found(&app.anon, "late").await, [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let long = "长".repeat(201);
    let many: Vec<String> = (0..21).map(|number| format!("{number}x")).collect();
    for (arguments, sentence) in [
        (format!("query: \"{long}\""), "`query` may have at most 200 characters"),
        (format!("query: \"{}\"", many.join(" ")), "ask for at most 20"),
        ("query: \"a\", first: 0".into(), "`first` must be from 1 to 100"),
        ("query: \"a\", first: 101".into(), "`first` must be from 1 to 100"),
        ("query: \"a\", after: \"x\"".into(), "`after` is not a cursor"),
        ("query: \"a\", from: \"+12026-01-01T00:00:00Z\"".into(), "`from` must be"),
    ] {
        let query = format!("{{ searchArticles({arguments}) {{ nodes {{ title }} }} }}");
        let answer = app.anon.query(&query).await;
        let message = answer.json["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(sentence), "{arguments}: {}", answer.json);
    }
}

#[tokio::test]
async fn any_text_is_found_by_any_part_of_it_and_by_nothing_else() {
    let app = TestApp::start().await;
    let mut dice = Dice(20_261_128);
    // Few characters, so that chance makes words; no particles, and nothing that joins.
    let letters: Vec<char> = "甲乙丙丁戊".chars().collect();
    let text = |length: u64, dice: &mut Dice| -> String {
        let pick = |dice: &mut Dice| letters[usize::try_from(dice.below(5)).unwrap()];
        (0..length).map(|_| pick(dice)).collect()
    };
    let mut lines = String::new();
    let mut texts = Vec::new();
    for number in 0..200 {
        let body = text(12, &mut dice);
        let title = format!("T{number}");
        lines.push_str(&line(&title, &body));
        texts.push((title, body));
    }
    assert_eq!(import(&app, &lines).await.status, Some(0));
    app.caught_up().await;
    for _ in 0..150 {
        let (wanted, unwanted) = (1 + dice.below(4), 1 + dice.below(3));
        let (wanted, unwanted) = (text(wanted, &mut dice), text(unwanted, &mut dice));
        let query = format!("query: \"\\\"{wanted}\\\" -\\\"{unwanted}\\\"\", first: 100");
        let mut expected: Vec<&str> = texts
            .iter()
            .filter(|(_, body)| body.contains(&wanted) && !body.contains(&unwanted))
            .map(|(title, _)| title.as_str())
            .collect();
        if expected.len() > 100 {
            continue;
        }
        let mut found = found_with(&app.anon, &query).await;
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{wanted} -{unwanted}");
    }
}
