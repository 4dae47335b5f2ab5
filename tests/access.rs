//! Who may do what: each mutation and each field for editors, with every scope and without.
//! What needs a scope says so in its description.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use apollo_compiler::ast::FieldDefinition;
use apollo_compiler::schema::ExtendedType;
use redian::auth::Scope;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Answer;
use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::schema;
use crate::helpers::schema::Arguments;

/// What each scope includes.
fn included(scope: &str) -> &'static [&'static str] {
    match scope {
        "read-drafts" => &["read-drafts"],
        "write" => &["read-drafts", "write"],
        "publish" => &["read-drafts", "write", "publish"],
        "admin" => &["read-drafts", "write", "publish", "admin"],
        "count" => &["count"],
        "unlimited" => &["unlimited"],
        other => panic!("what does {other} include?"),
    }
}

fn description(field: &FieldDefinition) -> Option<&str> {
    field.description.as_deref()
}

/// What a mutation is tried with, so that it succeeds; `published`: on an article that
/// readers see.
async fn input(app: &TestApp, mutation: &str, published: bool, number: usize) -> Value {
    let article = || async {
        let article = make::article("甲").with("detectRegions", true).with("body", "在杭州市。");
        match published {
            true => article.published(app).await,
            false => article.draft(app).await,
        }
    };
    let channel = || async {
        let slug = make::channel(app, &format!("c{number}"), "频道").await;
        let answer = app.anon.query(&format!("{{ channel(slug: \"{slug}\") {{ id }} }}")).await;
        answer.data("/channel/id").clone()
    };
    match mutation {
        "createArticle" => json!({ "title": "甲", "body": "文" }),
        "updateArticle" => {
            let made = article().await;
            json!({ "id": made.id, "version": made.version, "title": "乙" })
        }
        "publishArticle" | "withdrawArticle" | "deleteArticle" | "createArticlePreview" => {
            json!({ "id": article().await.id })
        }
        "confirmRegions" | "rejectRegions" => {
            let made = article().await;
            json!({ "id": made.id, "version": made.version, "regions": ["330100"] })
        }
        "createChannel" => json!({ "slug": format!("c{number}"), "name": "频道" }),
        "updateChannel" => json!({ "id": channel().await, "name": "新闻" }),
        "deleteChannel" => json!({ "id": channel().await }),
        "excludeArticleFromRankings" | "pinArticleInRankings" | "resetArticleRanking" => {
            json!({ "id": article().await.id, "reason": "台风" })
        }
        "pinRecommendation" | "blockRecommendation" | "resetRecommendation" => {
            let (one, other) = (article().await.id, article().await.id);
            json!({ "id": one, "recommended": other, "reason": "台风" })
        }
        "addSearchWords" | "removeSearchWords" => json!({ "words": ["低空经济"] }),
        "correctImportedViews" => {
            json!({ "id": article().await.id, "imported": 5, "reason": "数错了" })
        }
        "createToken" => json!({ "name": "手机", "scopes": ["COUNT"] }),
        "revokeToken" => {
            let admin = app.with_scopes(&["admin"]).await;
            let input = json!({ "name": "手机", "scopes": ["COUNT"] });
            let answer = admin.mutate("createToken", input, "token { id }").await;
            json!({ "id": answer.data("/createToken/token/id") })
        }
        "createWebhook" => json!({ "url": "https://93.184.215.14/" }),
        "updateWebhook" | "deleteWebhook" | "rotateWebhookSecret" | "testWebhook" => {
            json!({ "id": webhook(app).await })
        }
        "redeliverWebhook" => {
            let admin = app.with_scopes(&["admin"]).await;
            let input = json!({ "id": webhook(app).await });
            let answer = admin.mutate("testWebhook", input, "delivery { id }").await;
            json!({ "id": answer.data("/testWebhook/delivery/id") })
        }
        other => panic!("`{other}` is new: say what it is tried with"),
    }
}

async fn webhook(app: &TestApp) -> Value {
    let admin = app.with_scopes(&["admin"]).await;
    // There are not more than fifty at once.
    let known = admin.query("{ webhooks { id } }").await;
    if let Some(known) = known.data("/webhooks").get(0) {
        return known["id"].clone();
    }
    let input = json!({ "url": "https://93.184.215.14/" });
    let answer = admin.mutate("createWebhook", input, "webhook { id }").await;
    answer.data("/createWebhook/webhook/id").clone()
}

/// Fails the test unless exactly those who have the scope are let do it.
#[track_caller]
fn assert_let_by(scope: &str, own: Option<&str>, answer: &Answer, what: &str) {
    let code = answer.json.pointer("/errors/0/extensions/code").and_then(Value::as_str);
    let expected = match own {
        None => Some("UNAUTHENTICATED"),
        Some(own) if included(own).contains(&scope) => None,
        Some(_) => Some("FORBIDDEN"),
    };
    assert_eq!(code, expected, "{what} with {own:?}: {}", answer.json);
    if code == Some("FORBIDDEN") {
        let named = |scope: &str| answer.message().contains(&format!("`{scope}`"));
        assert!(named(scope) || named("write"), "{what}: {}", answer.message());
    }
}

/// The anonymous, and one with each scope alone.
async fn callers(app: &TestApp) -> Vec<(Option<&'static str>, Client)> {
    let mut callers = vec![(None, app.anon.clone())];
    for scope in Scope::ALL {
        callers.push((Some(scope.name()), app.with_scopes(&[scope.name()]).await));
    }
    callers
}

async fn trail(admin: &Client) -> Value {
    let query = "{ auditEntries(first: 1) { nodes { action byName subject } } }";
    admin.query(query).await.data("/auditEntries/nodes").get(0).cloned().unwrap_or_default()
}

