//! No road shows the anonymous anything unpublished: every field of the schema that is for
//! everybody is asked for on every way to it, and so is all else that they can reach.

use chrono::TimeDelta;
use redian::article::flip;
use redian::follow;
use redian::server;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::import::Page;
use crate::helpers::make;
use crate::helpers::make::Made;
use crate::helpers::receiver::Receiver;
use crate::helpers::schema;
use crate::helpers::schema::Arguments;
use crate::helpers::schema::Road;
use crate::helpers::socket::Socket;
use crate::helpers::views;
use crate::helpers::webhooks::Hook;
use crate::helpers::webhooks::hook;
use crate::helpers::webhooks::local;

/// Stands in every text of what is not public.
const SECRET: &str = "机密";
/// The same in addresses that never were.
const SECRET_SLUG: &str = "secret";
const MINUTE: TimeDelta = TimeDelta::minutes(1);

struct Portal {
    app: TestApp,
    /// Drafts, and what is scheduled.
    never_seen: Vec<Made>,
    /// Withdrawn, expired, deleted.
    gone: Vec<Made>,
    /// What is public.
    seen: Made,
    receiver: Receiver,
    hook: Hook,
    /// Before anything happened.
    begin: String,
}

fn hidden(title: &str) -> make::ArticleBuilder {
    common(&format!("{title}{SECRET}"))
        .with("body", format!("开头{SECRET}。\n\n<!--more-->\n\n河北省{SECRET}。"))
        .with("byline", SECRET)
        .with("metadata", json!({ "note": SECRET }))
        .with("leadImage", json!({ "url": "https://a.example/b.png", "alt": SECRET }))
        .with("tags", vec![SECRET, "同一标签"])
}

fn common(title: &str) -> make::ArticleBuilder {
    make::article(title)
        .about(&["130104"])
        .with("channel", "news")
        .with("source", json!({ "name": "某报", "url": "https://a.example/" }))
        .with("tags", vec!["同一标签"])
        .with("detectRegions", true)
}

async fn viewed(app: &TestApp, made: &Made) {
    for visitor in ["a", "b", "c", "d"] {
        let event = views::event_of(made, app.app.clock.now(), visitor);
        views::report(&app.anon, &json!(event)).await;
    }
}

async fn portal() -> Portal {
    let app = TestApp::start_with(|config| {
        local(config);
        config.max_depth = 50;
        config.max_complexity = 1_000_000_000;
        config.rate_limit = 0;
    })
    .await;
    let receiver = Receiver::start().await;
    let begin = app.anon.query("{ changes { pageInfo { endCursor } } }").await;
    let begin = begin.data("/changes/pageInfo/endCursor").as_str().unwrap().to_owned();
    make::channel(&app, "news", "新闻").await;
    let hook = hook(&app, &receiver, json!({})).await;
    let soon = json!({ "unpublishAt": app.in_time(MINUTE) });
    let later = json!({ "publishAt": app.in_time(TimeDelta::hours(1)) });
    let draft = hidden("稿").with("slug", "secret-draft").draft(&app).await;
    let scheduled = hidden("未到").with("slug", "secret-later").published_with(&app, later).await;
    let expired = hidden("过期").with("slug", "was-expired").published_with(&app, soon).await;
    let withdrawn = hidden("撤回").with("slug", "was-withdrawn").published(&app).await;
    let deleted = hidden("删除").with("slug", "was-deleted").published(&app).await;
    // What the page of another article recommends is here, and not public.
    let recommended = hidden("").with("title", "雨后的集市").with("slug", "secret-market");
    let recommended = recommended.draft(&app).await;
    let folder = crate::helpers::import::Folder::new();
    let page = folder.write("page.txt", Page::default().file());
    let imported = crate::helpers::import::run(&app.database.url, &["import", &page]).await;
    assert_eq!(imported.status, Some(0), "{}", imported.err);
    let seen = common("看得见").with("slug", "seen").published(&app).await;
    for made in [&expired, &withdrawn, &deleted, &seen] {
        viewed(&app, made).await;
    }
    for made in [&draft, &withdrawn, &seen] {
        let input = json!({ "id": made.id, "reason": SECRET });
        app.editor.mutate("pinArticleInRankings", input, "").await.user_errors();
    }
    for made in [&draft, &scheduled, &expired, &withdrawn, &deleted] {
        let input = json!({ "id": seen.id, "recommended": made.id, "reason": SECRET });
        app.editor.mutate("pinRecommendation", input, "").await.user_errors();
    }
    app.advance(MINUTE);
    flip::run(&app.app.db, app.app.clock.now()).await.unwrap();
    let version = make::withdraw(&app, &withdrawn).await.version;
    app.advance(TimeDelta::milliseconds(1));
    let withdrawn = make::renamed(&app, &Made { version, ..withdrawn }, "secret-renamed").await;
    make::delete(&app, &deleted).await;
    views::fold(&app).await;
    follow::run(app.app.clone()).await.unwrap();
    server::rank(app.app.clone()).await.unwrap();
    let never_seen = vec![draft, scheduled, recommended];
    Portal { app, never_seen, gone: vec![expired, withdrawn, deleted], seen, receiver, hook, begin }
}

