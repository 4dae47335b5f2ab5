// Queries to begin with: the query, and its variables where it has some.

const EXAMPLES = {
  'Newest articles': [`{
  articles(first: 5) {
    nodes {
      title
      publishedAt
      views { total }
      regions { name path }
    }
    pageInfo { hasNextPage endCursor }
  }
}`],
  'Newest in 河北省': [`{
  region(path: "hebei") {
    name
    articles(first: 5) { nodes { title teaser(maxLength: 60) regions { name } } }
  }
}`],
  'Hottest of 河北省': [`{
  hotArticles(region: "hebei", first: 10) {
    asOf
    edges { rank previousRank views node { title regions { name } } }
    filledFrom { name }
  }
}`],
  'The text of an article': [`{
  articles(first: 1) {
    nodes {
      title byline
      body { wordCount foldAt blocks { __typename text } }
    }
  }
}`],
  'Cities of a province': [`{
  region(code: "130000") { name children { name type path } }
}`],
  'Channels': [`{
  site { name articleCount { value exact } }
  channels { name slug articles(first: 2) { nodes { title } } }
}`],
  'Create a draft (token)': [`mutation {
  createArticle(input: { title: "第一篇", body: "正文。", regions: ["130100"] }) {
    article { id slug version }
    userErrors { field message code }
  }
}`],
  'As articles appear in 河北省 (live)': [`subscription {
  articlePublished(region: "hebei") {
    cursor
    at
    article { title regions { name } }
  }
}`],
  'Views as they are counted (live)': [`# The global ids are those that articles { nodes { id } } gives.
subscription ($articles: [ID!]!) {
  viewTotals(articles: $articles) { articleId total }
}`, '{\n  "articles": ["ID"]\n}'],
}
