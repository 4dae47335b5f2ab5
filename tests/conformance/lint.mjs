// graphql-eslint's rules for schemas, those for Relay too, and a description of everything.
import plugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { buildSchema, printSchema } from 'graphql';
import { suite } from './checks.mjs';
import { schema } from './schema.mjs';

// As introspection tells it to tools: without what every server has, and in one style.
const printed = printSchema(buildSchema(schema));

const rule = (name, options) => ({ [`@graphql-eslint/${name}`]: ['error', options] });
const config = {
  files: ['**/*.graphql'],
  plugins: { '@graphql-eslint': plugin },
  languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: printed } } },
  rules: {
    ...plugin.configs['flat/schema-recommended'].rules,
    ...plugin.configs['flat/schema-relay'].rules,
    // Short lists are lists.
    ...rule('relay-edge-types', { listTypeCanWrapOnlyEdgeType: false }),
    // The specification of connections asks for one direction, not for both.
    ...rule('relay-arguments', { includeBoth: false }),
    ...rule('require-description', {
      types: true, rootField: true, DirectiveDefinition: true, FieldDefinition: true,
      InputValueDefinition: true, EnumValueDefinition: true,
    }),
    ...rule('strict-id-in-types', {
      exceptions: {
        suffixes: ['Connection', 'Edge', 'Payload', 'Block'],
        // Parts of something else: caches keep them in it.
        types: [
          'ArticleBody', 'ArticleChange', 'ArticlePublished', 'ArticleSource', 'ArticleViews', 'Count',
          'ExcludedViews', 'ImportedFrom', 'ImportedRecommendation', 'LeadImage', 'ListItem', 'PageInfo',
          'RankedArticle', 'Ranking', 'RankingOverride', 'Recommendation',
          'RecommendationOverride', 'RegionTag', 'SearchCount', 'SearchTerm', 'Site',
          'TextPiece', 'UserError', 'ViewCorrection', 'ViewPoint', 'ViewResult', 'ViewSeries', 'ViewTotals', 'VisitorEstimate', 'WebhookAttempt',
        ],
      },
    }),
  },
};

// Where a rule is right in general and wrong here.
const KNOWN = [
  // It has more than a connection: of when it is, and where it was filled from.
  'relay-connection-types Ranking: Connection type must have `Connection` suffix.',
  // Known by the article that it is about. Relay asks for no id of a node of a list.
  'relay-edge-types ArticleChangeEdge: Edge type\'s field `node` must implement `Node` interface.',
  'relay-edge-types RankingOverrideEdge: Edge type\'s field `node` must implement `Node` interface.',
  'relay-edge-types RecommendationOverrideEdge: Edge type\'s field `node` must implement `Node` interface.',
];

/** The type in which a line of the printed schema stands. */
function around(lines, line) {
  const heads = lines.slice(0, line).map((text) => /^(?:type|input|enum|interface) (\w+)/.exec(text));
  return heads.findLast((head) => head !== null)?.[1];
}

/** What the rules say of a schema, as texts. */
async function said(text) {
  const eslint = new ESLint({
    cwd: import.meta.dirname, overrideConfigFile: true, overrideConfig: [config], ignore: false,
  });
  const [{ messages }] = await eslint.lintText(text, { filePath: 'printed.graphql' });
  const lines = text.split('\n');
  return messages.map(({ ruleId, message, line }) =>
    `${ruleId?.split('/')[1]} ${around(lines, line)}: ${message}`);
}

export const lint = suite('lint', async (found) => {
  const told = await said(printed);
  for (const name of Object.keys(config.rules)) {
    const faults = told.filter((fault) => fault.startsWith(`${name.split('/')[1]} `));
    found.same(name, faults.filter((fault) => !KNOWN.includes(fault)), []);
  }
  found.same('known and gone', KNOWN.filter((fault) => !told.includes(fault)), []);
  // What has an id, or is not there, needs no exception.
  const [, { exceptions }] = config.rules['@graphql-eslint/strict-id-in-types'];
  const types = buildSchema(printed).getTypeMap();
  const needless = exceptions.types.filter((name) => types[name]?.getFields().id !== undefined || !types[name]);
  found.same('exceptions that are none', needless, []);
  const broken = printed.replace('enum ArticleOrder {', 'enum ArticleOrder {\n  sideways');
  const noticed = (await said(broken)).filter((fault) => fault.includes('sideways'));
  found.same('rules that notice a value in lower case without a description', noticed.length, 2);
});
