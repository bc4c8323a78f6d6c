// A reader of HTML, one piece of a template after another: where the output stands after the piece, and how the piece is
// written. Signs that open no tag are escaped, comments are left out. Called by writer.ts.
import { CallRefused } from '#promql/template/state.ts'
import { attributeOf } from './attribute.ts'
import { beginning, type Context, type Element } from './context.ts'
import { readStyle, type Styled } from './style.ts'

// `visible` is what a reader of the page sees of it.
type Step = Readonly<{ context: Context; to: number; written: string; visible?: boolean }>
export type Read = Readonly<{ context: Context; written: string; visible: string }>

export function readHtml(from: Context, text: string): Read {
  let context = from
  let [written, visible] = ['', '']
  let at = 0
  while (at < text.length) {
    const step = steps[context.state](context, text, at)
    written += step.written
    if (step.visible) visible += step.written
    ;({ context, to: at } = step)
  }
  return { context, written, visible }
}

const tag = /<!--|<\/?([a-z](?:[a-z\d]|[:-](?=[a-z\d]))*)/gi
const doctype = /<(?!!doctype)/gi
const spaces = /[ \t\n\f\r]*/y
const name = /[^ \t\n\f\r=>]*/y
const noName = /['"<]/
const endOfBare = /[ \t\n\f\r>]/g
const notBare = /["'<=`]/
const special: ReadonlySet<string> = new Set<Element>(['script', 'style', 'textarea', 'title', 'meta'])

const escaped = (text: string): string => text.replaceAll(doctype, '&lt;')

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function find(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const excerpt = (text: string): string => JSON.stringify(text.length > 32 ? text.slice(0, 32) : text)

function inText(context: Context, text: string, at: number): Step {
  const found = find(tag, text, at)
  if (found === null) return { context, to: text.length, written: escaped(text.slice(at)), visible: true }
  if (found.index > at) {
    return { context, to: found.index, written: escaped(text.slice(at, found.index)), visible: true }
  }
  const [opened, called] = found
  const to = at + opened.length
  if (called === undefined) return { context: { ...beginning, state: 'comment' }, to, written: '' }
  const small = called.toLowerCase()
  const element = !opened.startsWith('</') && special.has(small) ? (small as Element) : ''
  return { context: { ...beginning, state: 'tag', element }, to, written: opened }
}

function inComment(context: Context, text: string, at: number): Step {
  const end = text.indexOf('-->', at)
  if (end === -1) return { context, to: text.length, written: '' }
  return { context: beginning, to: end + 3, written: '' }
}

function inTag(context: Context, text: string, at: number): Step {
  const space = take(spaces, text, at)
  const start = at + space.length
  if (start === text.length) return { context, to: start, written: space }
  if (text[start] === '>') {
    const { element } = context
    const isOpen = element !== '' && element !== 'meta'
    const next: Context = isOpen ? { ...beginning, state: 'inside', element } : beginning
    return { context: next, to: start + 1, written: `${space}>` }
  }
  const found = nameAt(text, start)
  if (found === '') {
    throw new CallRefused(`wanted an attribute or the end of the tag, found ${excerpt(text.slice(start))}`)
  }
  const to = start + found.length
  const state = to === text.length ? 'name' : 'after name'
  const attribute = attributeIn(context.element, found.toLowerCase())
  return { context: { ...beginning, state, element: context.element, attribute }, to, written: space + found }
}

function nameAt(text: string, at: number): string {
  const found = take(name, text, at)
  if (!noName.test(found)) return found
  throw new CallRefused(`wanted the name of an attribute, found ${excerpt(text.slice(at))}`)
}

function attributeIn(element: Element, found: string): Context['attribute'] {
  if (element === 'script' && found === 'type') return 'script type'
  if (element === 'meta' && found === 'content') return 'meta content'
  return attributeOf(found)
}

function inName(context: Context, text: string, at: number): Step {
  const found = nameAt(text, at)
  const to = at + found.length
  const next: Context = to === text.length ? context : { ...context, state: 'after name' }
  return { context: next, to, written: found }
}

function afterName(context: Context, text: string, at: number): Step {
  const space = take(spaces, text, at)
  const to = at + space.length
  if (to === text.length) return { context, to, written: space }
  if (text[to] !== '=') return { context: { ...context, state: 'tag' }, to, written: space }
  return { context: { ...context, state: 'before value' }, to: to + 1, written: `${space}=` }
}

function beforeValue(context: Context, text: string, at: number): Step {
  const space = take(spaces, text, at)
  const to = at + space.length
  if (to === text.length) return { context, to, written: space }
  const sign = text[to]
  const quote = sign === '"' || sign === "'" ? sign : ' '
  const written = quote === ' ' ? space : space + quote
  return { context: { ...context, state: 'value', quote }, to: at + written.length, written }
}

function inValue(context: Context, text: string, at: number): Step {
  const { quote, attribute } = context
  const end = quote === ' ' ? (find(endOfBare, text, at)?.index ?? -1) : text.indexOf(quote, at)
  const to = end === -1 ? text.length : end
  const found = text.slice(at, to)
  if (quote === ' ' && notBare.test(found)) {
    throw new CallRefused(`wanted quotes around the value of an attribute, found ${excerpt(found)}`)
  }
  if (end === -1) return { context: { ...context, ...placeAfter(context, found) }, to, written: found }
  // What is no script is read as text.
  const element = attribute === 'script type' && !isScript(found) ? '' : context.element
  const written = quote === ' ' ? found : found + quote
  return { context: { ...beginning, state: 'tag', element }, to: at + written.length, written }
}

function placeAfter(context: Context, found: string): Styled {
  if (context.attribute !== 'css') return { style: 'plain', part: partAfter(context, found) }
  const { style, part } = readStyle(context, entitiesRead(found))
  return { style, part }
}

// Those that mean something in a style.
const entities: Readonly<Record<string, string>> = {
  ...{ quot: '"', apos: "'", amp: '&', lpar: '(', rpar: ')', sol: '/', bsol: '\\', ast: '*' },
  ...{ quest: '?', num: '#', newline: '\n', tab: '\t' },
}
const entitiesRead = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));?/gi, (found, decimal, hex, called) => {
    if (called !== undefined) return entities[called.toLowerCase()] ?? found
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return point > 0x10_ff_ff ? found : String.fromCodePoint(point)
  })

