// `node changes.mjs BEFORE AFTER`: what clients of one schema would miss or stumble over in
// the other; fails if there is anything that allowed_changes.txt does not have.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, findBreakingChanges, findDangerousChanges, isObjectType, printSchema } from 'graphql';

const read = (path) => readFileSync(path, 'utf8');

export function found(before, after) {
  const [old, young] = [before, after].map((text) => buildSchema(text));
  return [...findBreakingChanges(old, young), ...findDangerousChanges(old, young)]
    .map(({ description }) => description);
}

// That each kind of change to today's schema is found and names the field.
export async function changes() {
  const today = printSchema(buildSchema(read(new URL('../../schema.graphql', import.meta.url))));
  const faults = [];
  let checks = 1;
  if (found(today, today).length > 0) faults.push('today differs from itself');
  for (const type of Object.values(buildSchema(today).getTypeMap()).filter(isObjectType)) {
    for (const { name } of Object.values(type.getFields()).filter(() => !type.name.startsWith('__'))) {
      checks += 1;
      const start = today.search(new RegExp(`^type ${type.name}\\b`, 'm'));
      const without = today.slice(0, start)
        + today.slice(start).replace(new RegExp(`^  ${name}\\b`, 'm'), `  ${name}Gone`);
      const told = found(today, without);
      if (!told.some((change) => change.includes(`${type.name}.${name} was removed`))) {
        faults.push(`${type.name}.${name} was taken away, and nobody noticed`);
      }
    }
  }
  const others = [
    ['articles(', 'articles(tomorrow: Int!, ', 'tomorrow'],
    ['enum ArticleOrder {', 'enum ArticleOrder {\n  BACKWARDS', 'BACKWARDS'],
    ['  byline: String', '  byline: Int', 'byline'],
  ];
  for (const [old, young, name] of others) {
    checks += 1;
    const told = found(today, today.replace(old, young));
    if (!told.some((change) => change.includes(name))) faults.push(`${young}: nobody noticed`);
  }
  return { checks, faults };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const allowed = read(new URL('allowed_changes.txt', import.meta.url)).split('\n');
  const told = found(...process.argv.slice(2).map(read)).filter((change) => !allowed.includes(change));
  told.forEach((change) => console.error(`since the last release: ${change}`));
  process.exit(told.length > 0 ? 1 : 0);
}
