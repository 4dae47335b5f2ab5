// Read by relay-compiler, never run. Names begin with that of the file, as Relay wants it.
graphql`
  fragment news_card on Article {
    title
    slug
    publishedAt
    views { total }
    channel { name }
  }
`;

graphql`
  fragment news_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 3 }, cursor: { type: "String" })
  @refetchable(queryName: "newsListNextQuery") {
    articles(first: $count, after: $cursor, filter: $filter)
    @connection(key: "news_articles", filters: ["filter"]) {
      edges { node { id ...news_card } }
    }
  }
`;

graphql`
  query newsListQuery($filter: ArticleFilter) { ...news_list }
`;

// Found again by its global id when the next page is asked for.
graphql`
  fragment news_region on Region
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "newsRegionNextQuery") {
    name
    articles(first: $count, after: $cursor) @connection(key: "news_region_articles") {
      edges { node { id ...news_card } }
    }
  }
`;

graphql`
  query newsRegionQuery($code: String!) { region(code: $code) { id ...news_region } }
`;

graphql`
  fragment news_hot on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "newsHotNextQuery") {
    hotArticles(first: $count, after: $cursor) @connection(key: "news_hotArticles") {
      asOf
      edges { rank node { id ...news_card } }
    }
  }
`;

graphql`
  query newsHotQuery { ...news_hot }
`;

graphql`
  query newsNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on Article { ...news_card @alias(as: "card") body { text } }
      ... on Region { name }
    }
  }
`;

graphql`
  mutation newsCreateMutation($input: CreateArticleInput!) {
    createArticle(input: $input) { article { id version ...news_card } userErrors { code message } }
  }
`;

graphql`
  mutation newsPublishMutation($input: PublishArticleInput!, $lists: [ID!]!) {
    publishArticle(input: $input) {
      article @prependNode(connections: $lists, edgeTypeName: "ArticleEdge") { id state version ...news_card }
      userErrors { code message }
    }
  }
`;

graphql`
  mutation newsUpdateMutation($input: UpdateArticleInput!) {
    updateArticle(input: $input) { article { id version ...news_card } userErrors { code message } }
  }
`;

graphql`
  mutation newsDeleteMutation($input: DeleteArticleInput!, $lists: [ID!]!) {
    deleteArticle(input: $input) { deletedId @deleteEdge(connections: $lists) userErrors { code message } }
  }
`;

graphql`
  subscription newsPublishedSubscription($lists: [ID!]!) {
    articlePublished {
      cursor
      article @prependNode(connections: $lists, edgeTypeName: "ArticleEdge") { id ...news_card }
    }
  }
`;

graphql`
  subscription newsChangedSubscription($id: ID!) {
    articleChanged(id: $id) { cursor kind articleId article { id version ...news_card } }
  }
`;

graphql`
  subscription newsTotalsSubscription($articles: [ID!]!) {
    viewTotals(articles: $articles) { articleId total }
  }
`;
