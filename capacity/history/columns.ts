// The rows of the last months in memory, as numbers side by side: what every forecast reads. Filled by open-history.ts.
//
// Hot: 60 days of 10 000 lines are read in milliseconds (bench/capacity-history.ts). One array for each line and track,
// field after field, so that a window of a field is a slice of it: 64 bytes for a day, 75 MB for 10 000 lines of 60 days.
import type { DayRow, Days, Track, Window } from '../history.ts'
import { type Line, lineKey } from '../pool.ts'

const fields = ['count', 'min', 'max', 'sum', 'last', 'lastMs', 'p95', 'busyHour'] as const
type Field = (typeof fields)[number]
const places = Object.fromEntries(fields.map((field, at) => [field, at])) as Record<Field, number>

// `days` long; a day without a row has NaN in all of it.
type Column = Readonly<{ firstDay: number; days: number; lastDay: number; numbers: Float64Array }>
type Held = { line: Line; usage: Column | undefined; supply: Column | undefined }

// Room is made for so many more days at a time.
const growth = 16

export interface Columns {
  lines(): readonly Line[]
  put(line: Line, track: Track, rows: readonly DayRow[]): void
  row(line: Line, track: Track, day: number): DayRow | undefined
  days(line: Line, track: Track, of: Readonly<{ field: Field; window: Window }>): Days
  // As many as have rows of this or a later day stay.
  forget(beforeDay: number): void
}

// Of each line and track no more than so many days up to its newest.
export function openColumns(daysMax: number): Columns {
  const held = new Map<string, Held>()
  // A key is a text to be made; whoever asks for many lines asks with those that lines() gave.
  let found = new WeakMap<Line, Held>()
  const heldOf = (line: Line): Held | undefined => {
    const known = found.get(line) ?? held.get(lineKey(line))
    if (known !== undefined) found.set(line, known)
    return known
  }

  return {
    lines: () => Array.from(held.values(), ({ line }) => line),
    put(line, track, rows) {
      if (rows.length === 0) return
      const key = lineKey(line)
      const known = held.get(key) ?? { line, usage: undefined, supply: undefined }
      held.set(key, known)
      const column = withRoom(known[track], rows, daysMax)
      known[track] = column
      for (const row of rows) write(column, row)
    },
    row(line, track, day) {
      const column = heldOf(line)?.[track]
      return column === undefined ? undefined : read(column, day)
    },
    days(line, track, { field, window }) {
      const values = new Float64Array(window.days).fill(Number.NaN)
      const firstDay = window.toDay - window.days + 1
      const column = heldOf(line)?.[track]
      if (column !== undefined) copy(column, field, { firstDay, values })
      return { firstDay, values }
    },
    forget(beforeDay) {
      for (const [key, { usage, supply }] of held) {
        const isOld = (column: Column | undefined): boolean =>
          column === undefined || column.lastDay < beforeDay
        if (isOld(usage) && isOld(supply)) held.delete(key)
      }
      found = new WeakMap()
    },
  }
}

function withRoom(column: Column | undefined, rows: readonly DayRow[], daysMax: number): Column {
  let [from, to] = [column?.firstDay ?? rows[0]!.day, column?.lastDay ?? rows[0]!.day]
  for (const { day } of rows) {
    if (day < from) from = day
    if (day > to) to = day
  }
  from = Math.max(from, to - daysMax + 1)
  if (column !== undefined && from === column.firstDay && to < from + column.days)
    return { ...column, lastDay: to }
  const days = Math.min(daysMax, Math.ceil((to - from + 1) / growth) * growth)
  const numbers = new Float64Array(days * fields.length).fill(Number.NaN)
  if (column !== undefined)
    for (const [at, field] of fields.entries()) {
      const values = numbers.subarray(at * days, (at + 1) * days)
      copy(column, field, { firstDay: from, values })
    }
  return { firstDay: from, days, lastDay: to, numbers }
}

// The days that both have.
function copy({ firstDay, days, numbers }: Column, field: Field, to: Days): void {
  const from = Math.max(firstDay, to.firstDay)
  const end = Math.min(firstDay + days, to.firstDay + to.values.length)
  if (end <= from) return
  const start = places[field] * days - firstDay
  to.values.set(numbers.subarray(start + from, start + end), from - to.firstDay)
}

function write({ firstDay, days, numbers }: Column, row: DayRow): void {
  const at = row.day - firstDay
  if (at < 0) return
  for (const [field, name] of fields.entries()) numbers[field * days + at] = row[name]
}

function read({ firstDay, days, numbers }: Column, day: number): DayRow | undefined {
  const at = day - firstDay
  if (at < 0 || at >= days || Number.isNaN(numbers[at]!)) return undefined
  const of = (field: Field): number => numbers[places[field] * days + at]!
  return {
    day,
    count: of('count'),
    min: of('min'),
    max: of('max'),
    sum: of('sum'),
    last: of('last'),
    lastMs: of('lastMs'),
    p95: of('p95'),
    busyHour: of('busyHour'),
  }
}
