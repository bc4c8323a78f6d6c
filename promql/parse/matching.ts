// What stands between an operator and its right side: on (…), ignoring (…), group_left (…). Part of the parser;
// called by expression.ts.
import type { Matching } from '../ast.ts'
import { type Cursor, isWord } from './cursor.ts'
import { labelList } from './matchers.ts'

// Nothing where nothing was written.
export function matchingOf(cursor: Cursor): Matching | undefined {
  const word = cursor.accept('on', 'ignoring')
  if (word === undefined) {
    if (isWord(cursor.peek(), 'group_left', 'group_right')) {
      cursor.unexpected('on (…) or ignoring (…) before it')
    }
    refuseFill(cursor)
    return undefined
  }
  const on = word.text.toLowerCase() === 'on'
  const labels = labelList(cursor, word.text.toLowerCase())
  const group = cursor.accept('group_left', 'group_right')
  // A bracket behind group_left is its labels, whatever else it might have been.
  const hasLabels = group !== undefined && cursor.peek().text === '('
  const include = hasLabels ? labelList(cursor, group.text.toLowerCase()) : []
  refuseFill(cursor)
  const card = group === undefined ? 'one-to-one' : cardOf(group.text.toLowerCase())
  return { card, on, labels, include }
}

const cardOf = (word: string): 'many-to-one' | 'one-to-many' =>
  word === 'group_left' ? 'many-to-one' : 'one-to-many'

function refuseFill(cursor: Cursor): void {
  const token = cursor.peek()
  // A metric may be called fill.
  if (!isWord(token, 'fill', 'fill_left', 'fill_right')) return
  if (!/^\s*\(/.test(cursor.text.slice(token.to))) return
  cursor.refuse(token, `${token.text} is experimental in Prometheus and not built here`)
}
