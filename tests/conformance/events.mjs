// GraphQL as events: the client of graphql-sse, and what every browser has.
import { EventSource } from 'eventsource';
import { createClient } from 'graphql-sse';
import { suite, until } from './checks.mjs';
import { Desk } from './desk.mjs';
import { CHANGED, Heard, PUBLISHED, TOTALS } from './heard.mjs';
import { wire } from './wire.mjs';

const CREATE = 'mutation { createArticle(input: {title: "事件流", body: "正文"}) { article { title } } }';

function hear(from, query, variables) {
  const heard = new Heard();
  heard.stop = from.subscribe({ query, variables }, heard.sink);
  return heard;
}

async function results(from, query) {
  const heard = hear(from, query);
  const error = await heard.ends(query);
  if (error !== undefined) throw error;
  return heard.values;
}

async function operations(found, url, token) {
  // It would take a refusal for a broken line, and try again.
  const reader = createClient({ url, retryAttempts: 0 });
  found.same('a query', await results(reader, '{ region(code: "130000") { name } }'), [
    { data: { region: { name: '河北省' } } },
  ]);
  const editor = createClient({ url, retryAttempts: 0, headers: { authorization: `Bearer ${token}` } });
  found.same('a mutation of an editor', await results(editor, CREATE), [
    { data: { createArticle: { article: { title: '事件流' } } } },
  ]);
  for (const [query, code] of [
    [CREATE, 'UNAUTHENTICATED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{', 'GRAPHQL_PARSE_FAILED'],
    ['subscription { articlePublished(after: "x") { cursor } }', 'BAD_USER_INPUT'],
  ]) {
    const told = await results(reader, query);
    found.same(query, told.map(({ errors }) => errors?.[0].extensions.code), [code]);
  }
  const stranger = createClient({ url, retryAttempts: 0, headers: { authorization: 'Bearer no' } });
  const refused = await results(stranger, '{ site { name } }').catch((error) => error);
  found.same('a wrong token', refused.response?.status, 401);
}

async function subscriptions(found, url, desk) {
  const reader = createClient({ url });
  const { id, version } = await desk.published('事件', { regions: ['330100'] });
  const totals = hear(reader, TOTALS, { articles: [id] });
  await totals.find('the first totals', ({ data }) => data.viewTotals[0].total === 0);
  await desk.seen(id);
  await totals.find('a view', ({ data }) => data.viewTotals[0].total === 1);
  const changed = hear(reader, CHANGED, { id });
  let next = version;
  await changed.begins(async () => {
    next = (await desk.updates(id, next, { title: `事件${next}` })).version;
  });
  const published = hear(reader, PUBLISHED, { region: 'zhejiang' });
  await published.begins(() => desk.published('浙江', { regions: ['330100'] }));
  const { articlePublished } = published.values[0].data;
  found.same('its title', articlePublished.article.title, '浙江');
  await desk.deletes(id);
  await changed.find('the end', ({ data }) => data.articleChanged.kind === 'DELETED');
  found.same('titles of changes', changed.values[0].data.articleChanged.article.title, `事件${version}`);

  published.stop();
  await until('the completion', () => published.complete);
  const again = hear(reader, PUBLISHED, { region: 'zhejiang', after: articlePublished.cursor });
  const after = await desk.published('之后', { regions: ['330100'] });
  await again.find('what came after', ({ data }) => data.articlePublished.article.id === after.id);
  found.same('heard after it was stopped', published.values.some(({ data }) =>
    data.articlePublished.article.id === after.id), false);
  reader.dispose();
}

/** A browser's source of events comes back by itself and says where it was. */
async function browsers(found, url, desk) {
  const cable = await wire(url);
  const address = new URL(cable.url);
  address.searchParams.set('query', PUBLISHED);
  address.searchParams.set('variables', JSON.stringify({ region: '640000' }));
  const source = new EventSource(address.href);
  const titles = [];
  const ids = [];
  source.addEventListener('next', ({ data, lastEventId }) => {
    const { cursor, article } = JSON.parse(data).data.articlePublished;
    titles.push(article.title);
    ids.push([lastEventId, cursor]);
  });
  const regions = ['640100'];
  const publish = async (...names) => {
    for (const name of names) await desk.published(name, { regions });
  };
  try {
    await until('where it begins', () => cable.told.text.includes('\nid: '));
    // Browsers could go on from there; this package wants to have heard of something first.
    await publish('一');
    await until('the first one', () => titles.length >= 1);
    cable.cut();
    await publish('二', '三');
    await until('what was missed', () => titles.length >= 3, 8);
    await publish('四');
    await until('what happens then', () => titles.length >= 4);
    cable.cut();
    await publish('五', '六');
    await until('what was missed again', () => titles.length >= 6, 8);
  } finally {
    source.close();
    cable.close();
  }
  found.same('all of it once, in order', titles, ['一', '二', '三', '四', '五', '六']);
  found.same('ids of events are cursors', ids.every(([id, cursor]) => id === cursor), true);
  found.same('connections', cable.told.connections, 3);
}

/** An answer ends, and says so. */
async function endings(found, url) {
  const address = new URL(url);
  address.searchParams.set('query', '{ nothing }');
  const source = new EventSource(address.href);
  const heard = [];
  source.addEventListener('next', ({ data }) => heard.push(JSON.parse(data)));
  source.addEventListener('complete', () => {
    heard.push('complete');
    source.close();
  });
  await until('the end', () => heard.includes('complete')).finally(() => source.close());
  found.same('an error, then the end', [heard[0].errors?.[0].extensions.code, heard[1]], [
    'GRAPHQL_VALIDATION_FAILED', 'complete',
  ]);
}

export const events = suite('events', async (found, url, token) => {
  const desk = new Desk(url, token);
  await Promise.all([
    operations(found, url, token), subscriptions(found, url, desk), browsers(found, url, desk), endings(found, url),
  ]);
});
