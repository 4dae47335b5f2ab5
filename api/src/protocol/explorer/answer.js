// Showing answers.

const MOST_RESULTS = 100

const pretty = body => element('pre', {}, JSON.stringify(body, null, 2))

/** What a result looks like: its errors first, for they tell what to do. `select` shows a place of the query. */
function resultOf(body, select, requestId) {
  return [...(body.errors ?? []).map(error => errorOf(error, select, requestId)), pretty(body)]
}

function errorOf({ message, extensions, locations, path }, select, requestId) {
  const shown = element('div', { class: 'error', role: 'alert' }, element('strong', {}, extensions?.code ?? 'Error'), ` ${message} `)
  for (const location of locations ?? []) {
    shown.append(link(`line ${location.line}, column ${location.column}`, 'link', () => select(location)), ' ')
  }
  const about = [path && `path ${path.join('.')}`, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  if (about) shown.append(element('div', { class: 'quiet' }, about))
  return shown
}

/** Puts a result of a subscription on top of those before. */
function addResult(answer, body, select) {
  const time = element('time', {}, new Date().toLocaleTimeString())
  answer.prepend(element('div', { class: 'result' }, time, ...resultOf(body, select)))
  while (answer.children.length > MOST_RESULTS) answer.lastChild.remove()
}

/** The offset of a line and a column, which counts characters and not their halves in UTF-16. */
function offsetOf(text, { line, column }) {
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, line) => sum + line.length + 1, 0)
  return before + [...(lines[line - 1] ?? '')].slice(0, column - 1).join('').length
}
