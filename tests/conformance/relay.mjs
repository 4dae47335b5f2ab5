// Relay: its compiler takes the schema, and its store keeps each object once.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import relay from 'relay-runtime';
import { suite } from './checks.mjs';
import { failure, folder, made } from './made.mjs';

const {
  commitMutation, ConnectionHandler, createOperationDescriptor, Environment, fetchQuery, getSelector, Network,
  RecordSource, requestSubscription, Store,
} = relay;

const load = (name) => createRequire(import.meta.url)(join(made, 'relay', `${name}.graphql.js`));

/** The key in the store of the list with that filter. */
export const list = (filter) => ConnectionHandler.getConnectionID('client:root', 'news_articles', { filter });

/** The compiler's faults. */
export async function compile() {
  folder('relay');
  // Compiled modules are of the older kind.
  writeFileSync(join(made, 'relay/package.json'), '{}');
  return failure('relay-compiler', 'relay/relay.config.json');
}

/** A front end with a store. */
export class Reader {
  constructor(url, token, subscribe) {
    const send = async ({ text }, variables) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const body = JSON.stringify({ query: text, variables });
      return (await fetch(url, { method: 'POST', headers, body })).json();
    };
    const store = new Store(new RecordSource());
    this.environment = new Environment({ network: Network.create(send, subscribe), store });
  }

  async asks(name, variables) {
    const query = load(name);
    this.environment.retain(createOperationDescriptor(query, variables));
    return fetchQuery(this.environment, query, variables).toPromise();
  }

  /** What the store has for a query. */
  sees(name, variables) {
    const { fragment } = createOperationDescriptor(load(name), variables);
    return this.environment.lookup(fragment).data;
  }

  /** What the store has for a fragment somewhere in that. */
  unmasks(name, reference) {
    return this.environment.lookup(getSelector(load(name), reference)).data;
  }

  async commits(name, variables) {
    return new Promise((resolve, reject) => {
      const onCompleted = (response, errors) => (errors ? reject(errors[0]) : resolve(response));
      commitMutation(this.environment, { mutation: load(name), variables, onCompleted, onError: reject });
    });
  }

  /** Hears until it is told not to; answers and errors go where it is told. */
  hears(name, variables, sink) {
    return requestSubscription(this.environment, { subscription: load(name), variables, ...sink });
  }

  record(id) {
    return this.environment.getStore().getSource().get(id);
  }
}

async function connections(found, reader) {
  const filter = { channel: 'tech' };
  const page = (data) => reader.unmasks('news_list', data).articles;
  const first = page(await reader.asks('newsListQuery', { filter }));
  found.same('the first page', first.edges.length, 3);
  const next = { filter, count: 2, cursor: first.pageInfo.endCursor };
  await reader.asks('newsListNextQuery', next);
  const both = page(reader.sees('newsListQuery', { filter }));
  found.same('two pages in one', both.edges.length, 5);
  found.same('doubles', new Set(both.edges.map(({ node }) => node.id)).size, 5);
  const cursors = ({ edges }) => edges.map((edge) => edge.cursor);
  found.same('the first page stays', cursors(both).slice(0, 3), cursors(first));

  const code = '130000';
  const { region } = await reader.asks('newsRegionQuery', { code });
  const inRegion = () => reader.unmasks('news_region', reader.sees('newsRegionQuery', { code }).region);
  const cursor = inRegion().articles.pageInfo.endCursor;
  await reader.asks('newsRegionNextQuery', { id: region.id, count: 2, cursor });
  found.same('pages of a region, the second by its id', inRegion().articles.edges.length, 4);

  const hot = (data) => reader.unmasks('news_hot', data).hotArticles;
  const hottest = hot(await reader.asks('newsHotQuery', {}));
  await reader.asks('newsHotNextQuery', { count: 2, cursor: hottest.pageInfo.endCursor });
  const ranks = hot(reader.sees('newsHotQuery', {})).edges.map(({ rank }) => rank);
  found.same('ranks of two pages', ranks.length, 4);
  found.same('order of ranks', ranks, ranks.toSorted((a, b) => a - b));
  return { id: both.edges[0].node.id, shown: () => page(reader.sees('newsListQuery', { filter })) };
}

async function changes(found, reader, { id, shown }) {
  const lists = [list({ channel: 'tech' })];
  const { node } = await reader.asks('newsNodeQuery', { id });
  found.same('the type of a node', node.__typename, 'Article');
  const input = { title: '接力测试', body: '正文', channel: 'tech' };
  const { createArticle: { article: draft } } = await reader.commits('newsCreateMutation', { input });
  await reader.commits('newsPublishMutation', { input: { id: draft.id }, lists });
  const titles = () => shown().edges.map((edge) => reader.unmasks('news_card', edge.node).title);
  found.same('a new article at the head of the list', titles()[0], '接力测试');

  const { version } = reader.record(draft.id);
  await reader.commits('newsUpdateMutation', { input: { id: draft.id, version, title: '接力再测' } });
  found.same('its change is seen in the list', titles()[0], '接力再测');
  const again = await reader.asks('newsNodeQuery', { id: draft.id });
  found.same('and by its id', reader.unmasks('news_card', again.node.card).title, '接力再测');
  await reader.commits('newsDeleteMutation', { input: { id: draft.id }, lists });
  found.same('deleted, it is in no list', titles().includes('接力再测'), false);
}

export const relayStore = suite('relay', async (found, url, token) => {
  found.same('relay-compiler', await compile(), '');
  found.same('a second time', await failure('relay-compiler', 'relay/relay.config.json', '--validate'), '');
  const reader = new Reader(url, token);
  await changes(found, reader, await connections(found, reader));
});
