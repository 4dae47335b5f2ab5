// The docs: pages of the schema, with a search and a way back.

const MOST_FOUND = 100
const ROOTS = { query: 'Queries', mutation: 'Mutations', subscription: 'Subscriptions' }

/** Shows pages of `schema` in `page`; a place is a type, or undefined for the start. */
function docs(schema, { page, search, back }) {
  const visited = [undefined]
  const show = content => {
    page.replaceChildren(...content)
    page.scrollTop = 0
    back.disabled = visited.length === 1 && !search.value
  }
  const turn = () => {
    const { type, member } = visited.at(-1) ?? {}
    show(type ? typePage(schema, schema.types.get(type), visit) : startPage(schema, visit))
    if (member) mark(page, member)
  }
  const visit = (type, member) => {
    search.value = ''
    visited.push({ type, member })
    turn()
    page.focus({ preventScroll: true })
  }
  search.oninput = () => (search.value.trim() ? show(foundPage(schema, search.value.trim(), visit)) : turn())
  back.onclick = () => {
    if (search.value) search.value = ''
    else visited.pop()
    turn()
  }
  turn()
}

function mark(page, member) {
  const found = [...page.querySelectorAll('dt')].find(({ dataset }) => dataset.name === member)
  found?.classList.add('found')
  found?.scrollIntoView({ block: 'center' })
}

function startPage(schema, visit) {
  const rest = [...schema.types.values()].filter(type => !isIntrospection(type) && !Object.values(schema.roots).includes(type))
  const content = Object.entries(schema.roots).flatMap(([kind, type]) => [
    element('h2', {}, ROOTS[kind], ' ', typeLink(type, visit)), prose(type.description), memberList(type.fields, visit),
  ])
  const types = rest.flatMap(type => [element('dt', {}, typeLink(type, visit)), element('dd', {}, prose(type.description))])
  return [...content, element('h2', {}, 'Types'), element('dl', {}, ...types)]
}

function typePage(schema, type, visit) {
  const links = names => element('p', {}, ...names.flatMap(type => [typeLink(type, visit), ' ']))
  const users = usersOf(schema, type)
  return [
    element('h2', {}, type.name, ' ', element('span', { class: 'quiet' }, type.kind.toLowerCase().replace('_', ' '))),
    prose(type.description),
    ...section('Implements', type.interfaces, links),
    ...section('Possible types', type.possibleTypes, links),
    ...section('Fields', type.fields ?? type.inputFields, members => memberList(members, visit)),
    ...section('Values', type.enumValues, members => memberList(members, visit)),
    ...section('Used by', users, users => element('p', {}, ...users.flatMap(user => [userLink(user, visit), ' ']))),
  ]
}

function section(title, things, shown) {
  return things?.length ? [element('h3', {}, title), shown(things)] : []
}

/** The fields and input fields that are of the type, or take it. */
function usersOf(schema, type) {
  const takes = member => [member, ...(member.args ?? [])].some(value => value.type && bare(value.type) === type.name)
  return [...schema.types.values()].filter(owner => !isIntrospection(owner))
    .flatMap(owner => membersOf(owner).filter(takes).map(member => ({ owner, member })))
}

function foundPage(schema, text, visit) {
  const wanted = text.toLowerCase()
  const types = [...schema.types.values()].filter(type => !isIntrospection(type))
  const byName = types.filter(({ name }) => name.toLowerCase().includes(wanted))
  // The type of just this name is what is meant most often, then what begins so.
  const distance = ({ name }) => (name.toLowerCase() === wanted ? 0 : name.toLowerCase().startsWith(wanted) ? 1 : 2)
  byName.sort((a, b) => distance(a) - distance(b))
  const fits = member => [member, ...(member.args ?? [])].some(({ name }) => name.toLowerCase().includes(wanted))
  const byMember = types.flatMap(owner => membersOf(owner).filter(fits).map(member => ({ owner, member })))
  const items = [
    ...byName.map(type => [typeLink(type, visit), type.description]),
    ...byMember.map(user => [userLink(user, visit), user.member.description]),
  ]
  const shown = items.slice(0, MOST_FOUND)
    .flatMap(([link, description]) => [element('dt', {}, link), element('dd', {}, prose(description))])
  const more = items.length > MOST_FOUND ? ` The first ${MOST_FOUND} are shown.` : ''
  return [element('p', { class: 'quiet' }, `${items.length || 'Nothing'} found.${more}`), element('dl', {}, ...shown)]
}

function memberList(members, visit) {
  return element('dl', {}, ...members.flatMap(member => [
    element('dt', { 'data-name': member.name, class: member.isDeprecated ? 'deprecated' : '' }, ...signature(member, visit)),
    element('dd', {}, ...explanation(member, visit)),
  ]))
}

function signature({ name, type, defaultValue }, visit) {
  return [
    element('span', { class: 'name' }, name),
    ...(type ? [': ', typeLink({ name: bare(type) }, visit, written(type))] : []),
    ...(defaultValue == null ? [] : [` = ${defaultValue}`]),
  ]
}

function explanation({ description, isDeprecated, deprecationReason, args }, visit) {
  const deprecation = isDeprecated ? [prose(`Deprecated: ${deprecationReason ?? 'no longer supported'}`)] : []
  return [prose(description), ...deprecation, ...(args?.length ? [memberList(args, visit)] : [])]
}

function typeLink({ name }, visit, text = name) {
  return link(text, 'link type', () => visit(name))
}

function userLink({ owner, member }, visit) {
  return link(`${owner.name}.${member.name}`, 'link', () => visit(owner.name, member.name))
}

/** A description; what stands in backticks is code. */
function prose(description) {
  const parts = (description ?? '').split('`').map((part, index) => (index % 2 ? element('code', {}, part) : part))
  return element('p', {}, ...parts)
}
