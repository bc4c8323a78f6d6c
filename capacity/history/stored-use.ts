// What was used on single days, read from the state: days that are kept there for longer than in memory. Called by
// requests/judging.ts.
import type { State } from '#core/state.ts'
import { type DemandOf, type Line, lineKey } from '../pool.ts'
import { lineId } from './book.ts'
import { type DayNumbers, rowsOf } from './day-numbers.ts'
import { demandField } from './demand-field.ts'

export type UseWanted = Readonly<{ line: Line; of: DemandOf; day: number }>

const linesAtOnce = 500

// In the order of what is wanted; NaN where nothing is known.
export async function readStoredUse(
  db: State['db'],
  wanted: readonly UseWanted[],
): Promise<readonly number[]> {
  const used = new Array<number>(wanted.length).fill(Number.NaN)
  const placed = wanted.map(({ line, of, day }, at) => ({ id: lineId(lineKey(line)), of, day, at }))
  for (const [day, some] of Map.groupBy(placed, each => each.day)) {
    for (let from = 0; from < some.length; from += linesAtOnce) {
      const part = some.slice(from, from + linesAtOnce)
      const byLine = await numbersOn(db, day, [...new Set(part.map(({ id }) => id))])
      for (const { id, of, at } of part) {
        const [row] = rowsOf(byLine.get(id) ?? [])
        if (row !== undefined) used[at] = row[demandField[of]]
      }
    }
  }
  return used
}

async function numbersOn(
  db: State['db'],
  day: number,
  lines: readonly number[],
): Promise<ReadonlyMap<number, DayNumbers>> {
  const found = await db
    .selectFrom('capacity_days')
    .select(['line', 'numbers'])
    .where('line', 'in', lines)
    // Usage.
    .where('track', '=', 0)
    .where('day', '=', day)
    .execute()
  return new Map(found.map(({ line, numbers }) => [line, JSON.parse(numbers) as DayNumbers]))
}
