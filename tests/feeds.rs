//! Feeds: what stands in them in each format, for whom, and when they are sent again.

use std::str::FromStr;

use chrono::TimeDelta;
use reqwest::Method;
use reqwest::StatusCode;
use reqwest::Url;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::make;

async fn portal() -> TestApp {
    TestApp::start_with(|config| {
        config.site_name = "晨报".into();
        config.pages.site = Some(Url::parse("https://news.example/").unwrap());
        config.pages.article = Some("/a/{slug}?id={id}".into());
        config.pages.language = "zh-cn".into();
    })
    .await
}

async fn text(client: &Client, path: &str) -> String {
    let answer = client.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

/// Where a feed says that it is.
fn address(links: &[atom_syndication::Link]) -> &str {
    links.iter().find(|link| link.rel() == "self").unwrap().href()
}

/// The titles of a JSON Feed.
async fn titles(client: &Client, path: &str) -> Vec<String> {
    let feed: Value = serde_json::from_str(&text(client, path).await).unwrap();
    let items = feed["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_format_tells_the_same_articles() {
    let app = portal().await;
    make::channel(&app, "news", "要闻").await;
    let made = make::article("雨 & <雪>")
        .with("slug", "rain")
        .with("byline", "本报记者 张三")
        .with("channel", "news")
        .with("tags", vec!["天气"])
        .with("leadImage", json!({ "url": "https://img.example/a.jpg" }))
        .with("body", "头\u{8}条 & ]]> 😀\n\n<!--more-->\n\n全**文**。")
        .published(&app)
        .await;
    let url = format!("https://news.example/a/rain?id={}", made.uuid());
    let id = format!("urn:uuid:{}", made.uuid());

    let atom = text(&app.anon, "/feeds/articles.atom").await;
    let atom = atom_syndication::Feed::from_str(&atom).unwrap();
    assert_eq!(atom.title().value, "晨报");
    assert_eq!(atom.id(), "https://news.example/#feed-articles");
    assert_eq!(address(atom.links()), "https://news.example/feeds/articles.atom");
    let [entry] = atom.entries() else { panic!("{atom:?}") };
    assert_eq!(entry.id(), id);
    assert_eq!(entry.title().value, "雨 & <雪>");
    assert_eq!(entry.links()[0].href(), url);
    assert_eq!(entry.links()[1].rel(), "enclosure");
    assert_eq!(entry.authors()[0].name(), "本报记者 张三");
    let tags: Vec<&str> = entry.categories().iter().map(|tag| tag.term()).collect();
    assert_eq!(tags, ["要闻", "天气"]);
    assert_eq!(entry.summary().unwrap().value, "头条 & ]]> 😀");
    let html = entry.content().unwrap().value().unwrap();
    assert!(
        html.contains("头条 &amp; ]]&gt; 😀") && html.contains("<strong>文</strong>"),
        "{html}"
    );
    assert_eq!(entry.published().unwrap().to_utc(), app.app.clock.now());

    let rss = text(&app.anon, "/feeds/articles.rss?limit=9").await;
    let rss = rss::Channel::from_str(&rss).unwrap();
    assert_eq!((rss.title(), rss.link()), ("晨报", "https://news.example/"));
    assert_eq!(rss.language(), Some("zh-cn"));
    let links = rss.atom_ext().unwrap().links();
    assert_eq!(address(links), "https://news.example/feeds/articles.rss?limit=9");
    let [item] = rss.items() else { panic!("{rss:?}") };
    assert_eq!(item.guid().unwrap().value(), id);
    assert!(!item.guid().unwrap().is_permalink());
    assert_eq!(item.title(), Some("雨 & <雪>"));
    // Readers take it for HTML.
    assert_eq!(item.description(), Some("头条 &amp; ]]&gt; 😀"));
    assert_eq!(item.link(), Some(&*url));
    assert_eq!(item.content().unwrap().trim(), html.trim());
    assert_eq!(item.dublin_core_ext().unwrap().creators(), ["本报记者 张三"]);
    assert_eq!(item.pub_date(), Some("Sun, 1 Mar 2026 08:00:00 +0000"));
    assert_eq!(item.enclosure().unwrap().url(), "https://img.example/a.jpg");

    let feed: Value = serde_json::from_str(&text(&app.anon, "/feeds/articles.json").await).unwrap();
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["feed_url"], "https://news.example/feeds/articles.json");
    let expected = json!({
        "id": id, "url": url, "title": "雨 & <雪>", "content_html": html,
        "summary": "头条 & ]]> 😀", "image": "https://img.example/a.jpg",
        "date_published": "2026-03-01T08:00:00.000Z", "date_modified": "2026-03-01T08:00:00.000Z",
        "authors": [{ "name": "本报记者 张三" }], "tags": ["要闻", "天气"],
    });
    assert_eq!(feed["items"], json!([expected]));
    let query = "{ article(slug: \"rain\") { url } }";
    assert_eq!(app.anon.query(query).await.data("/article/url"), &url);
}

#[tokio::test]
async fn feeds_are_of_all_of_a_region_of_a_channel_of_a_search_and_of_what_is_hot() {
    let app = portal().await;
    make::channel(&app, "news", "要闻").await;
    for (title, code) in [("石", "130100"), ("京", "110000")] {
        make::article(title).with("body", "下雪了").about(&[code]).published(&app).await;
        app.advance(TimeDelta::minutes(1));
    }
    let news = make::article("闻").with("channel", "news").published(&app).await;
    make::article("稿").with("body", "下雪了").draft(&app).await;
    for (path, expected) in [
        ("articles.json", "闻 京 石"),
        ("articles.json?limit=2", "闻 京"),
        ("articles.json?region=hebei", "石"),
        ("articles.json?region=110000", "京"),
        ("articles.json?channel=news", "闻"),
        ("search.json?q=%E4%B8%8B%E9%9B%AA", "京 石"),
        ("search.json?q=%E4%B8%8B%E9%9B%AA&region=130000", "石"),
        ("search.json?q=%F0%9F%98%80", ""),
    ] {
        assert_eq!(
            titles(&app.anon, &format!("/feeds/{path}")).await.join(" "),
            expected,
            "{path}"
        );
        assert_eq!(titles(&app.editor, &format!("/feeds/{path}")).await.join(" "), expected);
    }
    let input = json!({ "id": news.id, "reason": "台风" });
    app.editor.mutate("pinArticleInRankings", input, "").await.user_errors();
    assert_eq!(titles(&app.anon, "/feeds/hot.json").await, ["闻"]);
    let title = text(&app.anon, "/feeds/search.json?q=%E4%B8%8B%E9%9B%AA&region=130000").await;
    assert!(title.contains("\"晨报 · 河北省 · 下雪\""), "{title}");
}

#[tokio::test]
async fn a_feed_of_nothing_is_a_feed() {
    let app = portal().await;
    let atom = text(&app.anon, "/feeds/articles.atom").await;
    let atom = atom_syndication::Feed::from_str(&atom).unwrap();
    assert!(atom.entries().is_empty());
    assert_eq!(atom.updated().to_rfc3339(), "2000-01-01T00:00:00+00:00");
    let rss = text(&app.anon, "/feeds/articles.rss").await;
    assert!(rss::Channel::from_str(&rss).unwrap().items().is_empty());
    assert!(titles(&app.anon, "/feeds/articles.json").await.is_empty());
}

#[tokio::test]
async fn a_feed_is_sent_again_only_when_something_in_it_changed() {
    let app = portal().await;
    let made = make::article("甲").published(&app).await;
    let path = "/feeds/articles.rss";
    let get = |name: &'static str, value: String| {
        let request = app.anon.request(Method::GET, path).header(name, value);
        async move { request.send().await.unwrap() }
    };
    let first = get("accept", "*/*".into()).await;
    let header = |name: &str| first.headers()[name].to_str().unwrap().to_owned();
    let (tag, modified) = (header("etag"), header("last-modified"));
    assert_eq!(modified, "Sun, 01 Mar 2026 08:00:00 GMT");
    assert_eq!(header("content-type"), "application/rss+xml; charset=utf-8");
    assert_eq!(header("access-control-allow-origin"), "*");
    let hits = || app.app.cache.counts.hits.load(std::sync::atomic::Ordering::Relaxed);
    let before = hits();
    assert_eq!(get("if-none-match", tag.clone()).await.status(), StatusCode::NOT_MODIFIED);
    let since = get("if-modified-since", modified.clone()).await;
    assert_eq!(since.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(hits(), before + 2);
    app.advance(TimeDelta::minutes(1));
    let input = json!({ "id": made.id, "version": made.version, "title": "乙" });
    app.editor.mutate("updateArticle", input, "").await.user_errors();
    let changed = get("if-none-match", tag).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert!(changed.text().await.unwrap().contains("乙"));
    assert_eq!(get("if-modified-since", modified).await.status(), StatusCode::OK);
    make::withdraw(&app, &made).await;
    assert!(!text(&app.anon, path).await.contains("乙"));
}

#[tokio::test]
async fn a_feed_is_sent_in_the_coding_that_its_reader_takes() {
    let app = portal().await;
    make::article("甲").with("body", "长".repeat(2_000)).published(&app).await;
    for coding in ["br", "gzip", "identity", "br"] {
        let request = app.anon.request(Method::GET, "/feeds/articles.rss");
        let answer = request.header("accept-encoding", coding).send().await.unwrap();
        let sent = answer.headers().get("content-encoding").map(|sent| sent.to_str().unwrap());
        assert_eq!(sent.unwrap_or("identity"), coding);
    }
}

#[tokio::test]
async fn what_is_no_feed_is_refused_with_a_sentence() {
    let app = portal().await;
    make::channel(&app, "news", "要闻").await;
    for (path, status, code, sentence) in [
        ("articles.xml", 404, "NOT_FOUND", "There is nothing at this path"),
        ("other.rss", 404, "NOT_FOUND", "There is nothing at this path"),
        ("articles.rss?region=nowhere", 404, "NOT_FOUND", "There is no region"),
        ("articles.rss?channel=none", 404, "NOT_FOUND", "There is no channel"),
        ("articles.rss?limit=0", 400, "BAD_USER_INPUT", "`limit` must be from 1 to 100"),
        ("articles.rss?region=hebei&channel=news", 400, "UNSUPPORTED_COMBINATION", "Pass `region`"),
        ("articles.rss?limit=x", 400, "BAD_REQUEST", "takes the parameters"),
        ("articles.rss?page=2", 400, "BAD_REQUEST", "takes the parameters"),
        ("articles.rss?q=a", 400, "UNSUPPORTED_COMBINATION", "`q` goes with"),
        ("search.rss", 400, "BAD_USER_INPUT", "Pass the words"),
    ] {
        let answer = app.anon.get(&format!("/feeds/{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.json);
        assert_eq!(answer.code(), code, "{path}");
        assert!(answer.message().contains(sentence), "{path}: {}", answer.message());
    }
    let unknown = TestApp::quiet().await;
    make::article("甲").with("slug", "a").published(&unknown).await;
    let answer = unknown.anon.get("/feeds/articles.rss").await;
    assert_eq!((answer.status, answer.code()), (501, "NOT_CONFIGURED"));
    assert!(answer.message().contains("--site-url"), "{}", answer.message());
    let url = unknown.anon.query("{ article(slug: \"a\") { url } }").await;
    assert_eq!(url.data("/article/url"), &Value::Null);
}

#[test]
fn addresses_that_are_none_are_refused_at_the_start() {
    for (flag, value) in [
        ("--site-url", "news.example"),
        ("--site-url", "ftp://news.example/"),
        ("--article-url", "https://news.example/a"),
        ("--article-url", "a/{slug}"),
        ("--article-url", "//evil.example/{slug}"),
        ("--article-url", "javascript:{slug}"),
    ] {
        let output = cli::redian("sqlite://unused.db", &["serve", flag, value]);
        assert_eq!(output.status.code(), Some(1), "{value}");
        assert!(cli::text(&output.stderr).contains("pass an address of the web"), "{value}");
    }
    let folder = crate::helpers::import::Folder::new();
    let url = format!("sqlite://{}/a.db", folder.path());
    let output = cli::redian(&url, &["migrate", "--article-url", "/a/{slug}"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(cli::text(&output.stderr).contains("pass --site-url"));
}
