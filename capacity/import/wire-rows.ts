// Rows of days on their way from the command to the service: as JSON, where a number that is not known is null. Called by
// import-routes.ts and the command `capacity import`.
import type { DayRow, Track } from '../history.ts'
import type { ImportedLine } from './bins.ts'

type Maybe = number | null
export type RowCells = readonly [
  day: number,
  count: number,
  min: Maybe,
  max: Maybe,
  sum: Maybe,
  last: Maybe,
  lastMs: Maybe,
  p95: Maybe,
  busyHour: Maybe,
]

export type LineBody = Readonly<{
  pool: string
  resource: string
  part: Readonly<Record<string, string>>
  track: Track
  rows: readonly RowCells[]
}>

export type ImportBody = Readonly<{ lines: readonly LineBody[]; how: 'fill' | 'replace' | 'merge' }>
// Days that have more values already stay as they are: `kept`. Those of parts that the pool has no place for are `left`.
export type ImportAnswer = Readonly<{ taken: number; kept: number; left: number }>

export type DaysThere = Omit<LineBody, 'rows'> &
  Readonly<{ days: readonly (readonly [day: number, count: number])[] }>

const maybe = (value: number): Maybe => (Number.isFinite(value) ? value : null)

const cellsOf = ({ day, count, min, max, sum, last, lastMs, p95, busyHour }: DayRow): RowCells => [
  day,
  Math.round(count),
  maybe(min),
  maybe(max),
  maybe(sum),
  maybe(last),
  maybe(lastMs),
  maybe(p95),
  maybe(busyHour),
]

const rowsInBody = 20_000
const linesInBody = 1_000
const rowsOfLine = 2_000

// In pieces that one request takes; the largest first, which have a place where not all parts have one.
export function bodiesOf(imported: readonly ImportedLine[], how: ImportBody['how']): ImportBody[] {
  const bodies: LineBody[][] = [[]]
  let rows = 0
  for (const { line, track, rows: all } of bySize(imported)) {
    const cells = [...all.values()].toSorted((a, b) => a.day - b.day).map(cellsOf)
    for (let at = 0; at < cells.length; at += rowsOfLine) {
      const some = cells.slice(at, at + rowsOfLine)
      if (rows + some.length > rowsInBody || bodies.at(-1)!.length === linesInBody) {
        bodies.push([])
        rows = 0
      }
      rows += some.length
      bodies.at(-1)!.push({ ...line, track, rows: some })
    }
  }
  return bodies.filter(lines => lines.length > 0).map(lines => ({ lines, how }))
}

function bySize(imported: readonly ImportedLine[]): readonly ImportedLine[] {
  const sizes = new Map(imported.map(each => [each, sizeOf(each)]))
  return imported.toSorted((a, b) => sizes.get(b)! - sizes.get(a)!)
}

function sizeOf({ rows }: ImportedLine): number {
  let size = 0
  for (const { max } of rows.values()) size += max
  return size
}
