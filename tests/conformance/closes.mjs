// What breaks the protocol closes the socket with the code that graphql-ws has for it.
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType } from 'graphql-ws';
import WebSocket from 'ws';
import { suite, within } from './checks.mjs';

const init = { type: MessageType.ConnectionInit };
const { Subscribe } = MessageType;
const query = (id, text) => ({ id, type: Subscribe, payload: { query: text } });
const endless = query('1', 'subscription { articlePublished { cursor } }');

const CLOSES = [
  ['no JSON', CloseCode.BadRequest, ['{']],
  ['no type', CloseCode.BadRequest, [{}]],
  ['a type of servers', CloseCode.BadRequest, [init, { type: MessageType.ConnectionAck }]],
  ['no id', CloseCode.BadRequest, [init, { type: Subscribe, payload: { query: '{ __typename }' } }]],
  ['no query', CloseCode.BadRequest, [init, { id: '1', type: Subscribe, payload: {} }]],
  ['bytes', CloseCode.BadRequest, [Buffer.from('{"type":"ping"}')]],
  ['a query too early', CloseCode.Unauthorized, [query('1', '{ __typename }')]],
  ['a wrong token', CloseCode.Forbidden, [{ ...init, payload: { authorization: 'Bearer no' } }]],
  ['an id twice', CloseCode.SubscriberAlreadyExists, [init, endless, endless]],
  ['two beginnings', CloseCode.TooManyInitialisationRequests, [init, init]],
];

/** The code that closes a socket which says all of that. */
async function closed(url, protocol, messages) {
  const socket = new WebSocket(url.replace('http', 'ws'), protocol);
  const code = new Promise((resolve, reject) => {
    socket.on('close', resolve);
    socket.on('error', reject);
  });
  socket.on('open', () => {
    messages.forEach((message) => {
      const raw = typeof message === 'string' || Buffer.isBuffer(message);
      socket.send(raw ? message : JSON.stringify(message));
    });
  });
  try {
    return await within(5, 'a socket to be closed', code);
  } finally {
    socket.terminate();
  }
}

export const closes = suite('closes', async (found, url) => {
  await Promise.all(CLOSES.map(async ([what, code, messages]) => {
    found.same(what, await closed(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, messages), code);
  }));
  found.same('no protocol', await closed(url, [], []), CloseCode.SubprotocolNotAcceptable);
  // This client goes by itself, as browsers do, before it is told why.
  const old = await closed(url, ['graphql-ws'], []).catch((error) => error.message);
  found.same('the older protocol', old, 'Server sent no subprotocol');
  const both = closed(url, ['graphql-ws', GRAPHQL_TRANSPORT_WS_PROTOCOL], [init, init]);
  found.same('both', await both, CloseCode.TooManyInitialisationRequests);
});
