// How far a style has come, as Go's html/template reads it: a value is a word or a number there, inside of url( ) an
// address, inside of quotes perhaps one, and nothing in a comment. Called by read.ts and escapes.ts.
import { CallRefused } from '#promql/template/state.ts'
import type { Part, Style } from './context.ts'

export type Styled = Readonly<{ style: Style; part: Part }>
// `written` is without comments.
type Step = Styled & Readonly<{ to: number; written: string }>

export function readStyle(from: Styled, text: string): Styled & Readonly<{ written: string }> {
  let { style, part } = from
  let written = ''
  let at = 0
  while (at < text.length) {
    const step = stepOf({ style, part }, text, at)
    written += step.written
    ;({ style, part, to: at } = step)
  }
  return { style, part, written }
}

function stepOf(from: Styled, text: string, at: number): Step {
  if (from.style === 'plain') return inPlain(text, at)
  return from.style === '/*' || from.style === '//'
    ? inComment(from.style, text, at)
    : inAddress(from, text, at)
}

const opening = /(?<![\w\-\u0080-\uffff])url[\t\n\f\r ]*\([\t\n\f\r ]*(["']?)|["']|\/[/*]/gi

// Each address begins anew. With Go one behind another, inside of which a value stood, goes on from that and may choose any
// scheme.
function inPlain(text: string, at: number): Step {
  opening.lastIndex = at
  const found = opening.exec(text)
  if (found === null) return { style: 'plain', part: 'start', to: text.length, written: text.slice(at) }
  const [opened, quote] = found
  const to = found.index + opened.length
  const isComment = opened.startsWith('/')
  const style = quote === undefined ? (opened as Style) : (`${quote}url` as Style)
  return { style, part: 'start', to, written: text.slice(at, isComment ? found.index : to) }
}

function inComment(style: '/*' | '//', text: string, at: number): Step {
  const isBlock = style === '/*'
  const found = isBlock ? text.indexOf('*/', at) : text.slice(at).search(/[\n\f\r]/)
  const written = isBlock ? ' ' : ''
  if (found === -1) return { style, part: 'start', to: text.length, written }
  return { style: 'plain', part: 'start', to: isBlock ? found + 2 : at + found, written }
}

const ends = { '"': /[\\"]/g, "'": /[\\']/g, bare: /[\\\t\n\f\r )]/g }

function inAddress({ style, part }: Styled, text: string, at: number): Step {
  const end = ends[style === 'url' ? 'bare' : (style[0] as '"' | "'")]
  end.lastIndex = at
  const found = end.exec(text)
  if (found !== null && found[0] !== '\\') {
    const to = found.index + 1
    return { style: 'plain', part: 'start', to, written: text.slice(at, to) }
  }
  const to = found === null ? text.length : found.index + 2
  if (to > text.length) throw new CallRefused('an escape ends inside of a style')
  const written = text.slice(at, to)
  return { style, part: partAfter(part, styleUnescaped(written)), to, written }
}

const partAfter = (part: Part, text: string): Part =>
  /[#?]/.test(text) ? 'query' : part === 'start' && text.trim() !== '' ? 'path' : part

const styleEscape = /\\(?:(10[\da-f]{4}|0[\da-f]{1,5}|[\da-f]{1,5})(?:\r\n|[ \t\n\f\r])?|(.)|$)/gisu

export const styleUnescaped = (text: string): string =>
  text.replaceAll(styleEscape, (_, code?: string, sign = '') =>
    code === undefined ? sign : String.fromCodePoint(Number.parseInt(code, 16)).toWellFormed(),
  )
