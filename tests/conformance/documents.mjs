// Documents and variables, judged by graphql-js: what it refuses is refused, what it takes
// is executed.
import { readFileSync } from 'node:fs';
import { buildSchema, getVariableValues, parse, validate } from 'graphql';
import { ask } from './ask.mjs';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

// Where we differ, and why.
const KNOWN = new Set([
  // apollo-compiler lets a null default stand where graphql-js does not.
  'query($a: Boolean = null) { site { name @include(if: $a) } }',
]);

/** Why graphql-js refuses a request, or undefined. */
function refused({ query, variables }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return error.message;
  }
  const faults = validate(schema, document);
  if (faults.length > 0) return faults[0].message;
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  return errors?.[0].message;
}

/** The same documents with something done to each: most are wrong then. */
function* requests() {
  const types = ['Int', 'Int!', '[Int]', 'String', 'Float', 'ID', 'Boolean', 'DateTime', 'Nothing', 'ArticleOrder'];
  const values = [undefined, null, 0, -1, 1.5, 3e9, '5', true, [5], { a: 1 }];
  for (const type of types) {
    for (const value of values) {
      const variables = value === undefined ? {} : { v: value };
      yield { query: `query($v: ${type}) { articles(first: $v) { nodes { id } } }`, variables };
      yield { query: `query($v: ${type}) { article(id: $v) { id } }`, variables };
      yield { query: `query($v: ${type}) { site { name @skip(if: $v) } }`, variables };
    }
    yield { query: `query($v: ${type} = 5) { articles(first: $v) { nodes { id } } }` };
    yield { query: `query($v: ${type} = null) { articles(first: $v) { nodes { id } } }` };
  }
  const literals = ['5', '5.0', '-5', '"5"', 'true', 'null', 'NEWEST', '[5]', '{a: 1}', '$v', '5 5', '"""5"""'];
  for (const literal of literals) {
    yield { query: `{ articles(first: ${literal}) { nodes { id } } }` };
    yield { query: `{ articles(order: ${literal}) { nodes { id } } }` };
    yield { query: `{ article(slug: ${literal}) { id } }` };
    yield { query: `{ articles(from: ${literal}) { nodes { id } } }` };
    yield { query: `{ site { name @include(if: ${literal}) } }` };
    yield { query: `mutation { recordViews(input: ${literal}) { results { verdict } } }` };
  }
  yield* [
    '{ site }', '{ site { name { a } } }', '{ site { nothing } }', '{ nothing }', '{ }', '{', '',
    '{ site { name } } { site { name } }', 'query a { __typename } query a { __typename }',
    '{ a: site { name } a: channels { name } }', '{ site { name name: nothing } }',
    '{ site { a: name ...f } } fragment f on Site { a: __typename }',
    '{ site { a: name ...f } } fragment f on Site { a: name }',
    '{ articles(first: 1) { nodes { id } } articles(first: 2) { nodes { id } } }',
    '{ site { ...f } } fragment f on Article { id }', '{ site { ...on Article { id } } }',
    '{ ...f } fragment f on Query { ...f }', '{ ...f }', '{ __typename } fragment f on Query { __typename }',
    '{ ...f } fragment f on Nothing { a }', '{ ...f } fragment f on Int { a }',
    '{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }',
    '{ ...f } fragment f on Query { __typename } fragment f on Query { __typename }',
    '{ __typename @include(if: true) @include(if: true) }', '{ __typename @skip }',
    '{ __typename @skip(if: true, if: false) }', '{ __typename @skip(unless: true) }',
    '{ __typename @deprecated }', 'query @skip(if: true) { __typename }',
    'query($a: Int) { __typename }', 'query { articles(first: $a) { nodes { id } } }',
    'query($a: Int, $a: Int) { articles(first: $a) { nodes { id } } }',
    'query($a: Site) { __typename }', 'query($a: Boolean = null) { site { name @include(if: $a) } }',
    'query($a: Int @deprecated) { articles(first: $a) { nodes { id } } }',
    '{ node(id: "a") { id title } }', '{ node(id: "a") { id ... on Article { title } } }',
    '{ node(id: "a") { ... on Site { name } } }', '{ articles(first: 1, first: 2) { nodes { id } } }',
    '{ article(id: 5) { id } }', '{ article(id: 5.0) { id } }', 'subscription { __typename }',
    'type A { a: Int }', '{ site { name } } type A { a: Int }', 'query() { __typename }',
    '{ __type { name } }', '{ __type(name: "Site") { name fields { name } } }', '{ __schema { nothing } }',
    '{ site { name, , , } }', '# nothing\n{ __typename }', '\uFEFF{ __typename }',
    '{ article(slug: "a\\u{1F600}") { id } }', '{ article(slug: "a\\u{FFFFFFF}") { id } }',
    '{ article(slug: "\\uD83D\\uDE00") { id } }', '{ article(slug: "\\uD83D") { id } }',
    '{ article(slug: "a\nb") { id } }', '{ article(slug: """a\nb""") { id } }', '{ article(slug: "\\q") { id } }',
    '{ site { name @include(if: true) } articles(first: -0) { nodes { id } } }', '{ __type(name: "Site") { fields(includeDeprecated: null) { name } } }',
    '{ articles(first: 00) { nodes { id } } }', '{ articles(first: 5a) { nodes { id } } }',
    '{ articles(first: 99999999999) { nodes { id } } }', '{ ... { __typename } }', '{ ... @include(if: true) { __typename } }',
    '{ ... on Query { __typename } }', '{ ... on Mutation { __typename } }', 'mutation { __typename }',
    'fragment on on Query { __typename } { ...on }', 'queryA { __typename }',
  ].map((query) => ({ query }));
}

export async function documents(url) {
  const faults = [];
  let checks = 0;
  for (const request of requests()) {
    checks += 1;
    const theirs = refused(request);
    const answer = await ask(url, request);
    const ours = 'data' in answer ? undefined : answer.errors[0].message;
    if ((theirs === undefined) !== (ours === undefined) && !KNOWN.has(request.query)) {
      faults.push(`${JSON.stringify(request)}: ${ours ?? 'executed'}; graphql-js: ${theirs ?? 'valid'}`);
    }
  }
  return { checks, faults };
}
