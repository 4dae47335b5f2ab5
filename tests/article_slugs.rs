//! Slugs: readable, stable, never given twice.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::TestApp;
use crate::helpers::make;

async fn create(app: &TestApp, title: &str, slug: Option<&str>) -> Answer {
    let input = json!({ "title": title, "body": "文", "slug": slug });
    app.editor.mutate("createArticle", input, "article { id slug }").await
}

async fn slug_of(app: &TestApp, title: &str) -> String {
    let answer = create(app, title, None).await;
    answer.data("/createArticle/article/slug").as_str().unwrap().to_owned()
}

#[tokio::test]
async fn titles_of_any_script_give_readable_ascii_slugs() {
    let app = TestApp::start().await;
    let cases = [
        ("石家庄地铁", "shi-jia-zhuang-di-tie"),
        ("河北省发布暴雨红色预警！", "he-bei-sheng-fa-bu-bao-yu-hong-se-yu-jing"),
        ("2026年GDP增长6.1%", "2026-nian-gdp-zeng-zhang-6-1"),
        ("五万广阳区市民用AI修图", "wu-wan-guang-yang-qu-shi-min-yong-ai-xiu-tu"),
        ("Breaking News: Hello, World", "breaking-news-hello-world"),
        ("Ünïcödé & Straße", "unicode-strasse"),
        ("Москва", "moskva"),
    ];
    for (title, slug) in cases {
        assert_eq!(slug_of(&app, title).await, slug, "{title}");
    }
}

#[tokio::test]
async fn long_titles_are_cut_between_words() {
    let app = TestApp::start().await;
    let slug = slug_of(&app, &"北京新闻".repeat(60)).await;
    assert!(slug.len() <= 72 && slug.len() > 60, "{slug}");
    let syllables = ["bei", "jing", "xin", "wen"];
    assert!(slug.split('-').all(|part| syllables.contains(&part)), "{slug}");
    let slug = slug_of(&app, &"a".repeat(300)).await;
    assert!(slug.chars().all(|c| c == 'a') && slug.len() <= 73, "{slug}");
}

#[tokio::test]
async fn a_title_without_anything_readable_gives_a_slug_of_its_own() {
    let app = TestApp::start().await;
    let mut slugs = Vec::new();
    for title in ["！！！", "……", "！！！"] {
        let slug = slug_of(&app, title).await;
        let (word, id) = slug.split_once('-').unwrap();
        assert_eq!((word, id.len()), ("article", 12), "{slug}");
        assert!(!slugs.contains(&slug), "{slug}");
        slugs.push(slug);
    }
}

#[tokio::test]
async fn the_same_title_again_gets_a_number() {
    let app = TestApp::start().await;
    for slug in ["ri-bao", "ri-bao-2", "ri-bao-3", "ri-bao-4", "ri-bao-5", "ri-bao-6"] {
        assert_eq!(slug_of(&app, "日报").await, slug);
    }
    create(&app, "别的", Some("wan-bao-2")).await;
    assert_eq!(slug_of(&app, "晚报").await, "wan-bao");
    assert_eq!(slug_of(&app, "晚报").await, "wan-bao-3");
}

#[tokio::test]
async fn the_same_title_many_times_at_once_gives_different_slugs() {
    let app = TestApp::start().await;
    let creations: Vec<_> = (0..8)
        .map(|_| {
            let client = app.editor.clone();
            let input = json!({ "title": "日报", "body": "" });
            tokio::spawn(
                async move { client.mutate("createArticle", input, "article { slug }").await },
            )
        })
        .collect();
    let mut slugs = Vec::new();
    for creation in creations {
        let answer = creation.await.unwrap();
        slugs.push(answer.data("/createArticle/article/slug").as_str().unwrap().to_owned());
    }
    slugs.sort();
    let expected: Vec<String> = (2..9).map(|number| format!("ri-bao-{number}")).collect();
    assert_eq!(slugs[0], "ri-bao");
    assert_eq!(slugs[1..], expected);
}

#[tokio::test]
async fn a_chosen_slug_may_be_of_any_script_and_is_found() {
    let app = TestApp::start().await;
    for slug in ["石家庄地铁", "été-2026", "a_b.c~d", "UPPER", "日報-1", "𠮷野"] {
        let answer = create(&app, "题", Some(slug)).await;
        assert_eq!(answer.user_errors(), [""; 0], "{slug}");
        assert_eq!(answer.data("/createArticle/article/slug"), slug);
        let query = "query($slug: String) { article(slug: $slug) { slug } }";
        let found = app.editor.query_with(query, json!({ "slug": slug })).await;
        assert_eq!(found.data("/article/slug"), slug);
        let other_case = slug.to_lowercase();
        if other_case != slug {
            let found = app.editor.query_with(query, json!({ "slug": other_case })).await;
            assert_eq!(found.data("/article"), &Value::Null);
        }
    }
}

#[tokio::test]
async fn a_slug_that_another_article_has_or_had_is_taken_for_ever() {
    let app = TestApp::start().await;
    let holder = make::article("甲").with("slug", "today").published(&app).await;
    let holder = make::renamed(&app, &holder, "tomorrow").await;
    let other = make::article("乙").draft(&app).await;
    let refused = async |when: &str| {
        for slug in ["today", "tomorrow"] {
            let answer = create(&app, "丙", Some(slug)).await;
            assert_eq!(answer.user_errors(), ["slug: TAKEN"], "create {slug} {when}");
            let input = json!({ "id": other.id, "version": other.version, "slug": slug });
            let answer = app.editor.mutate("updateArticle", input, "article { id }").await;
            assert_eq!(answer.user_errors(), ["slug: TAKEN"], "update {slug} {when}");
        }
    };
    refused("while it exists").await;
    make::withdraw(&app, &holder).await;
    refused("when it is withdrawn").await;
    make::delete(&app, &holder).await;
    refused("when it is deleted").await;
    assert_eq!(slug_of(&app, "today").await, "today-2");
}

#[tokio::test]
async fn a_new_title_keeps_the_slug() {
    let app = TestApp::start().await;
    let made = make::article("旧题").draft(&app).await;
    let input = json!({ "id": made.id, "version": 1, "title": "新题" });
    let answer = app.editor.mutate("updateArticle", input, "article { slug slugs }").await;
    let expected = json!({ "slug": "jiu-ti", "slugs": ["jiu-ti"] });
    assert_eq!(answer.data("/updateArticle/article"), &expected);
}

#[tokio::test]
async fn old_slugs_go_on_answering_and_may_be_taken_up_again() {
    let app = TestApp::start().await;
    let mut made = make::article("题").with("slug", "one").published(&app).await;
    let steps = [
        ("two", vec!["one", "two"]),
        ("three", vec!["one", "two", "three"]),
        ("one", vec!["one", "two", "three"]),
        ("one", vec!["one", "two", "three"]),
    ];
    for (slug, slugs) in steps {
        app.advance(chrono::TimeDelta::minutes(1));
        made = make::renamed(&app, &made, slug).await;
        for asked in &slugs {
            let query = format!("{{ article(slug: \"{asked}\") {{ id slug slugs }} }}");
            let expected = json!({ "id": made.id, "slug": slug, "slugs": slugs });
            assert_eq!(app.anon.query(&query).await.data("/article"), &expected);
        }
    }
    let other = app.anon.query("{ article(slug: \"four\") { id } }").await;
    assert_eq!(other.data("/article"), &Value::Null);
}
