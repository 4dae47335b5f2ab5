// Relay's subscriptions: what is heard is in the store, and in the lists that it belongs to.
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import { suite, until } from './checks.mjs';
import { Desk } from './desk.mjs';
import { Heard } from './heard.mjs';
import { compile, list, Reader } from './relay.mjs';

export const relayLive = suite('relayLive', async (found, url, token) => {
  found.same('relay-compiler', await compile(), '');
  const socket = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket });
  const subscribe = ({ text, name }, variables) => relay.Observable.create((sink) =>
    socket.subscribe({ query: text, operationName: name, variables }, sink));
  const reader = new Reader(url, token, subscribe);
  const desk = new Desk(url, token);
  const hear = (name, variables) => {
    const heard = new Heard();
    const { next: onNext, error: onError, complete: onCompleted } = heard.sink;
    heard.stop = reader.hears(name, variables, { onNext, onError, onCompleted });
    return heard;
  };

  const filter = {};
  await reader.asks('newsListQuery', { filter });
  const shown = () => reader.unmasks('news_list', reader.sees('newsListQuery', { filter })).articles.edges;
  const published = hear('newsPublishedSubscription', { lists: [list(filter)] });
  await published.begins(() => desk.published('接力开始'));
  const { id, version } = await desk.published('接力直播');
  await until('the new article at the head of the list', () => shown()[0].node.id === id);
  const ids = shown().map(({ node }) => node.id);
  found.same('articles that stand twice', ids.length - new Set(ids).size, 0);

  const changed = hear('newsChangedSubscription', { id });
  let next = version;
  await changed.begins(async () => {
    next = (await desk.updates(id, next, { title: `接力${next}` })).version;
  });
  await until('the last change', () => reader.record(id).version === next);
  const { title } = reader.unmasks('news_card', shown()[0].node);
  found.same('its title in the list', title, reader.record(id).title);

  const totals = hear('newsTotalsSubscription', { articles: [id] });
  await totals.find('the first totals', ({ viewTotals }) => viewTotals[0].total === 0);
  await desk.seen(id);
  await totals.find('a view', ({ viewTotals }) => viewTotals[0].total === 1);
  await desk.deletes(id);
  await changed.find('the end', ({ articleChanged }) => articleChanged.kind === 'DELETED');

  const refused = hear('newsChangedSubscription', { id: 'x' });
  const error = await refused.ends('a refusal');
  found.same('a wrong id', error?.[0]?.extensions?.code, 'BAD_USER_INPUT');
  [published, changed, totals].forEach((heard) => heard.stop.dispose());
  await socket.dispose();
});
