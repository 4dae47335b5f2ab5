// Writing in a textarea: indentation, and completions below the cursor.

/** Replaces a part of the text. A script's own assignment would end what Ctrl+Z can take back. */
function replace(field, from, to, text) {
  field.focus()
  field.setSelectionRange(from, to)
  if (!document.execCommand(text ? 'insertText' : 'delete', false, text)) {
    field.setRangeText(text, from, to, 'end')
    field.dispatchEvent(new Event('input'))
  }
}

/** Tab and Shift+Tab shift the selected lines, Enter keeps the indentation. True: the key was used. */
function indent(field, event) {
  const { value, selectionStart: from, selectionEnd: to } = field
  const start = value.lastIndexOf('\n', from - 1) + 1
  if (event.key === 'Enter' && !event.shiftKey) {
    const spaces = value.slice(start, from).match(/^ */)[0]
    const deeper = /[{([]$/.test(value.slice(start, from)) ? '  ' : ''
    const closes = deeper && /^[})\]]/.test(value.slice(to))
    replace(field, from, to, `\n${spaces}${deeper}` + (closes ? `\n${spaces}` : ''))
    if (closes) field.setSelectionRange(from + 3 + spaces.length, from + 3 + spaces.length)
    return true
  }
  if (event.key !== 'Tab') return false
  if (from === to && !event.shiftKey) {
    replace(field, from, to, '  ')
    return true
  }
  const lines = value.slice(start, to)
  const shifted = event.shiftKey ? lines.replace(/^ {1,2}/gm, '') : lines.replace(/^(?=.)/gm, '  ')
  if (shifted === lines) return true
  replace(field, start, to, shifted)
  field.setSelectionRange(from === to ? start + shifted.length : start, start + shifted.length)
  return true
}

/** Makes a textarea an editor; with a `list`, it shows there what `choices` has for the cursor. */
function edit(field, list, choices) {
  // Who works without a mouse must get out of a field that takes Tab.
  let leaves = false
  const popup = list && completions(field, list, choices)
  field.addEventListener('keydown', event => {
    const chosen = !event.isComposing && popup?.key(event)
    const typed = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey
    if (chosen || (typed && !(leaves && event.key === 'Tab') && indent(field, event))) event.preventDefault()
    if (event.key !== 'Shift') leaves = event.key === 'Escape' && !chosen
  })
}

function completions(field, list, choicesAt) {
  let found = { choices: [] }
  let selected = 0

  const close = () => {
    list.hidden = true
    field.removeAttribute('aria-activedescendant')
  }
  const accept = () => {
    const { from, choices } = found
    close()
    replace(field, from, field.selectionEnd, choices[selected].name)
    close()
  }
  const select = index => {
    selected = (index + found.choices.length) % found.choices.length
    for (const item of list.children) item.setAttribute('aria-selected', item === list.children[selected])
    list.children[selected].scrollIntoView({ block: 'nearest' })
    field.setAttribute('aria-activedescendant', list.children[selected].id)
  }
  const open = asked => {
    found = choicesAt(field.value, field.selectionEnd)
    const { prefix, choices } = found
    const isWhole = choices.some(({ name }) => name === prefix)
    if (choices.length === 0 || (!asked && (!prefix || isWhole))) return close()
    list.replaceChildren(...choices.map(choiceItem))
    list.hidden = false
    place(field, list, found.from)
    select(0)
  }

  field.addEventListener('input', event => {
    if (event.inputType?.startsWith('insert') || !list.hidden) open(false)
  })
  field.addEventListener('blur', close)
  field.addEventListener('click', close)
  field.addEventListener('scroll', close)
  // A click would take the focus from the field first, and close the list.
  list.addEventListener('mousedown', event => {
    event.preventDefault()
    const item = event.target.closest('li')
    if (!item) return
    select([...list.children].indexOf(item))
    accept()
  })

  const keys = {
    ArrowDown: () => select(selected + 1),
    ArrowUp: () => select(selected - 1),
    Enter: accept,
    Tab: accept,
    Escape: close,
  }
  const key = event => {
    const asks = event.ctrlKey && event.code === 'Space'
    const act = asks ? () => open(true) : !list.hidden && !event.ctrlKey && !event.metaKey && keys[event.key]
    if (act) act()
    else if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key) && event.key.length > 1 && event.key !== 'Backspace') close()
    return Boolean(act)
  }
  return { key }
}

function choiceItem({ name, kind, description }, index) {
  const item = element('li', { id: `choice-${index}`, role: 'option' }, name)
  if (kind) item.append(' ', element('span', { class: 'type' }, kind))
  if (description) item.append(element('small', {}, description.split('\n')[0]))
  return item
}

/** Puts the list below the character at `offset`, or above it where there is no room. */
function place(field, list, offset) {
  const mark = element('span', {}, '\u200b')
  const mirror = element('div', { class: 'mirror', 'aria-hidden': 'true' }, field.value.slice(0, offset), mark)
  field.after(mirror)
  const { offsetLeft, offsetTop, offsetHeight } = mark
  mirror.remove()
  const top = offsetTop - field.scrollTop
  const below = top + offsetHeight
  const isLow = below + list.offsetHeight > field.clientHeight && top > field.clientHeight / 2
  list.style.top = `${isLow ? top - list.offsetHeight : below}px`
  list.style.left = `${Math.max(0, Math.min(offsetLeft, field.clientWidth - list.offsetWidth))}px`
}
