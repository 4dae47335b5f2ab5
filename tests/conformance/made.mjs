// What tools make of the schema, in a folder that git ignores.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { schema } from './schema.mjs';

const here = import.meta.dirname;
export const made = join(here, '.made');

/** An empty folder of that name, and the schema beside it. */
export function folder(name) {
  rmSync(join(made, name), { recursive: true, force: true });
  mkdirSync(join(made, name), { recursive: true });
  writeFileSync(join(made, 'schema.graphql'), schema);
}

/** Runs a command of a package; why it failed, or nothing. */
export async function failure(command, ...parameters) {
  const path = join(here, 'node_modules/.bin', command);
  try {
    await promisify(execFile)(path, parameters, { cwd: here, timeout: 60_000 });
    return '';
  } catch (error) {
    return `${error.stdout}${error.stderr}` || error.message;
  }
}
