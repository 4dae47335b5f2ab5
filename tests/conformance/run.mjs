// `node run.mjs URL TOKEN`: every suite against a running server; fails if one finds a fault.
// The token needs the scopes `admin` and `unlimited`.
import { apollo } from './apollo.mjs';
import { changes } from './changes.mjs';
import { closes } from './closes.mjs';
import { codegen } from './codegen.mjs';
import { documents } from './documents.mjs';
import { events } from './events.mjs';
import { explorer } from './explorer.mjs';
import { http } from './http.mjs';
import { introspection } from './introspection.mjs';
import { lint } from './lint.mjs';
import { relayStore } from './relay.mjs';
import { relayLive } from './relay_live.mjs';
import { sockets } from './sockets.mjs';
import { urql } from './urql.mjs';

const [url, token] = process.argv.slice(2);
const suites = [
  changes, http, introspection, documents, lint, codegen, closes, sockets, events, apollo, urql,
  relayStore, relayLive, explorer,
];
let found = 0;
for (const suite of suites) {
  const started = Date.now();
  const { checks, faults } = await suite(url, token);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${suite.name}: ${checks - faults.length} of ${checks} (${seconds} s)`);
  faults.forEach((fault) => console.log(`  ${fault}`));
  found += faults.length;
}
process.exit(found > 0 ? 1 : 0);
