// Elements of the page. What is shown is text, never HTML.

function element(name, attributes, ...content) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...content)
  return made
}

function link(text, kind, act) {
  const button = element('button', { type: 'button', class: kind }, text)
  button.onclick = act
  return button
}
