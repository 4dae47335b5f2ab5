// What the front end of a news site asks.
import { graphql } from '../.made/codegen/index.js';

export const Card = graphql(`
  fragment Card on Article {
    id slug title teaser(maxLength: 80) publishedAt
    channel { slug name }
    regions { code path shortName }
    leadImage { url alt width height }
    views { total }
  }
`);

export const Page = graphql(`
  fragment Page on Article {
    ...Card
    byline tags metadata updatedAt version state
    source { name url }
    body {
      html foldAt wordCount
      blocks {
        __typename text
        ... on HeadingBlock { level html }
        ... on ImageBlock { url alt caption }
        ... on ListBlock { ordered start items { html } }
        ... on TableBlock { header rows }
        ... on CodeBlock { language }
      }
    }
  }
`);

export const ArticleBySlug = graphql(`
  query ArticleBySlug($slug: String!) { article(slug: $slug) { ...Page } }
`);

export const Newest = graphql(`
  query Newest($first: Int!, $after: String, $filter: ArticleFilter, $orderBy: ArticleOrder! = NEWEST) {
    articles(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { id ...Card } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const Directory = graphql(`
  query Directory($code: String!) {
    region(code: $code) {
      code name level type path
      ancestors { name path }
      articleCount { value exact }
      children { code name path articleCount { value } children { code name } }
    }
  }
`);

export const Hot = graphql(`
  query Hot($region: String, $first: Int!) {
    hotArticles(region: $region, first: $first) {
      asOf
      filledFrom { name }
      edges { rank previousRank views pinned node { ...Card } }
    }
  }
`);

export const Create = graphql(`
  mutation Create($input: CreateArticleInput!) {
    createArticle(input: $input) { article { id version ...Card } userErrors { field code message } }
  }
`);

export const Publish = graphql(`
  mutation Publish($input: PublishArticleInput!) {
    publishArticle(input: $input) { article { id state publishedAt } userErrors { field code message } }
  }
`);

export const Published = graphql(`
  subscription Published($region: String, $channel: String, $after: String) {
    articlePublished(region: $region, channel: $channel, after: $after) { cursor at article { ...Card } }
  }
`);

export const Changed = graphql(`
  subscription Changed($id: ID!, $after: String) {
    articleChanged(id: $id, after: $after) { cursor at kind articleId article { version ...Page } }
  }
`);

export const Totals = graphql(`
  subscription Totals($articles: [ID!]!) {
    viewTotals(articles: $articles) { articleId total counted imported }
  }
`);
