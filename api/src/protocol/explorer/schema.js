// The schema, from introspection.

const TYPE = '{ kind name ofType { kind name ofType { kind name ofType { kind name } } } }'
const VALUE = `name description defaultValue isDeprecated deprecationReason type ${TYPE}`
const INTROSPECTION = `query Introspection { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types {
    kind name description possibleTypes { name } interfaces { name }
    fields(includeDeprecated: true) {
      name description isDeprecated deprecationReason type ${TYPE} args(includeDeprecated: true) { ${VALUE} }
    }
    inputFields(includeDeprecated: true) { ${VALUE} }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  }
} }`

/** The schema with its types by name and its root types by kind of operation. */
function schemaOf({ __schema: told }) {
  const types = new Map(told.types.map(type => [type.name, type]))
  const roots = { query: told.queryType, mutation: told.mutationType, subscription: told.subscriptionType }
  const entries = Object.entries(roots).filter(([, type]) => type)
  return { types, roots: Object.fromEntries(entries.map(([kind, { name }]) => [kind, types.get(name)])) }
}

/** As it is written: [Article!]! */
function written(type) {
  if (type.kind === 'NON_NULL') return written(type.ofType) + '!'
  return type.kind === 'LIST' ? `[${written(type.ofType)}]` : type.name
}

/** The name without list and non-null. */
const bare = type => (type.ofType ? bare(type.ofType) : type.name)

/** What a type has: fields, input fields or enum values. */
const membersOf = type => type.fields ?? type.inputFields ?? type.enumValues ?? []

const isIntrospection = type => type.name.startsWith('__')
