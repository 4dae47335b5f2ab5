// What the page does: runs operations, keeps what was written, shows the docs.

const at = id => document.getElementById(id)
let schema
let running

/** The browser may forbid to keep things; then nothing is kept. */
function stored(storage, key, value) {
  try {
    if (value === undefined) return window[storage].getItem(key)
    if (value === '') window[storage].removeItem(key)
    else window[storage].setItem(key, value)
  } catch { /* Nothing is kept. */ }
  return null
}

function requestOf() {
  const request = { query: at('query').value }
  const variables = at('variables').value.trim()
  if (variables && !variables.startsWith('{')) throw new Error('they begin with {')
  if (variables) request.variables = parseJson(variables)
  if (!at('operation').hidden) request.operationName = at('operation').value
  return request
}

/** The operation that a request is about; the first if it names none. */
function operationOf({ query, operationName }) {
  const operations = operationsOf(query)
  return operations.find(({ name }) => name === operationName) ?? operations[0]
}

function tell(text) {
  at('status').textContent = text
}

async function run() {
  running?.abort()
  const started = running = new AbortController()
  at('answer').replaceChildren()
  keep()
  let request
  try { request = requestOf() }
  catch (error) { running = undefined; setRunning(); return tell(`The variables are no JSON object: ${error.message}`) }
  setRunning()
  try { await (operationOf(request)?.kind === 'subscription' ? subscribe : ask)(request, started.signal) }
  catch (error) {
    if (running === started) tell(started.signal.aborted ? 'Stopped' : `No answer: ${error.message}`)
  }
  if (running === started) running = undefined
  setRunning()
}

function stop() {
  running?.abort()
}

function setRunning() {
  at('run').textContent = running ? 'Stop ■' : 'Run ▶'
}

const token = () => at('token').value.trim()

async function ask(request, signal) {
  tell('Running …')
  const started = performance.now()
  const response = await post(request, { token: token(), accept: 'application/graphql-response+json', signal })
  await showAnswer(response, started)
}

async function showAnswer(response, started) {
  const { size, body } = await answerOf(response)
  const took = Math.round(performance.now() - started)
  tell(`Answer: ${response.status} ${response.statusText}, ${took} ms, ${(size / 1000).toFixed(1)} kB`)
  at('answer').replaceChildren(...resultOf(body, select, response.headers.get('x-request-id')))
}

async function subscribe(request, signal) {
  tell('Subscribing …')
  const started = performance.now()
  const response = await post(request, { token: token(), accept: 'text/event-stream', signal })
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return showAnswer(response, started)
  tell('Subscribed; results show as they come')
  let results = 0
  const complete = await readEvents(response, body => {
    results += 1
    addResult(at('answer'), body, select)
    tell(`Subscribed; results: ${results}`)
  })
  tell(complete ? `Complete; results: ${results}` : 'The stream broke off: run it again')
}

/** Selects a place of the query that an error names. */
function select(location) {
  const offset = offsetOf(at('query').value, location)
  const { text } = tokensOf(at('query').value.slice(offset))[0] ?? { text: '' }
  at('query').focus()
  at('query').setSelectionRange(offset, offset + text.length)
}

function offerOperations() {
  const names = operationsOf(at('query').value).map(({ name }) => name).filter(Boolean)
  const chosen = at('operation').value
  at('operation').replaceChildren(...names.map(name => new Option(name)))
  if (names.includes(chosen)) at('operation').value = chosen
  at('operation').hidden = names.length < 2
}

const KEPT = 'redian explorer'

function keep() {
  stored('localStorage', KEPT, JSON.stringify({ query: at('query').value, variables: at('variables').value }))
}

function changed() {
  offerOperations()
  keep()
  // The address no longer tells what is shown.
  if (location.hash) history.replaceState(null, '', location.pathname + location.search)
}

function write({ query, variables }) {
  at('query').value = query
  at('variables').value = variables || '{}'
  offerOperations()
}

/** What a shared address has behind its #. */
function shared() {
  const parameters = new URLSearchParams(location.hash.slice(1))
  return parameters.has('query') && { query: parameters.get('query'), variables: parameters.get('variables') }
}

async function share() {
  const parameters = new URLSearchParams({ query: at('query').value, variables: at('variables').value })
  history.replaceState(null, '', `#${parameters}`)
  // Only secure pages have a clipboard.
  try { await navigator.clipboard.writeText(location.href); tell('The address was copied') }
  catch { tell('The address bar has the address to share') }
}

function begin() {
  const last = stored('localStorage', KEPT)
  const [query, variables] = EXAMPLES['Newest articles']
  // What others wrote is shown, not run: it may be a mutation.
  if (shared()) return write(shared())
  try { if (last) return write(JSON.parse(last)) }
  catch { /* Somebody else wrote it. */ }
  write({ query, variables })
  run()
}

function keepToken() {
  stored('sessionStorage', KEPT, at('keep').checked ? token() : '')
}

async function loadDocs() {
  const options = { token: token(), accept: 'application/graphql-response+json' }
  try {
    const { body } = await answerOf(await post({ query: INTROSPECTION }, options))
    if (!body.data) return showRefusal(body.errors?.[0] ?? {})
    schema = schemaOf(body.data)
    docs(schema, { page: at('page'), search: at('search'), back: at('back') })
  } catch (error) { showRefusal({ message: error.message }) }
}

function showRefusal({ message, extensions }) {
  const disabled = extensions?.code === 'INTROSPECTION_DISABLED'
  const text = disabled
    ? 'This server keeps its schema to itself (--no-introspection). Queries work all the same; ask its operator for schema.graphql.'
    : `The schema could not be read: ${message}`
  const again = link('Try again', 'link', loadDocs)
  at('page').replaceChildren(element('p', {}, text), again)
  at('search').disabled = true
}

function showDocs(open) {
  at('docs').hidden = !open
  at('reading').setAttribute('aria-expanded', open)
  document.body.classList.toggle('reading', open)
}

for (const name in EXAMPLES) at('examples').add(new Option(name))
at('examples').onchange = () => {
  const [query, variables] = EXAMPLES[at('examples').value]
  replace(at('variables'), 0, at('variables').value.length, variables ?? '{}')
  replace(at('query'), 0, at('query').value.length, query)
  at('examples').value = ''
  at('run').focus()
}
at('run').onclick = () => {
  if (running) return stop()
  run()
  // On a phone the answer is below what was asked.
  at('status').scrollIntoView()
}
at('query').addEventListener('input', changed)
at('variables').addEventListener('input', changed)
at('share').onclick = share
at('reading').onclick = () => {
  showDocs(at('docs').hidden)
  if (!at('docs').hidden) at('search').focus()
}
at('token').value = stored('sessionStorage', KEPT) ?? ''
at('keep').checked = at('token').value !== ''
at('token').oninput = at('keep').onchange = keepToken
addEventListener('hashchange', () => shared() && write(shared()))
addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') run()
})
edit(at('query'), at('choices'), (query, offset) => (schema ? choicesAt(schema, query, offset) : { choices: [] }))
edit(at('variables'))
showDocs(matchMedia('(min-width: 80rem)').matches)
begin()
loadDocs()
