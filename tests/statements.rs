//! How many SQL statements a request takes: few, and never more for more items.

use entity::article;
use redian::article::State;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryTrait;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make;
use crate::helpers::make::Made;

/// What a card of a list shows.
const CARD: &str = "id slug title teaser publishedAt leadImage { url } tags channel { slug name } \
                    regions { name path ancestors { name } } views { total }";

/// A server without background loops, whose statements would count, and 25
/// articles.
async fn portal() -> (TestApp, Vec<Made>) {
    let app = TestApp::quiet().await;
    make::channel(&app, "news", "新闻").await;
    make::channel(&app, "tech", "科技").await;
    let mut made = Vec::new();
    for number in 0..25 {
        let regions = [["130104", "130102"], ["130100", "440300"]][number % 2];
        let article = make::article(&format!("第{number}篇"))
            .about(&regions)
            .with("channel", ["news", "tech"][number / 20])
            .with("tags", vec!["同"])
            .with("source", json!({ "name": "某报" }))
            .published(&app)
            .await;
        made.push(make::renamed(&app, &article, &format!("slug-{number}")).await);
    }
    (app, made)
}

/// How many statements a reader's query takes.
async fn statements(app: &TestApp, query: &str) -> u64 {
    let before = app.app.db.statements();
    let answer = app.anon.query(query).await;
    let after = app.app.db.statements();
    assert_eq!(answer.json.get("errors"), None, "{query}");
    after - before
}

/// The same of a query whose list at the pointer must have so many items.
async fn statements_of_list(app: &TestApp, query: &str, list: &str, items: usize) -> u64 {
    let found = app.anon.query(query).await.data(list).as_array().unwrap().len();
    assert_eq!(found, items, "{query}");
    statements(app, query).await
}

#[tokio::test]
async fn an_article_takes_one_statement_and_one_for_each_kind_of_thing_that_belongs_to_it() {
    let (app, made) = portal().await;
    let whole =
        format!("{CARD} slugs source {{ name }} metadata body {{ html text blocks {{ text }} }}");
    let cases = [
        ("title teaser tags metadata source { name } leadImage { url }", 1),
        ("slugs", 2),
        ("channel { id name }", 2),
        ("regions { name ancestors { name } children { name } }", 2),
        ("views { total counted imported }", 1),
        ("body { markdown html text wordCount foldAt blocks { text } }", 2),
        ("importedFrom { importedAt }", 2),
        (&whole, 5),
    ];
    for by in [format!("id: \"{}\"", made[3].id), "slug: \"slug-3\"".into()] {
        for (fields, expected) in cases {
            let query = format!("{{ article({by}) {{ {fields} }} }}");
            assert_eq!(statements(&app, &query).await, expected, "{query}");
        }
    }
}

#[tokio::test]
async fn a_list_takes_as_many_statements_for_twenty_articles_as_for_five() {
    let (app, _) = portal().await;
    // One for the articles and one each for channels and regions, none for views;
    // a channel's slug is looked up before.
    let lists = [
        ("articles(ARGUMENTS) { NODES }", "/articles/nodes", 3),
        ("articles(orderBy: OLDEST, ARGUMENTS) { NODES }", "/articles/nodes", 3),
        ("articles(filter: { region: \"hebei\" }, ARGUMENTS) { NODES }", "/articles/nodes", 3),
        ("articles(filter: { tag: \"同\" }, ARGUMENTS) { NODES }", "/articles/nodes", 3),
        ("articles(filter: { source: \"某报\" }, ARGUMENTS) { NODES }", "/articles/nodes", 3),
        ("articles(filter: { channel: \"news\" }, ARGUMENTS) { NODES }", "/articles/nodes", 4),
        ("region(code: \"130000\") { articles(ARGUMENTS) { NODES } }", "/region/articles/nodes", 3),
        ("channel(slug: \"news\") { articles(ARGUMENTS) { NODES } }", "/channel/articles/nodes", 4),
    ];
    for (list, pointer, expected) in lists {
        for count in [1, 5, 20] {
            for limit in ["first", "last"] {
                let list = list.replace("ARGUMENTS", &format!("{limit}: {count}"));
                let query =
                    format!("{{ {} }}", list.replace("NODES", &format!("nodes {{ {CARD} }}")));
                let taken = statements_of_list(&app, &query, pointer, count).await;
                assert_eq!(taken, expected, "{query}");
            }
        }
    }
}