impl Portal {
    fn hidden(&self) -> impl Iterator<Item = &Made> {
        self.never_seen.iter().chain(&self.gone)
    }

    /// Every way to ask, with whatever may lead to what is hidden.
    fn arguments(&self) -> Arguments {
        let ids: Vec<&str> = self.hidden().map(|made| &*made.id).collect();
        let list = json!(ids).to_string();
        let each = |of: &dyn Fn(&Made) -> String| self.hidden().map(of).collect::<Vec<_>>();
        let mut article = vec!["(slug: \"seen\")".to_owned()];
        article.extend(each(&|made| format!("(id: \"{}\")", made.id)));
        article.extend(each(&|made| format!("(id: \"{}\")", made.uuid())));
        article.extend(each(&|made| format!("(slug: \"{}\")", made.slug)));
        article.push("(slug: \"was-withdrawn\")".into());
        let region = redian::id::encode("Region", "130104");
        let mut node = vec![format!("(id: \"{}\")", self.seen.id), format!("(id: \"{region}\")")];
        node.extend(each(&|made| format!("(id: \"{}\")", made.id)));
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let lists = |name: &str| {
            texts(&["", "(region: \"hebei\")", "(channel: \"news\")"])
                .into_iter()
                .map(|text| text.replace("(region", &format!("({name}region")))
                .collect::<Vec<_>>()
        };
        let after = &self.begin;
        Arguments::from([
            ("Query.article", article),
            ("Query.node", node),
            ("Query.nodes", vec![format!("(ids: {list})")]),
            (
                "Query.articles",
                vec![
                    "(first: 100)".into(),
                    "(last: 100, orderBy: OLDEST)".into(),
                    "(filter: { region: \"hebei\" })".into(),
                    "(filter: { channel: \"news\" })".into(),
                    "(filter: { tag: \"同一标签\" })".into(),
                    format!("(filter: {{ tag: \"{SECRET}\" }})"),
                    "(filter: { source: \"某报\" })".into(),
                    format!("(filter: {{ ids: {list} }})"),
                ],
            ),
            ("Query.region", texts(&["(code: \"130104\")", "(path: \"hebei\")"])),
            ("Query.regions", texts(&["(first: 2)"])),
            ("Query.channel", texts(&["(slug: \"news\")"])),
            (
                "Query.searchArticles",
                texts(&["(query: \"密\")", "(query: \"河北\", order: RELEVANCE)"]),
            ),
            ("Query.hotArticles", lists("")),
            ("Query.mostReadArticles", lists("window: ALL, ")),
            (
                "Query.changes",
                ["", ", region: \"hebei\"", ", channel: \"news\""]
                    .map(|which| format!("(after: \"{after}\", first: 100{which})"))
                    .into(),
            ),
            (
                "ArticleViews.series",
                texts(&["(from: \"2026-03-01T00:00:00Z\", to: \"2026-03-02T00:00:00Z\")"]),
            ),
        ])
    }

    /// Fails the test if the text has anything of what is hidden; `tombstones`: it may name
    /// what readers saw once.
    #[track_caller]
    fn assert_nothing_of_it(&self, text: &str, tombstones: bool, road: &str) {
        assert!(!text.contains(SECRET), "{road}: {text}");
        assert!(!text.contains(SECRET_SLUG), "{road}: {text}");
        let mut ids: Vec<&Made> = self.never_seen.iter().collect();
        if !tombstones {
            ids.extend(&self.gone);
        }
        for made in ids {
            let uuid = made.uuid().to_string();
            assert!(!text.contains(&made.id) && !text.contains(&uuid), "{road}: {text}");
        }
    }
}

/// Fails the test if anything is counted but the two articles that readers see.
fn assert_counts(value: &Value, road: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let counted = member["value"].as_i64().filter(|_| name == "articleCount");
                assert!(counted.is_none_or(|counted| counted <= 2), "{road}: {member}");
                assert_counts(member, road);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| assert_counts(item, road)),
        _ => {}
    }
}

/// All that an object tells of itself to everybody.
fn leaves(schema: &apollo_compiler::Schema, arguments: &Arguments, kind: &str) -> String {
    let mut leaves = vec!["__typename".to_owned()];
    for field in schema::fields(schema, kind) {
        let ruled = schema::scope(field.description.as_deref()).is_some();
        let leaf = match schema.types.get(field.ty.inner_named_type()) {
            Some(found) => found.is_scalar() || found.is_enum(),
            None => false,
        };
        if field.name == "articleCount" {
            leaves.push("articleCount { value }".into());
        } else if leaf && !ruled {
            leaves.extend(schema::calls(arguments, kind, field));
        }
    }
    leaves.join(" ")
}

