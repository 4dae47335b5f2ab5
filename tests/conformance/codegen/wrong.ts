// What tsc must refuse: a line that it takes is an error, by its mark.
import type { FragmentType } from '../.made/codegen/index.js';
import { unmask } from '../.made/codegen/index.js';
import type {
  ArticleBySlugQueryVariables, ArticleChangeKind, CardFragment, ChangedSubscription,
  CreateArticleInput, HotQuery, NewestQuery, NewestQueryVariables, PageFragment,
} from '../.made/codegen/graphql.js';
import { Card, Page } from './documents.js';

declare const card: CardFragment;
declare const masked: FragmentType<typeof Card>;
declare const newest: NewestQuery;
declare const page: PageFragment;
declare const hot: HotQuery;
declare const changed: ChangedSubscription;

// @ts-expect-error No such field.
card.headline;
// @ts-expect-error In the schema, but not asked for.
card.body;
// @ts-expect-error Only those who unmask it see what a fragment asks for.
masked.title;
// @ts-expect-error A fragment of another type of document.
unmask(Page, masked);
// @ts-expect-error It may be null.
card.publishedAt.length;
// @ts-expect-error There may be none.
newest.articles.edges[0].cursor;
// @ts-expect-error Long is a number.
page.body.wordCount.toUpperCase();
// @ts-expect-error Only headings have a level.
page.body.blocks[0]?.level;
// @ts-expect-error May be null.
hot.hotArticles.edges.map(({ previousRank }) => previousRank + 1);
// @ts-expect-error May be gone.
unmask(Page, changed.articleChanged.article).body;

// @ts-expect-error Not a value of the enum.
export const kind: ArticleChangeKind = 'PRINTED';
// @ts-expect-error Needed.
export const nothing: ArticleBySlugQueryVariables = {};
// @ts-expect-error Not null.
export const none: ArticleBySlugQueryVariables = { slug: null };
// @ts-expect-error A number.
export const first: NewestQueryVariables = { first: '10' };
// @ts-expect-error No such order.
export const order: NewestQueryVariables = { first: 10, orderBy: 'RANDOM' };
// @ts-expect-error No such filter.
export const filter: NewestQueryVariables = { first: 10, filter: { province: 'hebei' } };
// @ts-expect-error Without its text.
export const input: CreateArticleInput = { title: '标题' };
// @ts-expect-error An object.
export const metadata: CreateArticleInput = { title: '标题', body: '', metadata: 'text' };
