// graphql-codegen's client preset makes types that TypeScript takes, and that are true.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from './checks.mjs';
import { failure, folder, made } from './made.mjs';

const read = (path) => readFileSync(join(import.meta.dirname, path), 'utf8');

export const codegen = suite('codegen', async (found, url, token) => {
  folder('codegen');
  folder('out');
  found.same('graphql-codegen', await failure('graphql-codegen', '--config', 'codegen/codegen.ts'), '');
  // Marked lines that TypeScript takes are faults, too.
  found.same('tsc', await failure('tsc', '--project', 'codegen'), '');
  const marked = read('codegen/wrong.ts').split('// @ts-expect-error').length - 1;
  found.holds('fewer than 18 lines that must be refused', marked >= 18);

  const { run } = await import(join(made, 'out/codegen/app.js'));
  const shown = await run(url, token);
  found.same('state', shown.state, '已发布');
  found.same('cards of two pages', new Set(shown.cards).size, 4);
  found.holds(`views of a card: ${shown.cards[0]}`, / \d+ 20\d\d-/.test(shown.cards[0]));
  found.holds('no blocks', shown.blocks.length > 0 && shown.blocks.every((block) => block !== ''));
  found.same('the first city', shown.cities[0]?.split(' ')[0], '石家庄市');
  found.same('hot articles', shown.hot.length, 3);
});
