// Writes a template into a page: each value as the place wants it where it stands, so that no label and no annotation can
// leave its place. By what Go's html/template does; values inside of scripts are refused. Called by template.ts.
import { escapeHtml, escapeQuery } from '#promql/template/escape.ts'
import { shown } from '#promql/template/format.ts'
import type { Pipe } from '#promql/template/node.ts'
import { CallRefused } from '#promql/template/state.ts'
import { isNil, textOf, typeName } from '#promql/template/value.ts'
import type { Writer } from '#promql/template/writer.ts'
import { htmlType, urlType } from '../functions.ts'
import { beginning, type Context } from './context.ts'
import {
  attributeName,
  entitiesKept,
  inQuotes,
  isSafeUrl,
  normalUrl,
  refusedText,
  srcset,
  styleText,
  styleValue,
  urlPiece,
  withoutEntities,
  withoutQuotes,
  withoutTags,
} from './escapes.ts'
import { readHtml } from './read.ts'

// `done` is what the pipeline has escaped at its end by itself: `{{ .x | html }}`.
type Given = Readonly<{ text: string; type: string; done: 'html' | 'urlquery' | undefined }>

export function openHtmlWriter(): Writer {
  let context = beginning
  return {
    text(text) {
      const read = readHtml(context, text)
      context = read.context
      return read.written
    },
    value(value, pipe, lengthMax) {
      context = entered(context)
      const text = isNil(value) ? '' : (textOf(value) ?? shown(value, lengthMax))
      return placed(context, { text, type: typeName(value), done: escapedBy(pipe, context) })
    },
    end() {
      if (context.state !== 'text') throw new CallRefused(`the page ends inside of ${placeText(context)}`)
    },
  }
}

// Where a value begins something: an attribute behind a space, a value without quotes behind a =.
function entered(context: Context): Context {
  if (context.state === 'tag') return { ...context, state: 'name' }
  if (context.state === 'after name') return { ...context, state: 'name', attribute: 'text' }
  return context.state === 'before value' ? { ...context, state: 'value', quote: ' ' } : context
}

function escapedBy({ commands }: Pipe, context: Context): Given['done'] {
  const names = commands.map(({ args: [first] }) => (first.kind === 'identifier' ? first.name : ''))
  const found = names.findIndex(name => name === 'html' || name === 'urlquery')
  if (found === -1) return undefined
  const name = names[found] as 'html' | 'urlquery'
  if (found < names.length - 1 || (name === 'html' && isBareText(context))) {
    throw new CallRefused(`predefined escaper ${JSON.stringify(name)} disallowed in template`)
  }
  return name
}

// The escape of `html` leaves spaces, which would end the value.
const isBareText = ({ state, quote, attribute }: Context): boolean =>
  state === 'value' && quote === ' ' && ['text', 'guarded', 'script type'].includes(attribute)

function placed(context: Context, given: Given): string {
  const { text, type, done } = given
  switch (context.state) {
    case 'text':
      return type === htmlType || done === 'html' ? text : inQuotes(text)
    case 'name':
      return attributeName(text)
    case 'comment':
      return ''
    case 'inside':
      return insideOf(context, given)
    default:
      return quoted(context, inValue(context, given))
  }
}

function insideOf(context: Context, { text, type, done }: Given): string {
  const { element } = context
  if (element === 'style') return styled(context, { text, type, done })
  if (element === 'script') throw new CallRefused('values inside of a script are refused')
  if (done === 'html') return text
  return type === htmlType ? entitiesKept(text) : inQuotes(text)
}

// As the kind of the attribute wants it, before it is fitted into its quotes. What `| html` escaped is escaped after that,
// as in Go.
function inValue(context: Context, given: Given): Given {
  const { type, done } = given
  const text = done === 'html' && context.quote !== ' ' ? withoutEntities(given.text) : given.text
  const plain = (said: string): Given => ({
    text: done === 'html' && context.quote !== ' ' ? escapeHtml(said) : said,
    type: 'string',
    done,
  })
  switch (context.attribute) {
    case 'url':
      return plain(addressIn(context, { text, type, done }))
    case 'srcset':
      return plain(type === urlType ? normalUrl(text).replaceAll(',', '%2c') : srcset(text))
    case 'css':
      return plain(styled(context, { text, type, done }))
    case 'script':
      throw new CallRefused('values inside of a script are refused')
    case 'meta content':
      return context.part === 'path' && type !== urlType && !isSafeUrl(text)
        ? plain(`#${refusedText}`)
        : given
    default:
      return given
  }
}

// In quotes there may be an address or words, which are escaped as words.
function styled(context: Context, given: Given): string {
  const { style, part } = context
  if (style === 'plain') return styleValue(given.text)
  if (style === '/*' || style === '//') return ''
  const isQuoted = (style === '"' || style === "'") && part !== 'query'
  return isQuoted ? styleText(safeIn(context, given)) : addressIn(context, given)
}

// One that begins with a value must not choose what else but a page is opened.
const safeIn = ({ part }: Context, { text, type }: Given): string =>
  part === 'start' && type !== urlType && !isSafeUrl(text) ? `#${refusedText}` : text

function addressIn(context: Context, { text, type, done }: Given): string {
  const raw = done === 'urlquery' ? decodeURIComponent(text.replaceAll('+', ' ')) : text
  const found = safeIn(context, { text: raw, type, done })
  if (done === 'urlquery') return escapeQuery(found)
  return context.part === 'query' && type !== urlType ? urlPiece(found) : normalUrl(found)
}

function quoted({ quote }: Context, { text, type, done }: Given): string {
  const isHtml = type === htmlType
  const said = isHtml ? withoutTags(text) : text
  if (quote === ' ') return said === '' ? refusedText : withoutQuotes(said, isHtml)
  if (done === 'html') return said
  return isHtml ? entitiesKept(said) : inQuotes(said)
}

function placeText({ state, element }: Context): string {
  if (state === 'inside') return `<${element}>`
  return state === 'comment' ? 'a comment' : 'a tag'
}