#[tokio::test]
async fn nothing_unpublished_is_on_any_road_through_the_schema() {
    let portal = portal().await;
    let (schema, arguments) = (schema::committed(), portal.arguments());
    let roads = schema::roads(&schema, &arguments);
    let public: Vec<&Road> = roads.iter().filter(|road| road.scopes.is_empty()).collect();
    let mut shown = 0;
    for road in &public {
        let query = road.ask(&leaves(&schema, &arguments, &road.kind));
        let answer = portal.app.anon.query(&query).await;
        assert!(answer.json.get("errors").is_none(), "{query}: {}", answer.json);
        let text = answer.json.to_string();
        shown += usize::from(text.contains("看得见"));
        portal.assert_nothing_of_it(&text, query.contains("changes("), &query);
        assert_counts(&answer.json, &query);
    }
    assert!(public.len() > 500 && shown > 30, "{} roads, {shown} lead to something", public.len());
}

#[tokio::test]
async fn nothing_unpublished_is_told_by_http_alone() {
    let portal = portal().await;
    let app = &portal.app;
    let names: Vec<String> = portal
        .hidden()
        .flat_map(|made| [made.id.clone(), made.uuid().to_string(), made.slug.clone()])
        .collect();
    for name in names {
        let totals = app.anon.get(&format!("/v1/views?ids={name}")).await;
        let event = json!({ "eventId": views::event_id(app.app.clock.now()), "article": name });
        let counted = views::report(&app.anon, &event).await;
        for answer in [&totals, &counted] {
            let echo = answer.json.to_string().replace(&name, "").replace("\"total\":null", "");
            portal.assert_nothing_of_it(&echo, false, &name);
            assert!(!echo.contains("\"total\":"), "{name}: {echo}");
        }
        assert_eq!(views::verdicts(&counted), ["UNKNOWN_ARTICLE"], "{name}");
    }
    let regions = app.anon.get("/v1/regions.json").await;
    portal.assert_nothing_of_it(&regions.json.to_string(), false, "/v1/regions.json");
}

#[tokio::test]
async fn nothing_unpublished_is_told_to_webhooks_and_those_who_listen() {
    let portal = portal().await;
    let app = &portal.app;
    let mut socket = Socket::begun(&app.anon).await;
    socket
        .subscribe("published", "subscription { articlePublished { article { title slug } } }")
        .await;
    let mut listeners = 1;
    for (number, made) in portal.hidden().enumerate() {
        let fields = "kind articleId article { title slug teaser }";
        let query =
            format!("subscription {{ articleChanged(id: \"{}\") {{ {fields} }} }}", made.id);
        socket.subscribe(&number.to_string(), &query).await;
        listeners += 1;
    }
    app.listened_to_by(listeners).await;
    let ids: Vec<&str> = portal.hidden().map(|made| &*made.id).collect();
    let totals =
        format!("subscription {{ viewTotals(articles: {}) {{ articleId total }} }}", json!(ids));
    socket.subscribe("totals", &totals).await;
    let [draft, scheduled, _] = &portal.never_seen[..] else { unreachable!("there are three") };
    let [expired, withdrawn, _] = &portal.gone[..] else { unreachable!("there are three") };
    for made in [draft, scheduled, withdrawn] {
        let input = json!({ "id": made.id, "version": made.version, "title": SECRET });
        let answer = app.editor.mutate("updateArticle", input, "").await;
        assert_eq!(answer.user_errors(), [""; 0]);
    }
    for made in [draft, scheduled, withdrawn, expired] {
        make::delete(app, made).await;
    }
    make::article("末了").with("slug", "last").published(app).await;
    // All but that is silence.
    loop {
        let message = socket.next().await;
        portal.assert_nothing_of_it(&message.to_string().replace(&totals, ""), false, "a socket");
        assert!(message["type"] == "next", "{message}");
        if message["id"] == "totals" {
            assert_eq!(message["payload"]["data"]["viewTotals"], json!([]));
            continue;
        }
        assert_eq!(message["id"], "published");
        if message["payload"]["data"]["articlePublished"]["article"]["slug"] == "last" {
            break;
        }
    }
    // Appeared and went: three; the imported one, the seen one and the last appeared.
    let told = portal.hook.until(|told| {
        let last = told.last().is_some_and(|last| last["body"]["data"]["slug"] == "last");
        last && told.iter().all(|one| one["state"] == "DELIVERED")
    });
    assert_eq!(told.await.len(), 3 * 2 + 3);
    for request in portal.receiver.received() {
        portal.assert_nothing_of_it(&request.json().to_string(), true, "a webhook");
    }
}
