// A whole that somebody states is not less than one of its parts: such a one is what belongs to no part, or a mistake. Its
// days are taken out. Called by bins.ts.
import type { DayRow, Track } from '../history.ts'
import { isWhole, type Line } from '../pool.ts'

export type ImportedLine = Readonly<{ line: Line; track: Track; rows: Map<number, DayRow> }>

// Numbers that people write are rounded.
const slack = 1e-3

export function withoutSmallWholes(
  lines: readonly ImportedLine[],
  isAdded: (whole: ImportedLine) => boolean,
): readonly Readonly<{ line: ImportedLine; day: number }>[] {
  const found: { line: ImportedLine; day: number }[] = []
  const groups = Map.groupBy(lines, ({ line: { pool, resource }, track }) =>
    JSON.stringify([pool, resource, track]),
  )
  for (const group of groups.values()) {
    const whole = group.find(({ line }) => isWhole(line.part))
    if (whole === undefined || isAdded(whole)) continue
    const parts = group.filter(each => each !== whole)
    for (const [day, row] of whole.rows) {
      const own = parts.map(({ rows }) => rows.get(day)).filter(each => each !== undefined)
      // Beside a part below nothing the whole may be less than another.
      if (own.some(({ min }) => min < 0) || !own.some(({ max }) => max * (1 - slack) > row.max)) continue
      whole.rows.delete(day)
      found.push({ line: whole, day })
    }
  }
  return found
}
