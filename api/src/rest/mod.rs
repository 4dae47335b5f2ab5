//! Plain JSON by GET, for those without GraphQL: each path is a query that is written here, so
//! that fields, rules, pages and errors are those of GraphQL.

pub mod http;
pub mod openapi;
pub mod openapi_schema;

/// A path and its query.
#[derive(Debug)]
pub struct Resource {
    /// The path; what is in braces is a parameter.
    pub path: &'static str,
    /// What it is called in the OpenAPI document.
    pub name: &'static str,
    /// What it gives, in a sentence.
    pub summary: &'static str,
    /// The field of the query whose value is the answer.
    pub field: &'static str,
    /// The parameters, each a variable of the query.
    pub parameters: &'static [&'static str],
    /// The query.
    pub query: &'static str,
}

/// What a list shows of an article.
macro_rules! card {
    () => {
        "id slug url title byline teaser(maxLength: 200) publishedAt updatedAt tags \
         source { name url } leadImage { url alt caption credit width height } \
         channel { slug name } regions { code name path } views { total }"
    };
}

/// Every path.
pub const RESOURCES: [Resource; 7] = [
    Resource {
        path: "/v1/articles",
        name: "listArticles",
        summary: "The newest articles, of a region with all below it, a channel or a tag.",
        field: "articles",
        parameters: &["first", "after", "region", "channel", "tag", "from", "to"],
        query: concat!(
            "query($first: Int, $after: String, $region: String, $channel: String, $tag: String, \
             $from: DateTime, $to: DateTime) { articles(first: $first, after: $after, filter: { \
             region: $region, channel: $channel, tag: $tag, publishedFrom: $from, \
             publishedUntil: $to }) { nodes { ",
            card!(),
            " } pageInfo { hasNextPage endCursor } } }"
        ),
    },
    Resource {
        path: "/v1/articles/{slug}",
        name: "getArticle",
        summary: "An article with its text. An earlier slug answers, too: redirect when `slug` is \
                  another one.",
        field: "article",
        parameters: &["slug"],
        query: concat!(
            "query($slug: String!) { article(slug: $slug) { ",
            card!(),
            " metadata body { html text foldAt wordCount } } }"
        ),
    },
    Resource {
        path: "/v1/articles/{slug}/recommended",
        name: "getRecommended",
        summary: "Ten articles that a reader of one may want next, and why; those with nearly the \
                  same text.",
        field: "article",
        parameters: &["slug"],
        query: concat!(
            "query($slug: String!) { article(slug: $slug) { \
             recommended(first: 10) { reason article { ",
            card!(),
            " } } reprints { ",
            card!(),
            " } } }"
        ),
    },
    Resource {
        path: "/v1/regions",
        name: "listRegions",
        summary: "Regions: all provinces, those straight below another one, or those of a name.",
        field: "regions",
        parameters: &["first", "after", "parent", "search"],
        query: "query($first: Int = 100, $after: String, $parent: String, $search: String) { \
                regions(first: $first, after: $after, parent: $parent, search: $search) { \
                nodes { code name shortName level type path parent { code name path } } \
                pageInfo { hasNextPage endCursor } } }",
    },
    Resource {
        path: "/v1/regions/{code}",
        name: "getRegion",
        summary: "A region with those above and straight below it. A former code gives the region \
                  that followed.",
        field: "region",
        parameters: &["code"],
        query: "query($code: String!) { region(code: $code) { code name shortName level type path \
                articleCount { value exact } ancestors { code name path } \
                children { code name path level } } }",
    },
    Resource {
        path: "/v1/hot",
        name: "listHotArticles",
        summary: "What is most wanted now, also of a region or a channel.",
        field: "hotArticles",
        parameters: &["first", "after", "region", "channel"],
        query: concat!(
            "query($first: Int! = 10, $after: String, $region: String, $channel: String) { \
             hotArticles(first: $first, after: $after, region: $region, channel: $channel) { \
             edges { rank previousRank views filled pinned node { ",
            card!(),
            " } } pageInfo { hasNextPage endCursor } asOf } }"
        ),
    },
    Resource {
        path: "/v1/search",
        name: "searchArticles",
        summary: "Articles that have all words of a query.",
        field: "searchArticles",
        parameters: &["q", "first", "after", "region", "from", "to", "order"],
        query: concat!(
            "query($q: String!, $first: Int! = 20, $after: String, $region: String, \
             $from: DateTime, $to: DateTime, $order: SearchOrder! = NEWEST) { searchArticles(query: $q, \
             first: $first, after: $after, region: $region, from: $from, to: $to, order: $order) { \
             edges { title { text matched } snippet { text matched } node { ",
            card!(),
            " } } pageInfo { hasNextPage endCursor } total { value relation } \
             terms { text excluded quoted } } }"
        ),
    },
];