// Signs may stand as entities: those begin with &#, and count as the # that they may be.
function partAfter({ attribute, part }: Context, found: string): Context['part'] {
  if (attribute === 'meta content') return metaPart(part, found)
  if (/[#?]|&(?:quest|num);/.test(found)) return 'query'
  return part === 'start' && found.trim() !== '' ? 'path' : part
}

// `5; url=…`: an address begins there, and ends at the next semicolon.
function metaPart(part: Context['part'], found: string): Context['part'] {
  const begin = [...found.matchAll(/url[ \t\n\f\r]*=/gi)].at(-1)
  const isInside = begin === undefined ? part === 'path' : true
  const rest = begin === undefined ? found : found.slice(begin.index)
  return isInside && !rest.includes(';') ? 'path' : 'start'
}

const isScript = (type: string): boolean =>
  /^\s*(?:|module|(?:application|text)\/(?:x-)?(?:ecmascript|javascript(?:1\.\d)?|jscript|livescript)|application\/(?:ld\+)?json)\s*(?:;.*)?$/is.test(
    type,
  )

function inside(context: Context, text: string, at: number): Step {
  const { element } = context
  const end = find(new RegExp(`</${element}(?=[> \\t\\n\\f/])`, 'gi'), text, at)?.index ?? text.length
  const found = text.slice(at, end)
  const next = end === text.length ? context : beginning
  if (element === 'style') {
    const { written, ...styled } = readStyle(context, found)
    return { context: next === context ? { ...context, ...styled } : next, to: end, written }
  }
  const isText = element === 'title' || element === 'textarea'
  return { context: next, to: end, written: isText ? escaped(found) : found, visible: isText }
}

const steps: Readonly<Record<Context['state'], (context: Context, text: string, at: number) => Step>> = {
  text: inText,
  comment: inComment,
  tag: inTag,
  name: inName,
  'after name': afterName,
  'before value': beforeValue,
  value: inValue,
  inside,
}
