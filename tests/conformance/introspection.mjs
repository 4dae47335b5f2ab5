// What introspection tells is a schema that graphql-js can build, and the one that is
// committed.
import { readFileSync } from 'node:fs';
import {
  buildClientSchema, buildSchema, findBreakingChanges, findDangerousChanges,
  getIntrospectionQuery, validateSchema,
} from 'graphql';
import { ask } from './ask.mjs';

export async function introspection(url) {
  const query = getIntrospectionQuery({
    descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true,
    schemaDescription: true, inputValueDeprecation: true, oneOf: true,
  });
  const answer = await ask(url, { query });
  if (answer.errors) return { checks: 1, faults: answer.errors.map((error) => error.message) };
  const told = buildClientSchema(answer.data);
  const committed = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  const faults = [
    ...validateSchema(told),
    ...findBreakingChanges(committed, told),
    ...findBreakingChanges(told, committed),
    ...findDangerousChanges(committed, told),
  ].map((fault) => fault.message ?? fault.description)
    // What every server has is told by the server, and added by graphql-js where it is used.
    .filter((fault) => !/^Standard scalar|^DIRECTIVE_DEFINITION was removed from deprecated/.test(fault));
  return { checks: 5, faults };
}
