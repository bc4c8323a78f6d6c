// Alertmanager's reading of matchers before 0.27: names of letters, digits, _ and :, values with or without quotes, and
// much forgiven. A parser; called by matcher-text.ts.
import type { Matcher, MatchOp } from '#core/model.ts'
import { refuseMatcher } from './refuse-matcher.ts'

// A brace at either end is taken off, whether or not the other one is there.
export function readClassic(text: string): Matcher[] {
  const inner = text.replace(/^\{/, '').replace(/\}$/, '')
  return cutAtCommas(inner).map(readOne)
}

// All of the text as one: a comma is part of its value.
export const readOneClassic = (text: string): Matcher[] => [readOne(text)]

// Commas between unescaped quotes cut nothing. White space behind the last comma is no matcher.
function cutAtCommas(text: string): string[] {
  const parts: string[] = []
  let [isQuoted, isEscaped, from] = [false, false, 0]
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === ',' && !isQuoted) {
      parts.push(text.slice(from, at))
      from = at + 1
      continue
    }
    if (character === '"' && !isEscaped) isQuoted = !isQuoted
    isEscaped = character === '\\' && !isEscaped
  }
  const last = withoutEnds(text.slice(from))
  return last === '' ? parts : [...parts, last]
}

const space = '[\\t\\n\\f\\r ]*'
const head = new RegExp(`^${space}([a-zA-Z_:][a-zA-Z0-9_:]*)${space}(=~|=|!=|!~)${space}`)

function readOne(text: string): Matcher {
  const found = head.exec(text)
  if (found === null)
    return refuseMatcher(text, 'a name, one of = != =~ !~ and a value, like severity="page"')
  const [whole, name = '', op] = found
  return {
    name,
    op: op as MatchOp,
    value: readValue(withoutEnd(text.slice(whole.length), regexpSpace), text),
  }
}

const regexpSpace = /[\t\n\f\r ]/
const goSpace = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

// Loops, since an expression that looks for the end of white space takes quadratic time.
function withoutEnd(text: string, space: RegExp): string {
  let end = text.length
  while (end > 0 && space.test(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

function withoutEnds(text: string): string {
  let start = 0
  while (start < text.length && goSpace.test(text.charAt(start))) start += 1
  return withoutEnd(text.slice(start), goSpace)
}

const meant: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

function readValue(raw: string, text: string): string {
  const isQuoted = raw.startsWith('"')
  const written = isQuoted ? raw.slice(1) : raw
  let value = ''
  let isClosed = false
  for (let at = 0; at < written.length; at++) {
    const character = written.charAt(at)
    const isLast = at === written.length - 1
    if (character === '"') {
      if (!isQuoted || !isLast)
        return refuseMatcher(text, 'quotes around the whole value, or \\" inside of it')
      isClosed = true
    } else if (character === '\\' && !isLast) {
      at += 1
      const escaped = written.charAt(at)
      // A backslash before anything else is itself.
      value += meant[escaped] ?? `\\${escaped}`
    } else value += character
  }
  return isQuoted && !isClosed ? refuseMatcher(text, 'a quote at the end of the value') : value
}
