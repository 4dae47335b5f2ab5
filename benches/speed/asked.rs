//! What front ends ask all day.

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use crate::data;
use crate::load::Request;
use crate::load::post;
use crate::server::Child;

/// So many different articles are asked for.
pub const PAGES: usize = 4_000;

const PAGE: &str = "query Page($id: ID!) { article(id: $id) { title publishedAt updatedAt byline \
    source { name url } channel { name } regions { name path ancestors { name } } tags \
    body { html foldAt } views { total } } }";
const CARD: &str = "nodes { id slug title teaser(maxLength: 100) publishedAt leadImage { url } \
    channel { name } regions { name } views { total } }";
const TREE: &str = "query($code: String!) { region(code: $code) { code name path children { code \
    name path children { code name path } } } }";

/// Something that is asked, in one or many forms.
pub struct Work {
    /// What it is called.
    pub name: &'static str,
    /// The bodies of its requests.
    pub bodies: Arc<Vec<String>>,
}

impl Work {
    /// Its requests, one form after the other.
    pub fn requests(&self, path: String, more: &'static str) -> Request {
        let bodies = self.bodies.clone();
        Arc::new(move |number| post(&path, more, &bodies[number % bodies.len()]))
    }
}

/// All that is asked.
pub fn all(child: &Child) -> Vec<Work> {
    let found = child.json(&body("{ regions { nodes { code } } }", json!({})));
    let provinces = found["data"]["regions"]["nodes"].as_array().expect("provinces");
    let each = |query: &str| -> Vec<String> {
        provinces.iter().map(|node| body(query, json!({ "code": node["code"] }))).collect()
    };
    let of_province = format!(
        "query($code: String!) {{ articles(first: 20, filter: {{ region: $code }}) {{ {CARD} }} }}"
    );
    // Those where there are articles.
    let mut full = each(&of_province);
    full.retain(|body| child.answer(body).contains("\"title\""));
    let work = |name, bodies| Work { name, bodies: Arc::new(bodies) };
    vec![
        work("article page", (0..PAGES).map(page).collect()),
        work(
            "newest 20",
            vec![body(&format!("{{ articles(first: 20) {{ {CARD} }} }}"), json!({}))],
        ),
        work(
            "hot 20",
            vec![body(&format!("{{ hotArticles(first: 20) {{ {CARD} }} }}"), json!({}))],
        ),
        work("province, cities, districts", each(TREE)),
        work("newest 20 of a province", full),
    ]
}

/// The page of an article, the same in any database.
fn page(number: usize) -> String {
    body(PAGE, json!({ "id": data::id(number) }))
}

/// Twenty articles behind so many of the newest, also of a province.
pub fn behind(child: &Child, count: usize, province: Option<&str>) -> String {
    let filter = province.map(|code| json!({ "region": code }));
    let mut after = Value::Null;
    for _ in 0..count / 100 {
        let query = "query($after: String, $filter: ArticleFilter) { articles(first: 100, \
                     after: $after, filter: $filter) { pageInfo { endCursor } } }";
        let found = child.json(&body(query, json!({ "after": after, "filter": filter })));
        after = found["data"]["articles"]["pageInfo"]["endCursor"].clone();
    }
    let query = format!(
        "query($after: String, $filter: ArticleFilter) {{ articles(first: 20, after: $after, \
         filter: $filter) {{ {CARD} }} }}"
    );
    body(&query, json!({ "after": after, "filter": filter }))
}

/// The body of a request.
pub fn body(query: &str, variables: Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}
