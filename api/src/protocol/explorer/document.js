// The text of a GraphQL document: its tokens and its operations.

// A string that has not been closed yet reaches to its line's, or the document's, end.
const TOKEN = /"""(?:\\"""|[^])*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|#[^\n]*|\.\.\.|[_A-Za-z]\w*|-?\d[\w.+-]*|[!$&():=@[\]{|}]/g
const NAME = /^[_A-Za-z]/

function tokensOf(document) {
  return [...document.matchAll(TOKEN)].map(({ 0: text, index }) => ({ text, start: index, end: index + text.length }))
}

const isComment = token => token.text.startsWith('#')
const isString = token => token.text.startsWith('"')
const isName = token => token !== undefined && NAME.test(token.text)

/** Kind and name of each operation, in their order. */
function operationsOf(document) {
  const tokens = tokensOf(document).filter(token => !isComment(token))
  const operations = []
  let depth = 0
  let inDefinition = false
  tokens.forEach((token, index) => {
    if (depth === 0 && !inDefinition) {
      const operation = operationAt(tokens, index)
      if (operation) operations.push(operation)
      inDefinition = true
    }
    if ('([{'.includes(token.text)) depth += 1
    if (')]}'.includes(token.text)) depth -= 1
    if (depth === 0 && token.text === '}') inDefinition = false
  })
  return operations
}

function operationAt(tokens, index) {
  const { text } = tokens[index]
  if (text === '{') return { kind: 'query', name: undefined }
  if (!['query', 'mutation', 'subscription'].includes(text)) return undefined
  return { kind: text, name: isName(tokens[index + 1]) ? tokens[index + 1].text : undefined }
}
