// The words of PromQL: where each token begins and ends, by Prometheus' own rules. A parser's inner loop; called by
// cursor.ts, one token at a time, so that the first mistake of a text is the one reported.
import type { Span } from '../ast.ts'
import { refusal } from './refusal.ts'

// A number may be a duration. A mark is an operator or a bracket.
export type Token = Span & Readonly<{ kind: 'number' | 'string' | 'word' | 'mark' | 'end'; text: string }>

const blank = /[ \t\n\r]*(?:#[^\n\r]*[ \t\n\r]*)*/y
const name = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
// Inside of braces and brackets a colon is no letter.
const label = /[a-zA-Z_][a-zA-Z0-9_]*/y
// Whatever sticks to a digit; whether it is a number or a duration is decided in number.ts.
const number = /0[xX]\w*|(?:\d|\.\d)(?:[eE][+-](?=\d)|[\w.])*/y
const quoted = /"[^\\"\n]*(?:\\[^\n][^\\"\n]*)*"|'[^\\'\n]*(?:\\[^\n][^\\'\n]*)*'|`[^`]*`/y
const mark = /<\/|>\/|==|!=|=~|!~|<=|>=|[(){}[\],<>=+\-*/%^@:]/y

// What people type for something else.
const mistaken: Readonly<Record<string, string>> = {
  '&': 'and',
  '|': 'or',
  '!': '!= or unless',
  '\u201c': 'the plain quote "',
  '\u201d': 'the plain quote "',
  '\u2018': "the plain quote '",
  '\u2019': "the plain quote '",
  '（': 'the plain bracket (',
  '）': 'the plain bracket )',
  '｛': 'the plain bracket {',
  '｝': 'the plain bracket }',
  '［': 'the plain bracket [',
  '］': 'the plain bracket ]',
  '，': 'the plain comma ,',
  '＝': 'the plain =',
  '：': 'the plain colon :',
  '；': 'nothing',
  ';': 'nothing: one expression stands alone',
  '\u00a0': 'a plain space (this one is non-breaking)',
  '\u3000': 'a plain space (this one is full-width)',
  '.': 'a name with dots in braces and quotes, as in {"my.metric"}',
  $: 'what the variable stands for: a dashboard puts that in before it asks',
}

export function lexer(text: string): () => Token {
  let at = 0
  let inside: 'braces' | 'brackets' | undefined

  const take = (kind: Token['kind'], length: number): Token => {
    const from = at
    at += length
    return { kind, text: text.slice(from, at), from, to: at }
  }
  const reach = (pattern: RegExp): number => {
    pattern.lastIndex = at
    return pattern.test(text) ? pattern.lastIndex - at : 0
  }

  return () => {
    at += reach(blank)
    if (at >= text.length) return take('end', 0)
    const word = reach(inside === undefined ? name : label)
    // In brackets and braces `:` is a mark of its own.
    if (word > 0) return take('word', word)
    const digits = reach(number)
    if (digits > 0) return take('number', digits)
    const literal = reach(quoted)
    if (literal > 0) return take('string', literal)
    const sign = reach(mark)
    if (sign === 0) throw unreadable(text, at)
    const token = take('mark', sign)
    if (token.text === '{') inside = 'braces'
    else if (token.text === '[') inside = 'brackets'
    else if (token.text === '}' || token.text === ']') inside = undefined
    return token
  }
}

function unreadable(text: string, at: number): Error {
  const found = String.fromCodePoint(text.codePointAt(at) ?? 0)
  const span = { from: at, to: at + found.length }
  if (found === '"' || found === "'" || found === '`') {
    return refusal(text, span, `the text that begins here has no closing ${found}`)
  }
  const isLetter = /\p{L}/u.test(found)
  const wanted = isLetter ? 'a name of such letters in braces and quotes, as in {"…"}' : mistaken[found]
  return refusal(text, span, `found ${nameOf(found)}${wanted === undefined ? '' : `, wanted ${wanted}`}`)
}

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character) ? character : `the character U+${code}`
}
