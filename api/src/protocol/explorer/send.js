// Sending requests, and reading their answers.

/** JSON with its whole numbers as they were written: a `Long` may be larger than what JavaScript can tell apart. */
function parseJson(text) {
  const isInexact = value => Number.isInteger(value) && !Number.isSafeInteger(value)
  const exact = (key, value, context) => (isInexact(value) && JSON.rawJSON && context ? JSON.rawJSON(context.source) : value)
  return JSON.parse(text, exact)
}

function post(request, { token, accept, signal }) {
  const headers = { 'Content-Type': 'application/json', Accept: accept }
  if (token) headers.Authorization = `Bearer ${token}`
  // The page is served where requests are sent, whatever a proxy calls it.
  return fetch(location.pathname, { method: 'POST', headers, body: JSON.stringify(request), signal })
}

async function answerOf(response) {
  const text = await response.text()
  try { return { size: new Blob([text]).size, body: parseJson(text) } }
  catch { throw new Error(`the answer is not JSON, but: ${text.slice(0, 200)}`) }
}

/** Calls `next` with each result of a subscription. True: the server said that it is complete. */
async function readEvents(response, next) {
  let event = {}
  for await (const line of linesOf(response.body)) {
    const [, field, value] = line.match(/^([^:]*):? ?(.*)$/)
    if (field === 'event') event.kind = value
    if (field === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`
    if (line !== '') continue
    if (event.kind === 'complete') return true
    if (event.kind === 'next') next(parseJson(event.data))
    event = {}
  }
  return false
}

async function* linesOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop()
    yield* lines.map(line => line.replace(/\r$/, ''))
  }
}
