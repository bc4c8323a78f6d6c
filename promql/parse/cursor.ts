// Where the parser stands in a text: the token before it, and what to say when that is not the one wanted. Called by
// the parser's parts.
import type { Span } from '../ast.ts'
import { lexer, type Token } from './lexer.ts'
import { refusal } from './refusal.ts'

export type Cursor = Readonly<{
  text: string
  // The next token, without taking it.
  peek: () => Token
  take: () => Token
  // Takes the next token if it is this mark or (in small letters) this word.
  accept: (...wanted: string[]) => Token | undefined
  // Takes this mark, or throws: `what` says what was wanted and where.
  expect: (mark: string, what: string) => Token
  // Whether the innermost open bracket is this one.
  isIn: (bracket: string) => boolean
  // The end of the token taken last.
  end: () => number
  // Throws what is wrong at the next token.
  unexpected: (wanted: string, hint?: string) => never
  refuse: (span: Span, what: string) => never
  // Goes one level deeper, and throws where that is too deep.
  deeper: <T>(inner: () => T) => T
}>

// Each level costs a few frames of the stack, here and in whoever walks the tree.
export const depthMax = 500

const closing: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' }

export const isWord = (token: Token, ...words: string[]): boolean =>
  token.kind === 'word' && words.includes(token.text.toLowerCase())

export function cursorOf(text: string): Cursor {
  const next = lexer(text)
  const open: Token[] = []
  let waiting: Token | undefined
  let last = 0
  let depth = 0

  const peek = (): Token => {
    waiting ??= next()
    return waiting
  }
  const take = (): Token => {
    const token = peek()
    waiting = undefined
    last = token.to
    if (token.kind === 'mark' && token.text in closing) open.push(token)
    else if (token.kind === 'mark' && closing[open.at(-1)?.text ?? ''] === token.text) open.pop()
    return token
  }
  const accept = (...wanted: string[]): Token | undefined => {
    const token = peek()
    const text = token.kind === 'word' ? token.text.toLowerCase() : token.text
    return token.kind !== 'string' && wanted.includes(text) ? take() : undefined
  }
  const refuse = (span: Span, what: string): never => {
    throw refusal(text, span, what)
  }
  const unexpected = (wanted: string, hint?: string): never => {
    const token = peek()
    const more = hint === undefined ? '' : `; ${hint}`
    if (token.kind !== 'end') return refuse(token, `found ${nameOf(token)}, wanted ${wanted}${more}`)
    const bracket = open.at(-1)
    // What lacks is best seen where it began.
    if (bracket === undefined) return refuse(token, `the expression ends too early, wanted ${wanted}${more}`)
    return refuse(
      bracket,
      `this ${bracket.text} has no ${closing[bracket.text]}: the expression ends before it`,
    )
  }
  const expect = (mark: string, what: string): Token => accept(mark) ?? unexpected(what)
  const deeper = <T>(inner: () => T): T => {
    if (++depth > depthMax) refuse(peek(), `found more than ${depthMax} levels of brackets or signs`)
    const result = inner()
    depth -= 1
    return result
  }
  const isIn = (bracket: string): boolean => open.at(-1)?.text === bracket
  return { text, isIn, peek, take, accept, expect, end: () => last, unexpected, refuse, deeper }
}

function nameOf(token: Token): string {
  const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text
  return token.kind === 'string' ? `the text ${text}` : text
}
