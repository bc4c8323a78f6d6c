// How a template that cannot be read is refused: line, column, what is wrong, and the line with a caret under the
// place. Called by lexer.ts and parser.ts.
import { Failure } from '#core/errors.ts'

const widthMax = 160

export function refusal(text: string, at: number, what: string): Failure {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const line = text.slice(0, start).split('\n').length
  const end = text.indexOf('\n', at)
  const shown = text.slice(start, end === -1 ? text.length : end)
  const detail = `${line}:${at - start + 1}: ${what}`
  // Of a long line, what surrounds the place.
  const from = at - start > widthMax / 2 ? at - start - widthMax / 2 : 0
  const excerpt = shown.slice(from, from + widthMax)
  const indent = excerpt.slice(0, at - start - from).replaceAll(/[^\t]/g, ' ')
  return new Failure(
    'bad_template',
    excerpt.trim() === '' ? detail : `${detail}\n    ${excerpt}\n    ${indent}^`,
  )
}
