// Apollo Client: its cache, persisted queries, errors and subscriptions.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { suite, until } from './checks.mjs';
import { Desk } from './desk.mjs';
import { CHANGED, Heard, PUBLISHED, TOTALS } from './heard.mjs';

// As browsers have it; the link looks for it.
globalThis.WebSocket ??= WebSocket;

const LIST = gql`query List($first: Int!, $after: String, $filter: ArticleFilter) {
  articles(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id title version views { total } channel { id name } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const ARTICLE = gql`query One($id: ID!) { article(id: $id) { id title version } }`;
const UPDATE = gql`mutation Update($input: UpdateArticleInput!) {
  updateArticle(input: $input) { article { id title version } userErrors { code message } }
}`;

function cache() {
  const paged = (...keys) => relayStylePagination(keys);
  return new InMemoryCache({
    possibleTypes: { Node: ['Article', 'Channel', 'Region'] },
    typePolicies: {
      Query: {
        fields: {
          articles: paged('filter', 'orderBy'),
          // What a list has an article read by its id has, too.
          article: (known, { args, toReference }) =>
            known ?? (args.id ? toReference({ __typename: 'Article', id: args.id }) : known),
        },
      },
      Region: { fields: { articles: paged('includeDescendants', 'orderBy') } },
      Channel: { fields: { articles: paged('orderBy') } },
      // Parts of an article: several selections of them belong together.
      Article: { fields: { views: { merge: true }, body: { merge: true } } },
      Site: { keyFields: [] },
    },
  });
}

function client(url, token, more = {}) {
  const sent = [];
  const record = async (address, options) => {
    sent.push({ method: options.method, address: `${address}`, body: options.body });
    return fetch(address, options);
  };
  const headers = { authorization: `Bearer ${token}` };
  const http = new HttpLink({ uri: url, fetch: record, ...(token && { headers }) });
  const link = more.persisted ? ApolloLink.from([more.persisted, http]) : http;
  return { sent, apollo: new ApolloClient({ cache: cache(), link, ...more.options }) };
}

async function lists(found, url, token) {
  const { apollo, sent } = client(url, token);
  const variables = { first: 3, filter: { channel: 'tech' } };
  const list = apollo.watchQuery({ query: LIST, variables });
  const heard = new Heard();
  const watching = list.subscribe(heard.sink);
  await heard.find('the first page', ({ data }) => data?.articles.edges.length === 3);
  for (const wanted of [6, 9]) {
    const { endCursor } = list.getCurrentResult().data.articles.pageInfo;
    await list.fetchMore({ variables: { after: endCursor } });
    await heard.find(`${wanted} articles`, ({ data }) => data?.articles.edges.length === wanted);
  }
  const edges = () => list.getCurrentResult().data.articles.edges;
  found.same('articles of three pages', new Set(edges().map(({ node }) => node.id)).size, 9);
  const { data } = await client(url, token).apollo.query({ query: LIST, variables: { ...variables, first: 9 } });
  found.same('the same as at once', edges(), data.articles.edges);
  const other = await apollo.query({ query: LIST, variables: { first: 1, filter: { channel: 'sports' } } });
  found.same('another filter is another list', edges().length, 9);
  found.holds('no sports', other.data.articles.edges.length === 1);

  const { id, version, title } = edges()[1].node;
  const before = sent.length;
  const cached = await apollo.query({ query: ARTICLE, variables: { id } });
  found.same('an article of the list', [cached.data.article.title, sent.length], [title, before]);
  const update = async (from, name) => apollo.mutate({
    mutation: UPDATE, variables: { input: { id, version: from, title: name } },
  });
  const changed = await update(version, '阿波罗');
  found.same('user errors', changed.data.updateArticle.userErrors, []);
  await heard.find('the new title in the list', (told) => told.data?.articles.edges[1].node.title === '阿波罗');
  const stale = await update(version, '太迟');
  found.same('too late', stale.data.updateArticle.userErrors[0].code, 'STALE_VERSION');
  found.same('which changes nothing', edges()[1].node.title, '阿波罗');
  await update(edges()[1].node.version, title);
  watching.unsubscribe();
}

async function persisted(found, url) {
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const link = () => new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  // Nobody has sent this document so far.
  const query = gql(`query New${Date.now()} { site { name articleCount { value } } }`);
  const methods = ({ sent }) => sent.map(({ method, body, address }) =>
    [method, `${body}${decodeURIComponent(address)}`.includes('articleCount')]);
  const first = client(url, undefined, { persisted: link() });
  const asked = await first.apollo.query({ query });
  found.same('missed, then sent', methods(first), [['GET', false], ['POST', true]]);
  const second = client(url, undefined, { persisted: link() });
  const again = await second.apollo.query({ query });
  found.same('known by its hash', methods(second), [['GET', false]]);
  found.same('the same answer', again.data, asked.data);
  const changes = client(url, undefined, { persisted: link() });
  await changes.apollo.mutate({ mutation: UPDATE, variables: { input: { id: 'x', version: 1 } } }).catch(() => {});
  found.same('methods of a mutation', [...new Set(methods(changes).map(([method]) => method))], ['POST']);
}

async function errors(found, url) {
  const { apollo } = client(url);
  const refused = async (promise) => promise.then(() => undefined, (error) => error);
  const invalid = await refused(apollo.query({ query: gql`{ site { nothing } }` }));
  const input = { id: 'x', version: 1 };
  const stranger = await refused(apollo.mutate({ mutation: UPDATE, variables: { input } }));
  for (const [what, error, code] of [
    ['a document that does not fit', invalid, 'GRAPHQL_VALIDATION_FAILED'],
    ['a mutation without a token', stranger, 'UNAUTHENTICATED'],
  ]) {
    found.holds(`${what}: ${error}`, CombinedGraphQLErrors.is(error));
    found.same(what, error?.errors?.map(({ extensions }) => extensions.code), [code]);
    found.same(`${what}: its message`, error?.errors?.[0].message.length > 10, true);
  }
}

async function subscriptions(found, url, desk) {
  const socket = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket });
  const apollo = new ApolloClient({ cache: cache(), link: new GraphQLWsLink(socket) });
  const hear = (text, variables) => {
    const heard = new Heard();
    heard.stop = apollo.subscribe({ query: gql(text), variables }).subscribe(heard.sink);
    return heard;
  };
  const { id, version } = await desk.published('缓存', { regions: ['450100'] });
  const totals = hear(TOTALS, { articles: [id] });
  await totals.find('the first totals', ({ data }) => data.viewTotals.length === 1);
  const changed = hear(CHANGED, { id });
  let next = version;
  await changed.begins(async () => {
    next = (await desk.updates(id, next, { title: `缓存${next}` })).version;
  });
  const published = hear(PUBLISHED, { region: 'guangxi' });
  await published.begins(() => desk.published('广西', { regions: ['450100'] }));
  await changed.find('the last change', ({ data }) => data.articleChanged.article.version === next);
  await until('the last version in the cache', () =>
    apollo.cache.readQuery({ query: ARTICLE, variables: { id } })?.article?.version === next);
  const refused = hear('subscription { articlePublished(region: "nowhere") { cursor } }');
  const { error } = await refused.find('a refusal', (result) => result.error);
  found.holds(`a refusal: ${error}`, CombinedGraphQLErrors.is(error));
  found.same('its code', error.errors?.[0].extensions.code, 'NOT_FOUND');
  [totals, changed, published].forEach((heard) => heard.stop.unsubscribe());
  apollo.stop();
  await socket.dispose();
}

export const apollo = suite('apollo', async (found, url, token) => {
  await lists(found, url, token);
  await persisted(found, url);
  await errors(found, url);
  await subscriptions(found, url, new Desk(url, token));
});
