// How a mistake in an expression is shown: line and column, what is wrong, and the line itself with a caret below.
// Called by the parser and the checker.
import { Failure } from '#core/errors.ts'
import type { Span } from '../ast.ts'

// A long line is shown around the place only.
const shownMax = 100

export function refusal(text: string, { from, to }: Span, what: string): Failure {
  const start = text.lastIndexOf('\n', from - 1) + 1
  const end = text.indexOf('\n', from)
  const line = text.slice(start, end === -1 ? text.length : end)
  const row = text.slice(0, start).split('\n').length
  const column = [...text.slice(start, from)].length + 1
  return new Failure('bad_query', `${row}:${column}: ${what}${excerpt(line, from - start, to - start)}`)
}

function excerpt(line: string, from: number, to: number): string {
  if (line.trim() === '') return ''
  const left = from > shownMax - 20 ? from - 40 : 0
  const shown = line.slice(left, left + shownMax).replaceAll('\t', ' ')
  const head = left > 0 ? '…' : ''
  const before = widthOf(head + shown.slice(0, from - left))
  const marked = Math.max(1, widthOf(shown.slice(from - left, to - left)))
  const tail = line.length > left + shownMax ? '…' : ''
  return `\n  ${head}${shown}${tail}\n  ${' '.repeat(before)}${'^'.repeat(marked)}`
}

// Chinese characters and emoji take two columns of a terminal.
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/
const widthOf = (text: string): number =>
  [...text].reduce((sum, each) => sum + (wide.test(each) || (each.codePointAt(0) ?? 0) > 0x1f000 ? 2 : 1), 0)
