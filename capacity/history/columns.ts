// The rows of the last months in memory, as numbers side by side: what every forecast reads. Filled by open-history.ts.
//
// Hot: 60 days of 10 000 lines are read in milliseconds (bench/capacity-history.ts). One array for each line and track,
// field after field, so that a window of a field is a slice of it: 64 bytes for a day, 75 MB for 10 000 lines of 60 days.
import type { DayRow, Days, Track, Window } from '../history.ts'
import { type Line, lineKey } from '../pool.ts'
import { type DayNumbers, type Field, fields, numbersOf, numbersOfDay } from './day-numbers.ts'

const places = Object.fromEntries(fields.map((field, at) => [field, at])) as Record<Field, number>

// `days` long; a day without a row has NaN in all of it.
type Column = Readonly<{ firstDay: number; days: number; lastDay: number; numbers: Float64Array }>
type Held = { line: Line; usage: Column | undefined; supply: Column | undefined }

// Room is made for so many more days at a time.
const growth = 16

export interface Columns {
  lines(): readonly Line[]
  put(line: Line, track: Track, rows: readonly DayRow[]): void
  // The same of rows as they rest in the state; none after a day.
  read(line: Line, track: Track, of: Readonly<{ days: DayNumbers; toDay: number }>): void
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

  const take = (line: Line, track: Track, days: DayNumbers, toDay: number): void => {
    const span = spanOf(days, toDay)
    if (span === undefined) return
    const key = lineKey(line)
    const known = held.get(key) ?? { line, usage: undefined, supply: undefined }
    held.set(key, known)
    const column = withRoom(known[track], span, daysMax)
    known[track] = column
    write(column, days, toDay)
  }

  return {
    lines: () => Array.from(held.values(), ({ line }) => line),
    put: (line, track, rows) => take(line, track, rows.flatMap(numbersOf), Number.POSITIVE_INFINITY),
    read: (line, track, { days, toDay }) => take(line, track, days, toDay),
    row(line, track, day) {
      const column = heldOf(line)?.[track]
      return column === undefined ? undefined : rowIn(column, day)
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

type Span = Readonly<{ from: number; to: number }>

function spanOf(days: DayNumbers, toDay: number): Span | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let at = 0; at < days.length; at += numbersOfDay) {
    const day = days[at]!
    if (day > toDay) continue
    if (day < from) from = day
    if (day > to) to = day
  }
  return to < from ? undefined : { from, to }
}

function withRoom(column: Column | undefined, span: Span, daysMax: number): Column {
  const to = Math.max(span.to, column?.lastDay ?? span.to)
  const from = Math.max(Math.min(span.from, column?.firstDay ?? span.from), to - daysMax + 1)
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

function write({ firstDay, days, numbers }: Column, found: DayNumbers, toDay: number): void {
  for (let from = 0; from < found.length; from += numbersOfDay) {
    const day = found[from]!
    if (day > toDay || day < firstDay) continue
    const at = day - firstDay
    for (let field = 0; field < fields.length; field++)
      numbers[field * days + at] = found[from + 1 + field] ?? Number.NaN
  }
}

function rowIn({ firstDay, days, numbers }: Column, day: number): DayRow | undefined {
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