#[tokio::test]
async fn every_mutation_is_let_by_the_scope_that_it_names_and_leaves_its_trail() {
    let app = TestApp::quiet().await;
    let (schema, admin) = (schema::committed(), app.with_scopes(&["admin"]).await);
    let mut number = 0;
    for field in schema::fields(&schema, "Mutation") {
        let name = field.name.as_str();
        let Some(scope) = schema::scope(description(field)) else {
            assert_eq!(name, "recordViews", "`{name}` does not say which scope it needs");
            continue;
        };
        // What may be done to drafts by one may need another where readers see it.
        let publishes = description(field).unwrap().contains("`publish` for a published article");
        let trials: &[(bool, &str)] = match publishes {
            true => &[(false, &scope), (true, "publish")],
            false => &[(false, &scope)],
        };
        for (published, scope) in trials {
            for (own, client) in callers(&app).await {
                number += 1;
                let published = *published || name == "withdrawArticle";
                let input = input(&app, name, published, number).await;
                let before = trail(&admin).await;
                let answer = client.mutate(name, input, "").await;
                assert_let_by(scope, own, &answer, name);
                let after = trail(&admin).await;
                if answer.json.get("errors").is_none() {
                    assert_eq!(answer.user_errors(), [""; 0], "{name}");
                    assert_eq!(after["action"], name, "{name} leaves no trail");
                    assert_eq!(after["byName"], "test");
                    let of_none = name.ends_with("SearchWords");
                    assert_eq!(after["subject"].is_string(), !of_none, "{name}: of what?");
                } else {
                    assert_eq!(after, before, "{name} was refused");
                }
            }
        }
    }
}

/// Where something is found.
async fn places(app: &TestApp) -> Arguments {
    let made = make::article("甲").with("slug", "seen").about(&["130104"]);
    let made = made.with("channel", make::channel(app, "news", "新闻").await);
    let made = made.published(app).await;
    let input = json!({ "id": made.id, "reason": "台风" });
    app.editor.mutate("pinArticleInRankings", input, "").await.user_errors();
    let series = "(from: \"2026-03-01T00:00:00Z\", to: \"2026-03-02T00:00:00Z\")";
    Arguments::from([
        ("Query.article", vec!["(slug: \"seen\")".into()]),
        ("Query.node", vec![format!("(id: \"{}\")", made.id)]),
        ("Query.nodes", vec![format!("(ids: [\"{}\"])", made.id)]),
        ("Query.region", vec!["(code: \"130104\")".into()]),
        ("Query.regions", vec!["(first: 1)".into()]),
        ("Query.channel", vec!["(slug: \"news\")".into()]),
        ("Query.searchArticles", vec!["(query: \"甲\")".into()]),
        ("ArticleViews.series", vec![series.into()]),
    ])
}

#[tokio::test]
async fn every_field_for_editors_is_let_by_the_scope_that_it_names() {
    let app = TestApp::quiet_with(|config| {
        config.max_depth = 50;
        config.max_complexity = 1_000_000_000;
    })
    .await;
    let (schema, arguments) = (schema::committed(), places(&app).await);
    let (roads, callers) = (schema::roads(&schema, &arguments), callers(&app).await);
    let mut tried = 0;
    for kind in schema.types.keys().filter(|kind| *kind != "Mutation") {
        for field in schema::fields(&schema, kind) {
            let Some(scope) = schema::scope(description(field)) else { continue };
            // A road that needs no other scope than the field itself; best one that needs it,
            // too, for on others nobody else finds anything.
            let there = roads.iter().filter(|road| {
                road.kind == kind.as_str() && road.scopes.iter().all(|needed| *needed == scope)
            });
            let road = there.max_by_key(|road| (road.scopes.len(), Reverse(road.ask("").len())));
            let road = road.unwrap_or_else(|| panic!("no road to {kind}.{}", field.name));
            for call in schema::calls(&arguments, kind, field) {
                let objects = !schema::objects(&schema, &field.ty).is_empty();
                let selection = if objects { format!("{call} {{ __typename }}") } else { call };
                let query = road.ask(&selection);
                for (own, client) in &callers {
                    assert_let_by(&scope, *own, &client.query(&query).await, &query);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "only {tried} fields are for editors");
}

/// Every field, argument and value is either for everybody, and listed, or says which scope
/// it needs.
#[test]
fn every_field_without_a_rule_is_listed_as_public() {
    let schema = schema::committed();
    let mut public = BTreeSet::new();
    let mut ruled = Vec::new();
    for (kind, definition) in schema.types.iter().filter(|(_, kind)| !kind.is_built_in()) {
        let mut sort = |name: &str, description: Option<&str>| {
            let path = format!("{kind}.{name}");
            match schema::scope(description) {
                Some(_) => ruled.push(path),
                None => _ = public.insert(path),
            }
        };
        match definition {
            ExtendedType::Object(object) => {
                object.fields.values().for_each(|field| sort(&field.name, description(field)));
            }
            ExtendedType::InputObject(input) => input.fields.values().for_each(|field| {
                sort(&field.name, field.description.as_deref());
            }),
            ExtendedType::Enum(values) => values.values.values().for_each(|value| {
                sort(&value.value, value.description.as_deref());
            }),
            _ => {}
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/access/public.txt");
    let listed = std::fs::read_to_string(path).unwrap_or_default();
    let listed: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    let new: Vec<&String> = public.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&public).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "say in the description of what is new which scope it needs, or list it in \
         tests/access/public.txt: {new:#?}; take out of it what is gone: {gone:#?}"
    );
    assert!(ruled.contains(&"ArticleFilter.state".to_owned()), "{ruled:?}");
}
