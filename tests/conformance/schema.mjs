// The committed schema, as text.
import { readFileSync } from 'node:fs';

export const schema = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
