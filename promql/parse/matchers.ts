// Names, braces and lists of labels: up{host="a"}, {"a name", x=~"b.*"}, by (host, "a label"). Part of the parser;
// called by primary.ts and by those that read `by` and `on`.
import { Failure } from '#core/errors.ts'
import { metricName } from '#core/labels.ts'
import type { Matcher, MatchOp } from '#core/model.ts'
import { patternTest } from '#core/pattern.ts'
import { BadEscape, unquote } from '../string-literal.ts'
import type { Cursor } from './cursor.ts'
import type { Token } from './lexer.ts'

const isMatchOp = (text: string): text is MatchOp => ['=', '!=', '=~', '!~'].includes(text)

export function textOf(cursor: Cursor, token: Token): string {
  try {
    return unquote(token.text)
  } catch (error) {
    if (!(error instanceof BadEscape)) throw error
    const from = token.from + error.at
    const hint = /^\\[.\\()[\]{}*+?^$|dDwWsSpPbBAzQE]$/.test(error.found)
      ? `; in a regular expression write \\${error.found}, or put the text between backticks`
      : ''
    return cursor.refuse({ from, to: from + error.found.length }, `${error.message}${hint}`)
  }
}

// Behind the opening brace.
export function matchersOf(cursor: Cursor): Matcher[] {
  const matchers: Matcher[] = []
  while (cursor.accept('}') === undefined) {
    matchers.push(matcherOf(cursor))
    if (cursor.accept(',') !== undefined) continue
    if (cursor.peek().text !== '}') cursor.unexpected('a comma or the closing }')
  }
  return matchers
}

function matcherOf(cursor: Cursor): Matcher {
  const token = cursor.peek()
  if (token.kind !== 'word' && token.kind !== 'string') {
    cursor.unexpected('a label, as in host="a", or the closing }')
  }
  cursor.take()
  const name = token.kind === 'string' ? textOf(cursor, token) : token.text
  const op = cursor.peek()
  // A name in quotes by itself is the metric's.
  const standsAlone = op.kind === 'mark' && [',', '}'].includes(op.text)
  if (token.kind === 'string' && standsAlone) return { name: metricName, op: '=', value: name }
  if (!isMatchOp(op.text) || op.kind !== 'mark') {
    cursor.unexpected(
      `= != =~ or !~ behind the label ${name}`,
      op.text === '==' ? 'labels are compared by one =' : undefined,
    )
  }
  cursor.take()
  return { name, op: op.text as MatchOp, value: matchedText(cursor, op) }
}

function matchedText(cursor: Cursor, op: Token): string {
  const token = cursor.peek()
  if (token.kind !== 'string') {
    const isBare = token.kind === 'word' || token.kind === 'number'
    cursor.unexpected('a text in quotes', isBare ? `write ${op.text}"${token.text}"` : undefined)
  }
  cursor.take()
  const value = textOf(cursor, token)
  if (op.text === '=' || op.text === '!=') return value
  try {
    patternTest(value)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const reason = (error.detail.split('error parsing regexp: ').at(-1) ?? '').replace('`(?s)', '`')
    cursor.refuse(token, `this is no regular expression of RE2: ${reason}`)
  }
  return value
}

// With the brackets: (host, "a label",).
export function labelList(cursor: Cursor, behind: string): string[] {
  cursor.expect('(', `( and labels behind ${behind}, as in ${behind} (host)`)
  const labels: string[] = []
  while (cursor.accept(')') === undefined) {
    const token = cursor.peek()
    const isName = token.kind === 'word' && !token.text.includes(':')
    if (!isName && token.kind !== 'string') cursor.unexpected(`a label of ${behind}, or the closing )`)
    cursor.take()
    const name = token.kind === 'string' ? textOf(cursor, token) : token.text
    if (name === '') cursor.refuse(token, 'found an empty label')
    labels.push(name)
    if (cursor.accept(',') !== undefined) continue
    if (cursor.peek().text !== ')') {
      cursor.unexpected(`a comma or the closing ) of the labels of ${behind}`)
    }
  }
  return labels
}