#[tokio::test]
async fn a_later_page_takes_as_many_statements_as_the_first() {
    let (app, _) = portal().await;
    for list in ["articles(ARGUMENTS)", "articles(filter: { region: \"hebei\" }, ARGUMENTS)"] {
        let first = format!(
            "{{ {} {{ pageInfo {{ endCursor }} }} }}",
            list.replace("ARGUMENTS", "first: 5")
        );
        let answer = app.anon.query(&first).await;
        let cursor = answer.data("/articles/pageInfo/endCursor");
        let list = list.replace("ARGUMENTS", &format!("first: 20, after: {cursor}"));
        let query = format!("{{ {list} {{ pageInfo {{ hasNextPage }} nodes {{ {CARD} }} }} }}");
        assert_eq!(statements_of_list(&app, &query, "/articles/nodes", 20).await, 3, "{query}");
    }
}

#[tokio::test]
async fn regions_take_no_statement_but_those_for_their_articles() {
    let (app, _) = portal().await;
    let region = "region(code: \"130000\")";
    let cases = [
        (format!("{region} {{ name path ancestors {{ name }} children {{ name }} }}"), 0),
        ("regions { nodes { name children { name ancestors { name } } } }".into(), 0),
        ("regions(level: COUNTY, first: 100) { nodes { name parent { name } } }".into(), 0),
        (
            format!(
                "{region} {{ name children {{ name }} articles {{ nodes {{ title teaser }} }} }}"
            ),
            1,
        ),
        (format!("{region} {{ children {{ name }} articles {{ nodes {{ {CARD} }} }} }}"), 3),
        // A list for each of the eleven prefectures.
        (format!("{region} {{ children {{ articles(first: 3) {{ nodes {{ title }} }} }} }}"), 11),
    ];
    for (query, expected) in cases {
        assert_eq!(statements(&app, &format!("{{ {query} }}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn channels_and_the_site_take_a_statement_each() {
    let (app, _) = portal().await;
    let cases = [
        ("channels { name slug }", 1),
        ("channel(slug: \"news\") { name }", 1),
        ("channels { articles(first: 3) { nodes { title } } }", 3),
        ("site { name regionCount { value } }", 0),
        ("site { articleCount { value exact } }", 1),
        ("site { channelCount { value } }", 1),
    ];
    for (query, expected) in cases {
        assert_eq!(statements(&app, &format!("{{ {query} }}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn nodes_take_as_many_statements_for_twenty_as_for_one() {
    let (app, made) = portal().await;
    for count in [1, 5, 20] {
        let ids: Vec<&String> = made[..count].iter().map(|made| &made.id).collect();
        for (fields, expected) in [("title", 1), (CARD, 3)] {
            let on = format!("... on Article {{ {fields} }}");
            let query = format!("{{ nodes(ids: {}) {{ {on} }} }}", json!(ids));
            let taken = statements_of_list(&app, &query, "/nodes", count).await;
            assert_eq!(taken, expected, "{count} {fields}");
            let query = format!("{{ node(id: \"{}\") {{ {on} }} }}", made[0].id);
            assert_eq!(statements(&app, &query).await, expected, "{fields}");
        }
    }
    let region = redian::id::encode("Region", "130104");
    let query = format!("{{ node(id: \"{region}\") {{ ... on Region {{ name }} }} }}");
    assert_eq!(statements(&app, &query).await, 0);
}

#[tokio::test]
async fn articles_are_looked_up_by_their_ids_and_not_by_the_state_that_most_of_them_share() {
    let (app, made) = portal().await;
    let db = &app.app.db.read;
    if db.get_database_backend() != DbBackend::Sqlite {
        // PostgreSQL counts what is there, and this is few.
        return;
    }
    let mut lookup = article::Entity::find()
        .filter(article::Column::Id.is_in(made.iter().map(Made::uuid)))
        .filter(article::Column::State.eq(State::Published))
        .filter(article::Column::PublishedAt.lte(app.app.clock.now()))
        .build(DbBackend::Sqlite);
    lookup.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
    let plan = db.query_one_raw(lookup).await.unwrap().unwrap();
    let plan: String = plan.try_get("", "detail").unwrap();
    assert!(plan.contains("(id=?)"), "{plan}");
}
