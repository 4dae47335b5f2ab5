// A front end that relies on the types, strictly: it is compiled, then run.
import type { FragmentType } from '../.made/codegen/index.js';
import { unmask } from '../.made/codegen/index.js';
import type {
  ArticleChangeKind, ArticleState, ChangedSubscription, PageFragment, PublishedSubscription,
  TotalsSubscription, TypedDocumentString, UserErrorCode,
} from '../.made/codegen/graphql.js';
import {
  ArticleBySlug, Card, Create, Directory, Hot, Newest, Page, Publish,
} from './documents.js';

type Send = <Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables)
  => Promise<Data>;

function sender(url: string, token: string): Send {
  return async (document, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    const { data, errors } = await response.json();
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
}

function card(masked: FragmentType<typeof Card>): string {
  const article = unmask(Card, masked);
  const image: string = article.leadImage?.alt ?? '';
  const places: string[] = article.regions.map(({ shortName }) => shortName);
  const views: number = article.views.total;
  const date: string | null | undefined = article.publishedAt;
  return `${article.title} ${image} ${places.join('、')} ${views} ${date ?? '-'}`;
}

type Block = PageFragment['body']['blocks'][number];

function block(part: Block): string {
  switch (part.__typename) {
    case 'HeadingBlock': return `<h${part.level}>${part.html}</h${part.level}>`;
    case 'ImageBlock': return `<img src="${part.url}" alt="${part.alt}">`;
    case 'ListBlock': return part.items.map(({ html }) => `<li>${html}</li>`).join('');
    case 'TableBlock': return part.rows.map((row) => row.join('|')).join('\n');
    default: return part.text;
  }
}

const STATES: Record<ArticleState, string> = { DRAFT: '草稿', PUBLISHED: '已发布', WITHDRAWN: '已撤回' };

export function heard(
  published: PublishedSubscription, changed: ChangedSubscription, totals: TotalsSubscription,
): string[] {
  const kind: ArticleChangeKind = changed.articleChanged.kind;
  const page = unmask(Page, changed.articleChanged.article);
  const numbers = totals.viewTotals.map(({ articleId, total }) => `${articleId} ${total + 1}`);
  return [card(published.articlePublished.article), kind, page?.body.html ?? 'gone', ...numbers];
}

/** What it shows; the suite looks into it. */
export async function run(url: string, token: string) {
  const send = sender(url, token);
  const title = '类型检查';
  const { createArticle } = await send(Create, { input: { title, body: '正文。\n\n- 一', metadata: { a: [1] } } });
  const codes: UserErrorCode[] = createArticle.userErrors.map(({ code }) => code);
  if (!createArticle.article) throw new Error(codes.join());
  const { id, version } = createArticle.article;
  const { publishArticle } = await send(Publish, { input: { id, version } });
  const state = publishArticle.article?.state;

  const { articles } = await send(Newest, { first: 2, filter: { channel: 'tech' } });
  const next = await send(Newest, { first: 2, after: articles.pageInfo.endCursor ?? null });
  const first = articles.edges[0];
  const slug = first && unmask(Card, first.node).slug;
  const { article } = await send(ArticleBySlug, { slug: slug ?? '' });
  const page = unmask(Page, article);
  const { region } = await send(Directory, { code: '130000' });
  const { hotArticles } = await send(Hot, { region: 'hebei', first: 3 });
  return {
    state: state === undefined ? '' : STATES[state],
    cards: [...articles.edges, ...next.articles.edges].map(({ node }) => card(node)),
    blocks: page?.body.blocks.map(block) ?? [],
    cities: region?.children.map(({ name, articleCount }) => `${name} ${articleCount.value}`) ?? [],
    hot: hotArticles.edges.map(({ rank, previousRank, node }) => `${rank - (previousRank ?? 0)} ${card(node)}`),
  };
}
