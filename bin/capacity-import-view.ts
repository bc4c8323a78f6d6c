// What an import came to, for a person: each line with its days and what is missing, then what was not taken and why.
// Called by the command `capacity import`.
import { shown } from '#core/shown.ts'
import { dayText } from '../capacity/days.ts'
import type { Track } from '../capacity/history.ts'
import type { ImportedLine } from '../capacity/import/bins.ts'
import type { Doubt } from '../capacity/import/doubts.ts'
import type { Remark } from '../capacity/import/remarks.ts'
import type { Line } from '../capacity/pool.ts'
import { type Column, tableText } from './table.ts'

// What is left to say of a line when its rows have gone.
export type LineSummary = Readonly<{
  line: Line
  track: Track
  days: number
  firstDay: number
  lastDay: number
  // Days between the first and the last that are not there.
  gaps: number
  // Days with less than nine tenths of their values.
  partial: number
}>

const wholeCount = 288
const partialShare = 0.9

export function summaryOf({ line, track, rows }: ImportedLine): LineSummary {
  const days = [...rows.keys()]
  const firstDay = days.reduce((least, day) => Math.min(least, day), Number.POSITIVE_INFINITY)
  const lastDay = days.reduce((most, day) => Math.max(most, day), Number.NEGATIVE_INFINITY)
  const partial = [...rows.values()].filter(({ count }) => count < wholeCount * partialShare).length
  return {
    line,
    track,
    days: days.length,
    firstDay,
    lastDay,
    gaps: lastDay - firstDay + 1 - days.length,
    partial,
  }
}

// Of the same line in pieces.
export function joined(a: LineSummary | undefined, b: LineSummary): LineSummary {
  if (a === undefined) return b
  const days = a.days + b.days
  const [firstDay, lastDay] = [Math.min(a.firstDay, b.firstDay), Math.max(a.lastDay, b.lastDay)]
  return {
    ...a,
    days,
    firstDay,
    lastDay,
    gaps: lastDay - firstDay + 1 - days,
    partial: a.partial + b.partial,
  }
}

const columns: readonly Column[] = [
  { title: 'pool' },
  { title: 'resource' },
  { title: 'part' },
  { title: 'track' },
  { title: 'days', right: true },
  { title: 'first' },
  { title: 'last' },
  { title: 'missing', right: true },
  { title: 'partial', right: true },
]

const partText = ({ part }: Line): string =>
  Object.entries(part)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || '(whole)'

export const summariesText = (summaries: readonly LineSummary[]): string =>
  tableText(
    columns,
    summaries.map(({ line, track, days, firstDay, lastDay, gaps, partial }) => [
      line.pool,
      line.resource,
      partText(line),
      track,
      String(days),
      dayText(firstDay),
      dayText(lastDay),
      String(gaps),
      String(partial),
    ]),
  )

export const doubtText = ({ file, line, column, wanted, found }: Doubt): string =>
  `${file}:${line}:${column}: wanted ${shown(wanted)}, found ${shown(found)}\n`

export const remarkText = ({ line, track, days, what }: Remark): string =>
  `${line.pool}/${line.resource} ${track} ${shown(partText(line))}: ${days} ${days === 1 ? 'day' : 'days'} ${what}\n`
