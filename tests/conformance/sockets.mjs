// The client of graphql-ws: what it asks, hears, and does when something is wrong.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { suite, until, within } from './checks.mjs';
import { Desk } from './desk.mjs';
import { CHANGED, Heard, PUBLISHED, TOTALS } from './heard.mjs';

const CREATE = 'mutation { createArticle(input: {title: "套接字", body: "正文"}) { article { title } } }';
const STOPPED = [];

const address = (url) => url.replace('http', 'ws');

function client(url, options) {
  const made = createClient({ url: address(url), webSocketImpl: WebSocket, ...options });
  STOPPED.push(made);
  return made;
}

function hear(from, query, variables) {
  const heard = new Heard();
  heard.stop = from.subscribe({ query, variables }, heard.sink);
  return heard;
}

async function answer(from, query) {
  const heard = hear(from, query);
  const error = await heard.ends(query);
  return error ?? heard.values;
}

async function operations(found, url, token) {
  const reader = client(url);
  found.same('a query', await answer(reader, '{ region(code: "130000") { name } }'), [
    { data: { region: { name: '河北省' } } },
  ]);
  const [refused] = await answer(reader, CREATE);
  found.same('a mutation of a reader', refused.errors?.[0].extensions.code, 'UNAUTHENTICATED');
  const editor = client(url, { connectionParams: { authorization: `Bearer ${token}` } });
  found.same('a mutation of an editor', await answer(editor, CREATE), [
    { data: { createArticle: { article: { title: '套接字' } } } },
  ]);
  for (const [query, code] of [
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{', 'GRAPHQL_PARSE_FAILED'],
    ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription { articlePublished(region: "nowhere") { cursor } }', 'NOT_FOUND'],
  ]) {
    const errors = await answer(reader, query);
    found.holds(`${query}: errors must be a list: ${JSON.stringify(errors)}`, Array.isArray(errors));
    found.same(query, [errors[0].extensions.code, typeof errors[0].message], [code, 'string']);
  }
}

async function subscriptions(found, url, desk) {
  let opened = 0;
  const reader = client(url, { on: { opened: () => { opened += 1; } }, lazyCloseTimeout: 1000 });
  const { id, version } = await desk.published('听得见', { channel: 'tech', regions: ['130102'] });
  const totals = hear(reader, TOTALS, { articles: [id] });
  const [first] = (await totals.find('the first totals', () => true)).data.viewTotals;
  found.same('totals before a view', first, { articleId: id, total: 0, counted: 0, imported: 0 });
  const published = hear(reader, PUBLISHED, { region: 'hebei', channel: 'tech' });
  const changed = hear(reader, CHANGED, { id });
  let next = version;
  await changed.begins(async () => {
    next = (await desk.updates(id, next, { title: `听得见${next}` })).version;
  });
  await published.begins(() => desk.published('开始', { channel: 'tech', regions: ['130100'] }));
  found.same('sockets for three subscriptions', opened, 1);

  await desk.seen(id);
  const totalled = await totals.find('a view', ({ data }) => data.viewTotals[0]?.total === 1);
  found.same('totals after it', totalled.data.viewTotals, [{ articleId: id, total: 1, counted: 1, imported: 0 }]);
  const other = await desk.published('外省', { channel: 'tech', regions: ['440100'] });
  const own = await desk.published('本省', { channel: 'tech', regions: ['130104'] });
  const told = await published.find('an article', ({ data }) => data.articlePublished.article.id === own.id);
  found.same('its keys', Object.keys(told.data.articlePublished), ['cursor', 'at', 'article']);
  const foreign = published.values.some(({ data }) => data.articlePublished.article.id === other.id);
  found.same('an article of another province was heard', foreign, false);
  await desk.deletes(id);
  const gone = await changed.find('the end', ({ data }) => data.articleChanged.kind === 'DELETED');
  const { articleId, article } = gone.data.articleChanged;
  found.same('a tombstone', { articleId, article }, { articleId: id, article: null });

  published.stop();
  await until('the completion', () => published.complete);
  const before = published.values.length;
  const again = hear(reader, PUBLISHED, { channel: 'tech' });
  await again.begins(() => desk.published('又开始', { channel: 'tech', regions: ['130100'] }));
  found.same('heard after it was stopped', published.values.length, before);
  found.same('sockets for all of that', opened, 1);
}

async function resumption(found, url, desk) {
  const sockets = [];
  let open = () => {};
  const reader = client(url, {
    retryAttempts: 5,
    // Only when it is told to.
    retryWait: () => new Promise((resolve) => { open = resolve; }),
    on: { opened: (socket) => sockets.push(socket) },
  });
  const heard = new Heard();
  const variables = { region: '520000' };
  reader.subscribe({ query: PUBLISHED, variables }, {
    ...heard.sink,
    next: (value) => {
      // A client that comes back sends the same object again.
      variables.after = value.data.articlePublished.cursor;
      heard.values.push(value);
    },
  });
  const regions = ['520100'];
  const witness = hear(client(url), PUBLISHED, { region: '520000' });
  const named = (title) => ({ data }) => data.articlePublished.article.title === title;
  await witness.begins(() => desk.published('开端', { regions }));
  await heard.begins(() => desk.published('开端', { regions }));
  const numbers = () => heard.values.map(({ data }) => data.articlePublished.article.title)
    .filter((title) => title.startsWith('第'));
  for (const round of [1, 2, 3]) {
    const broken = sockets.at(-1);
    await desk.published(`第${round}甲`, { regions });
    await heard.find('an article', named(`第${round}甲`));
    broken.terminate();
    await until('the end of a socket', () => broken.readyState === WebSocket.CLOSED);
    await desk.published(`第${round}乙`, { regions });
    await desk.published(`第${round}丙`, { regions });
    // When others have heard of it, it is told again only to who asks for it.
    await witness.find('what happens meanwhile', named(`第${round}丙`));
    open();
    await heard.find('what was missed', named(`第${round}丙`));
  }
  const wanted = [1, 2, 3].flatMap((round) => ['甲', '乙', '丙'].map((part) => `第${round}${part}`));
  found.same('all of it once, in order', numbers(), wanted);
  found.same('sockets', sockets.length, 4);
}

async function strangers(found, url) {
  const codes = [];
  const stranger = client(url, {
    connectionParams: { authorization: 'Bearer redian_0' },
    // By itself this client tries five times more, as access could be granted meanwhile.
    shouldRetry: ({ code }) => code !== 4403,
    on: { closed: ({ code, reason }) => codes.push([code, reason]) },
  });
  const error = await answer(stranger, '{ site { name } }');
  found.same('a wrong token', [error.code, error.reason], [4403, 'Forbidden']);
  let tries = 0;
  const stubborn = client(url, {
    connectionParams: { authorization: 'Bearer redian_0' }, retryAttempts: 2, retryWait: async () => {},
    on: { closed: () => { tries += 1; } },
  });
  found.same('and at last', (await answer(stubborn, '{ site { name } }')).code, 4403);
  found.same('tries of a stubborn client', [tries, codes], [3, [[4403, 'Forbidden']]]);

  const alive = client(url, { keepAlive: 50, lazy: false });
  let pong;
  alive.on('pong', (received) => { pong ??= received; });
  await until('a pong', () => pong);
  found.same('pings are answered by pongs', pong, true);
}

export const sockets = suite('sockets', async (found, url, token) => {
  const desk = new Desk(url, token);
  await Promise.all([
    operations(found, url, token), subscriptions(found, url, desk), resumption(found, url, desk),
    strangers(found, url),
  ]);
  await within(5, 'clients to stop', Promise.all(STOPPED.splice(0).map((one) => one.dispose())));
});
