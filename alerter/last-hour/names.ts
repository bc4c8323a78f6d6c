// What lines are called beside each other: the values of the labels in which they differ, without what all begin or end
// with. Called by last-hour.ts.
import type { Labels } from '#core/model.ts'
import { saidLabels } from '../words/place.ts'

export function lineNames(all: readonly Labels[]): readonly string[] {
  const said = all.map(labels => new Map(saidLabels(labels)))
  const differs = (name: string): boolean => new Set(said.map(labels => labels.get(name) ?? '')).size > 1
  const names = said.map(labels =>
    [...labels].flatMap(([name, value]) => (differs(name) ? [value] : [])).join(' '),
  )
  return withoutCommon(names)
}

// `db-` in `db-7` costs nothing and says something.
const shortPrefix = 5

// Cut where words end, and only where enough is left.
function withoutCommon(names: readonly string[]): readonly string[] {
  const [first = ''] = names
  if (names.length < 2) return names
  const begins = [0]
  for (const part of first.split(/(?<=[-_.:/ ])/).slice(0, -1)) {
    const begin = first.slice(0, begins.at(-1)! + part.length)
    if (!names.every(name => name.startsWith(begin) && name.length > begin.length)) break
    begins.push(begin.length)
  }
  // A number alone says too little.
  const saysMuch = (from: number): boolean => names.every(name => /^\p{L}/u.test(name.slice(from)))
  const from = begins.findLast(each => each >= shortPrefix && saysMuch(each)) ?? 0
  let to = 0
  for (const part of first
    .split(/(?=[-_.:/ ])/)
    .slice(1)
    .reverse()) {
    const end = part + first.slice(first.length - to, first.length)
    if (!names.every(name => name.endsWith(end) && name.length - from > end.length)) break
    to = end.length
  }
  return names.map(name => name.slice(from, name.length - to))
}
