// `node run.mjs URL`: every suite against a running server; fails if one finds a fault.
import { changes } from './changes.mjs';
import { documents } from './documents.mjs';
import { http } from './http.mjs';
import { introspection } from './introspection.mjs';

const url = process.argv[2];
let found = 0;
for (const suite of [changes, http, introspection, documents]) {
  const { checks, faults } = await suite(url);
  console.log(`${suite.name}: ${checks - faults.length} of ${checks}`);
  faults.forEach((fault) => console.log(`  ${fault}`));
  found += faults.length;
}
process.exit(found > 0 ? 1 : 0);
