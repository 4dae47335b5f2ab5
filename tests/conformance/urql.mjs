// urql with its normalising cache that knows the schema, and subscriptions as events.
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createClient } from 'graphql-sse';
import { getIntrospectionQuery } from 'graphql';
import { ask } from './ask.mjs';
import { suite } from './checks.mjs';
import { Desk } from './desk.mjs';
import { CHANGED, Heard, PUBLISHED } from './heard.mjs';

const LIST = gql`query List($first: Int!, $after: String, $filter: ArticleFilter) {
  articles(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id title version slug views { total } body { wordCount } regions { id name } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const NODE = gql`query One($id: ID!) {
  node(id: $id) { id __typename ... on Article { title version views { total } } }
}`;
const HOT = gql`query Hot { hotArticles(first: 3) { asOf edges { rank node { id title } } pageInfo { endCursor } } }`;
const PROVINCE = gql`query Province { region(code: "130000") { id name articleCount { value } children { id name } } }`;
const SITE = gql`query Site { site { name articleCount { value exact } } channels { id name } }`;
const UPDATE = gql`mutation Update($input: UpdateArticleInput!) {
  updateArticle(input: $input) { article { id title version } userErrors { code field message } }
}`;
const CREATE = gql`mutation Create($input: CreateArticleInput!) {
  createArticle(input: $input) { article { id } userErrors { code } }
}`;
const TOTALS = gql`subscription Totals($articles: [ID!]!) { viewTotals(articles: $articles) { articleId total } }`;

/** What has no id is kept in what it is part of; totals are known by their article. */
function keys({ __schema: { types } }) {
  const parts = types.filter(({ kind, fields, name }) =>
    kind === 'OBJECT' && !name.startsWith('__') && !fields.some((field) => field.name === 'id'));
  const none = Object.fromEntries(parts.map(({ name }) => [name, () => null]));
  return { ...none, ViewTotals: ({ articleId }) => articleId };
}

function client(url, schema, warnings, more = {}) {
  const sent = [];
  const cache = cacheExchange({
    schema,
    keys: keys(schema),
    logger: (severity, message) => severity !== 'debug' && warnings.push(message),
    resolvers: {
      Query: {
        articles: relayPagination(),
        node: (_, { id }, store) => (store.resolve({ __typename: 'Article', id }, 'title')
          ? { __typename: 'Article', id } : undefined),
      },
    },
    updates: {
      Subscription: {
        viewTotals({ viewTotals }, _, store) {
          const fragment = gql`fragment Views on Article { id views { total } }`;
          viewTotals.forEach(({ articleId, total }) => store.writeFragment(fragment, {
            __typename: 'Article', id: articleId, views: { __typename: 'ArticleViews', total },
          }));
        },
      },
    },
  });
  const record = async (address, options) => {
    sent.push(address);
    return fetch(address, options);
  };
  const { exchanges = [], ...options } = more;
  const own = new Client({ url, exchanges: [cache, ...exchanges, fetchExchange], fetch: record, ...options });
  return { own, sent };
}

async function lists(found, { own, sent }) {
  const filter = { region: 'hebei' };
  const first = await own.query(LIST, { first: 3, filter });
  found.same('an error of the first page', first.error?.message, undefined);
  const { endCursor } = first.data.articles.pageInfo;
  await own.query(LIST, { first: 3, after: endCursor, filter });
  const both = (await own.query(LIST, { first: 3, after: endCursor, filter })).data.articles;
  found.same('two pages in one', new Set(both.edges.map(({ node }) => node.id)).size, 6);
  const { id, title, version } = both.edges[4].node;
  const before = sent.length;
  const { data } = await own.query(NODE, { id });
  found.same('an article of the list', [data.node.title, sent.length], [title, before]);

  const shown = new Heard();
  const stop = own.query(NODE, { id }).subscribe(shown.sink.next);
  const update = async (from, name) => own.mutation(UPDATE, { input: { id, version: from, title: name } });
  const changed = await update(version, '优尔');
  found.same('user errors', changed.data.updateArticle.userErrors, []);
  await shown.find('the new title where it is shown', (told) => told.data?.node.title === '优尔');
  const list = await own.query(LIST, { first: 3, filter }, { requestPolicy: 'cache-only' });
  found.same('and in the list', list.data.articles.edges.find(({ node }) => node.id === id)?.node.title, '优尔');
  await update(version + 1, title);
  stop.unsubscribe();
}

async function others(found, { own }) {
  for (const [query, field] of [[HOT, 'hotArticles'], [PROVINCE, 'region'], [SITE, 'site']]) {
    const told = await own.query(query, {});
    const kept = await own.query(query, {}, { requestPolicy: 'cache-only' });
    found.same(`${field} is kept as a whole`, kept.data?.[field], told.data?.[field]);
    found.holds(`${field} is nothing`, told.data?.[field]);
  }
}

async function errors(found, url, schema, warnings) {
  const { own } = client(url, schema, warnings);
  const { error } = await own.mutation(CREATE, { input: { title: '无权', body: '正文' } });
  found.same('a mutation without a token', error?.graphQLErrors.map((one) => one.extensions.code), ['UNAUTHENTICATED']);
  const persisted = await own.query(LIST, { first: 1000 });
  found.same('a wrong argument', persisted.error?.graphQLErrors[0].extensions.code, 'BAD_USER_INPUT');
}

/** Subscriptions by the client of graphql-sse, or by urql itself. */
async function subscriptions(found, { own }, desk, how) {
  const hear = (query, variables) => {
    const heard = new Heard();
    heard.stop = own.subscription(query, variables).subscribe((result) => {
      if (result.error) heard.sink.error(result.error);
      else heard.sink.next(result);
    });
    return heard;
  };
  const { id, version } = await desk.published(`事件${how}`, { regions: ['230100'] });
  const shown = new Heard();
  const stop = own.query(NODE, { id }).subscribe(shown.sink.next);
  await shown.find('an article', ({ data }) => data?.node.views.total === 0);
  const totals = hear(TOTALS, { articles: [id] });
  await totals.find('the first totals', ({ data }) => data.viewTotals.length === 1);
  await desk.seen(id);
  await shown.find('a view where it is shown', ({ data }) => data?.node.views.total === 1);

  const changed = hear(CHANGED, { id });
  let next = version;
  await changed.begins(async () => {
    next = (await desk.updates(id, next, { title: `${how}${next}` })).version;
  });
  await shown.find('the last change', ({ data }) => data?.node.version === next);
  const published = hear(PUBLISHED, { region: 'heilongjiang' });
  await published.begins(() => desk.published('黑龙江', { regions: ['230100'] }));
  const refused = hear(PUBLISHED, { region: 'nowhere' });
  const error = await refused.ends('a refusal');
  found.same(`a refusal by ${how}`, error.graphQLErrors?.map(({ extensions }) => extensions.code), ['NOT_FOUND']);
  [totals, changed, published, refused].forEach((heard) => heard.stop.unsubscribe());
  stop.unsubscribe();
}

export const urql = suite('urql', async (found, url, token) => {
  const { data: schema } = await ask(url, { query: getIntrospectionQuery() });
  const warnings = [];
  const fetchOptions = { headers: { authorization: `Bearer ${token}` } };
  const editor = client(url, schema, warnings, { fetchOptions });
  await lists(found, editor);
  await others(found, editor);
  await errors(found, url, schema, warnings);

  const desk = new Desk(url, token);
  const events = createClient({ url });
  const forwardSubscription = (request) => ({
    subscribe: (sink) => ({ unsubscribe: events.subscribe({ ...request, query: request.query ?? '' }, sink) }),
  });
  const exchanges = [subscriptionExchange({ forwardSubscription })];
  await subscriptions(found, client(url, schema, warnings, { exchanges }), desk, 'graphql-sse');
  await subscriptions(found, client(url, schema, warnings, { fetchSubscriptions: true }), desk, 'fetch');
  events.dispose();
  found.same('warnings of the cache', [...new Set(warnings)], []);
});
