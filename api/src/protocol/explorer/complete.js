// What can be written at the cursor of a query.

const COMPOSITE = ['OBJECT', 'INTERFACE', 'UNION']

/** The choices at `offset`, and where the name begins that they replace. */
function choicesAt(schema, document, offset) {
  const tokens = tokensOf(document).filter(token => token.start < offset)
  const last = tokens.at(-1)
  if (last && (isComment(last) || isString(last)) && isInside(last, offset)) return { from: offset, choices: [] }
  const typed = isName(last) && last.end >= offset ? tokens.pop() : undefined
  const before = tokens.filter(token => !isComment(token))
  const prefix = typed ? document.slice(typed.start, offset).toLowerCase() : ''
  const matches = possible(schema, before).filter(({ name }) => name.toLowerCase().includes(prefix))
  // What begins so stands before what only contains it; both in the schema's order.
  const begins = ({ name }) => !name.toLowerCase().startsWith(prefix)
  matches.sort((a, b) => begins(a) - begins(b))
  return { from: typed ? typed.start : offset, prefix, choices: matches }
}

/** Whether what is typed at `offset` belongs to the string or comment. */
function isInside(token, offset) {
  const isClosed = /^("""[^]*"""|"(\\.|[^"\\])*")$/.test(token.text)
  return offset < token.end || (offset === token.end && !isClosed)
}

function possible(schema, tokens) {
  const frames = framesOf(schema, tokens)
  const frame = frames.at(-1)
  const previous = tokens.at(-1)?.text
  if (!frame) return outside(schema, tokens)
  if (previous === '@') return [{ name: 'include', kind: '(if: Boolean!)' }, { name: 'skip', kind: '(if: Boolean!)' }]
  if (previous === 'on' && tokens.at(-2)?.text === '...') return conditions(schema, frame.type)
  if (frame.kind === 'selection') return previous === '...' ? [{ name: 'on' }] : fieldsOf(frame.type)
  if (previous === '$') return frame.kind === 'variables' ? [] : variablesOf(tokens)
  const isValue = previous === ':' || previous === '['
  if (frame.kind === 'variables') return isValue ? inputTypes(schema) : []
  return isValue ? valuesOf(schema, frame.value) : named(frame.values)
}

/** What is open at the end of the tokens, the innermost last: `type` of a selection, `values` of arguments. */
function framesOf(schema, tokens) {
  const frames = []
  let opens = schema.roots.query
  tokens.forEach(({ text }, index) => {
    const frame = frames.at(-1)
    const previous = tokens[index - 1]?.text
    if (text === '{' || text === '(') frames.push(opened(schema, text, frame, opens, tokens, index))
    else if (text === '}' || text === ')') frames.pop()
    else if (previous === 'on' && (tokens[index - 2]?.text === '...' || !frame)) {
      if (frame) frame.field = { type: { name: text } }
      else opens = schema.types.get(text)
    } else if (!frame && text in schema.roots && !isName(tokens[index - 1])) opens = schema.roots[text]
    else if (frame?.kind === 'selection' && text === '...') frame.field = { type: { name: frame.type?.name } }
    else if (frame?.kind === 'selection' && previous !== '@' && isName({ text })) frame.field = memberOf(frame.type, text)
    else if (frame?.values && text === ':') frame.value = frame.values.find(({ name }) => name === previous)
  })
  return frames
}

function opened(schema, text, frame, opens, tokens, index) {
  if (!frame) return text === '(' ? { kind: 'variables' } : { kind: 'selection', type: opens }
  if (frame.kind === 'selection') {
    if (text === '{') return { kind: 'selection', type: frame.field && schema.types.get(bare(frame.field.type)) }
    const ofDirective = tokens[index - 2]?.text === '@'
    return { kind: 'arguments', values: ofDirective ? [] : frame.field?.args ?? [] }
  }
  const type = frame.value && schema.types.get(bare(frame.value.type))
  return { kind: 'object', values: type?.inputFields ?? [] }
}

const memberOf = (type, name) => type && membersOf(type).find(member => member.name === name)

const named = members => members.filter(member => !member.isDeprecated)
  .map(member => ({ name: member.name, kind: member.type && written(member.type), description: member.description }))

const fieldsOf = type => (type ? [...named(membersOf(type)), { name: '__typename', kind: 'String!' }] : [])

function outside(schema, tokens) {
  if (tokens.at(-1)?.text === 'on') return conditions(schema)
  const isStart = tokens.length === 0 || tokens.at(-1).text === '}'
  return isStart ? [...Object.keys(schema.roots), 'fragment'].map(name => ({ name })) : []
}

/** Types that a fragment can be on: those that have something in common with `type`. */
function conditions(schema, type) {
  const possibleOf = type => (type.possibleTypes?.length ? type.possibleTypes.map(({ name }) => name) : [type.name])
  const within = type && possibleOf(type)
  const fits = other => COMPOSITE.includes(other.kind) && !isIntrospection(other)
    && (!within || possibleOf(other).some(name => within.includes(name)))
  return [...schema.types.values()].filter(fits).map(({ name, description }) => ({ name, description }))
}

const inputTypes = schema => [...schema.types.values()]
  .filter(type => !COMPOSITE.includes(type.kind) && !isIntrospection(type)).map(({ name, description }) => ({ name, description }))

function variablesOf(tokens) {
  const defined = tokens.filter(({ text }, index) => isName({ text }) && tokens[index - 1]?.text === '$' && tokens[index + 1]?.text === ':')
  return [...new Set(defined.map(({ text }) => text))].map(name => ({ name }))
}

function valuesOf(schema, value) {
  const type = value && schema.types.get(bare(value.type))
  if (type?.name === 'Boolean') return [{ name: 'true' }, { name: 'false' }]
  return named(type?.enumValues ?? [])
}
