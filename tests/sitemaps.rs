//! Sitemaps: which pages they name, in how many files, and for how long.

use chrono::TimeDelta;
use reqwest::Method;
use reqwest::Url;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::import;
use crate::helpers::make;

async fn portal() -> TestApp {
    TestApp::start_with(|config| {
        config.site_name = "晨报 & 晚报".into();
        config.pages.site = Some(Url::parse("https://news.example/").unwrap());
        config.pages.article = Some("/a/{slug}".into());
        config.pages.language = "zh-cn".into();
    })
    .await
}

/// The texts of an element.
fn all<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let end = format!("</{name}>");
    let begin = format!("<{name}>");
    xml.split(&*begin).skip(1).filter_map(|part| Some(part.split_once(&*end)?.0)).collect()
}

async fn xml(app: &TestApp, path: &str) -> String {
    let answer = app.anon.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "application/xml; charset=utf-8");
    answer.text().await.unwrap()
}

/// An article of that instant, to be imported.
fn line(slug: &str, at: &str) -> String {
    let record = json!({
        "type": "article", "title": format!("题 {slug} & <b>"), "slugs": [slug], "body": "文",
        "publishedAt": at,
    });
    format!("{record}\n")
}

#[tokio::test]
async fn each_month_has_its_file_and_what_is_new_another_one() {
    let app = portal().await;
    let lines = [
        line("old", "2025-12-31T23:59:59Z"),
        line("jan", "2026-01-01T00:00:00Z"),
        line("jan2", "2026-01-31T23:59:59Z"),
        line("fresh", "2026-03-01T07:00:00Z"),
        line("later", "2026-03-05T07:00:00Z"),
    ];
    assert_eq!(import(&app, &lines.concat()).await.status, Some(0));
    make::article("稿").draft(&app).await;
    app.caught_up().await;
    let files = xml(&app, "/sitemap.xml").await;
    let expected = [
        "sitemap-news.xml",
        "sitemaps/2025-12.xml",
        "sitemaps/2026-01.xml",
        "sitemaps/2026-03.xml",
    ];
    assert_eq!(all(&files, "loc"), expected.map(|file| format!("https://news.example/{file}")));
    let january = xml(&app, "/sitemaps/2026-01.xml").await;
    let address = |slug: &str| format!("https://news.example/a/{slug}");
    assert_eq!(all(&january, "loc"), [address("jan"), address("jan2")]);
    assert_eq!(all(&january, "lastmod"), ["2026-01-01T00:00:00Z", "2026-01-31T23:59:59Z"]);
    let news = xml(&app, "/sitemap-news.xml").await;
    assert_eq!(all(&news, "loc"), [address("fresh")]);
    assert_eq!(all(&news, "news:name"), ["晨报 &amp; 晚报"]);
    assert_eq!(all(&news, "news:language"), ["zh-cn"]);
    assert_eq!(all(&news, "news:publication_date"), ["2026-03-01T07:00:00Z"]);
    assert_eq!(all(&news, "news:title"), ["题 fresh &amp; &lt;b&gt;"]);
    // When its time has come, and when others are too old.
    app.advance(TimeDelta::days(4));
    let news = xml(&app, "/sitemap-news.xml").await;
    assert_eq!(all(&news, "loc"), [address("later")]);
    assert_eq!(all(&xml(&app, "/sitemaps/2026-03.xml").await, "loc").len(), 2);
    app.advance(TimeDelta::days(3));
    assert_eq!(all(&xml(&app, "/sitemap-news.xml").await, "loc"), [""; 0]);
}

#[tokio::test]
async fn what_is_no_file_is_not_found_and_what_was_taken_down_goes() {
    let app = portal().await;
    let made = make::article("甲").with("slug", "a").published(&app).await;
    assert_eq!(all(&xml(&app, "/sitemaps/2026-03.xml").await, "loc").len(), 1);
    for path in [
        "2026-03-2.xml",
        "2026-02.xml",
        "2026-13.xml",
        "2026-03",
        "x.xml",
        "2026-3.xml",
        "+10000-01.xml",
        "2026-03-18446744073709551615.xml",
    ] {
        let answer = app.anon.get(&format!("/sitemaps/{path}")).await;
        assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"), "{path}");
    }
    make::withdraw(&app, &made).await;
    assert_eq!(app.anon.get("/sitemaps/2026-03.xml").await.status, 404);
    let unknown = TestApp::quiet().await;
    for path in ["/sitemap.xml", "/sitemap-news.xml", "/sitemaps/2026-03.xml"] {
        let answer = unknown.anon.get(path).await;
        assert_eq!((answer.status, answer.code()), (501, "NOT_CONFIGURED"));
    }
}

#[tokio::test]
async fn a_month_of_many_articles_has_several_files() {
    let app = portal().await;
    let at = "2026-02-01T00:00:00Z";
    let lines: String = (0..10_003).map(|number| line(&format!("s{number}"), at)).collect();
    assert_eq!(import(&app, &lines).await.status, Some(0));
    app.caught_up().await;
    let files = xml(&app, "/sitemap.xml").await;
    let expected = ["sitemap-news.xml", "sitemaps/2026-02.xml", "sitemaps/2026-02-2.xml"];
    assert_eq!(all(&files, "loc"), expected.map(|file| format!("https://news.example/{file}")));
    let (first, second) =
        (xml(&app, "/sitemaps/2026-02.xml").await, xml(&app, "/sitemaps/2026-02-2.xml").await);
    let mut pages = [all(&first, "loc"), all(&second, "loc")].concat();
    assert_eq!(pages.len(), 10_003);
    assert_eq!(all(&second, "loc").len(), 3);
    pages.sort_unstable();
    pages.dedup();
    assert_eq!(pages.len(), 10_003);
}
