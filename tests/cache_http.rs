//! How answers that are kept are sent: to who has them already, compressed, to other caches.

use chrono::TimeDelta;
use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::cache::followed;
use crate::helpers::cache::get;
use crate::helpers::cache::header;
use crate::helpers::cache::hits;
use crate::helpers::cache::page;
use crate::helpers::cache::quiet;
use crate::helpers::cache::quiet_with;
use crate::helpers::cache::view;
use crate::helpers::make;

const HOUR: TimeDelta = TimeDelta::hours(1);

#[tokio::test]
async fn who_has_an_answer_is_told_so_and_not_sent_it_again() {
    let app = quiet().await;
    let made = make::article("甲").published(&app).await;
    followed(&app).await;
    let question = page(&made);
    let first = get(&app.anon, &question, &[]).await;
    assert_eq!(header(&first, "cache-control"), "public, no-cache");
    let vary = first.headers().get_all("vary").iter().map(|value| value.to_str().unwrap());
    let vary: Vec<_> = vary.flat_map(|value| value.split(", ")).collect();
    for name in ["Accept", "Accept-Encoding", "Authorization"] {
        assert!(vary.contains(&name), "{vary:?}");
    }
    let tag = header(&first, "etag");
    assert!(tag.starts_with("W/\""), "{tag}");
    let path = format!("{}?{}", first.url().path(), first.url().query().unwrap());
    let head = app.anon.request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "etag")), (200, tag.clone()));
    assert_eq!(head.text().await.unwrap(), "");
    let statements = app.app.db.statements();
    let again = async |tag: &str| get(&app.anon, &question, &[("if-none-match", tag)]).await;
    let unchanged = again(&tag).await;
    assert_eq!((unchanged.status().as_u16(), header(&unchanged, "etag")), (304, tag.clone()));
    assert_eq!(unchanged.text().await.unwrap(), "");
    assert_eq!(app.app.db.statements(), statements);
    assert_eq!(again("W/\"another\"").await.status(), 200);
    // For a minute, views alone are no reason to send it again.
    view(&app, &made).await;
    app.advance(TimeDelta::milliseconds(59_999));
    assert_eq!(again(&tag).await.status(), 304);
    app.advance(TimeDelta::milliseconds(1));
    let newer = again(&tag).await;
    assert_eq!(newer.status(), 200);
    let tag = header(&newer, "etag");
    assert!(newer.text().await.unwrap().contains("\"total\":1"));
    // Where nobody looks, it is the same for ever.
    app.advance(HOUR);
    assert_eq!(again(&tag).await.status(), 304);
    make::renamed(&app, &made, "other").await;
    let input = json!({ "id": made.id, "version": made.version + 1, "title": "乙" });
    app.editor.mutate("updateArticle", input, "").await.user_errors();
    assert_eq!(again(&tag).await.status(), 200);
}

#[tokio::test]
async fn a_compressed_answer_has_views_of_at_most_a_second_ago() {
    let app = quiet().await;
    let made = make::article("甲").published(&app).await;
    followed(&app).await;
    let question = page(&made);
    let total = async || {
        let answer = get(&app.anon, &question, &[("accept-encoding", "gzip")]).await;
        let packed = answer.bytes().await.unwrap();
        let answer: Value = serde_json::from_reader(GzDecoder::new(&packed[..])).unwrap();
        answer["data"]["article"]["views"]["total"].clone()
    };
    assert_eq!(total().await, 0);
    view(&app, &made).await;
    app.advance(TimeDelta::milliseconds(999));
    assert_eq!(total().await, 0);
    app.advance(TimeDelta::milliseconds(1));
    assert_eq!(total().await, 1);
    assert_eq!(total().await, 1);
    assert_eq!(hits(&app), 3);
}

#[tokio::test]
async fn other_caches_are_told_what_an_answer_is_made_from() {
    for (name, expected) in
        [("surrogate-key", "channels region:130000"), ("cache-tag", "channels,region:130000")]
    {
        let app = quiet_with(|config| {
            config.cache_tag_header = Some(name.parse().unwrap());
            config.cache_control = "public, s-maxage=60".parse().unwrap();
        })
        .await;
        let question = "{ articles(filter: { region: \"hebei\" }) { nodes { title } } \
                        channels { slug } }";
        let answer = get(&app.anon, question, &[]).await;
        assert_eq!(header(&answer, name), expected);
        assert_eq!(header(&answer, "cache-control"), "public, s-maxage=60");
        // What is true for a while only is for nobody to keep.
        let ranked = get(&app.anon, "{ hotArticles { nodes { title } } }", &[]).await;
        assert_eq!(header(&ranked, "cache-control"), "no-cache");
        let own = get(&app.editor, question, &[]).await;
        assert_eq!(header(&own, "cache-control"), "none");
    }
}

#[tokio::test]
async fn somebody_with_a_token_is_told_how_an_answer_came_about() {
    let app = quiet().await;
    let times = json!({ "publishAt": app.in_time(HOUR) });
    make::article("甲").published_with(&app, times).await;
    followed(&app).await;
    let report = async |client: &Client, query: &str| -> Value {
        let answer = get(client, query, &[("graphql-cache", "report")]).await;
        answer.json::<Value>().await.unwrap()["extensions"]["cache"].clone()
    };
    let question = "{ articles(filter: { region: \"hebei\" }) { nodes { title } } }";
    let made = report(&app.editor, question).await;
    let expected = json!({
        "status": "MISS", "tags": ["region:130000"], "ageMilliseconds": 0,
        "until": app.in_time(HOUR), "limitedBy": "FLIP",
    });
    assert_eq!(made, expected);
    app.advance(TimeDelta::seconds(7));
    let kept = report(&app.editor, question).await;
    assert_eq!((&kept["status"], &kept["ageMilliseconds"]), (&json!("HIT"), &json!(7000)));
    let ranked = report(&app.editor, "{ hotArticles { nodes { title } } }").await;
    assert_eq!((&ranked["status"], &ranked["limitedBy"]), (&json!("MISS"), &json!("AGE")));
    let once = report(&app.editor, "{ changes { pageInfo { endCursor } } }").await;
    assert_eq!(once, json!({ "status": "ONCE" }));
    assert_eq!(report(&app.anon, question).await, Value::Null, "only with a token");
}

#[tokio::test]
async fn a_page_may_read_what_is_kept_as_what_is_made() {
    let site = "https://news.example";
    let app = quiet_with(|config| config.cors_origins = vec![site.parse().unwrap()]).await;
    let question = "{ articles { nodes { title } } }";
    for hit in [0, 1] {
        let answer = get(&app.anon, question, &[("origin", site)]).await;
        assert_eq!(hits(&app), hit);
        assert_eq!(header(&answer, "access-control-allow-origin"), site);
        assert!(header(&answer, "access-control-expose-headers").contains("x-request-id"));
        let vary = answer.headers().get_all("vary").iter().map(|vary| vary.to_str().unwrap());
        assert!(vary.flat_map(|vary| vary.split(", ")).any(|n| n.eq_ignore_ascii_case("origin")));
    }
    for other in ["https://other.example", "null"] {
        let answer = get(&app.anon, question, &[("origin", other)]).await;
        assert_eq!(header(&answer, "access-control-allow-origin"), "none", "{other}");
    }
    assert_eq!(hits(&app), 3);
    let wrong = [("origin", site), ("authorization", "Bearer wrong")];
    let refused = get(&app.anon, question, &wrong).await;
    assert_eq!(refused.status(), 401);
    assert_eq!(header(&refused, "access-control-allow-origin"), site);
}
