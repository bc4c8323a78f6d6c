// The rows of one day: of each part, and of the whole as the sum of all at each five minutes, so that its peak is exact.
// Pure; called by bins.ts.
import { noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { dayRowOf } from '../history/day-row.ts'
import type { DayRow } from '../history.ts'
import { isWhole } from '../pool.ts'
import { type OpenDay, type Slots, slotMs, slotsMax } from './slots.ts'

export type PartRow = Readonly<{
  part: Labels
  row: DayRow
  firstMs: number
  // Of a single source its key, else a sum.
  madeOf: string
  // The whole, of values of parts.
  isAdded: boolean
}>

// Mixed: values with labels and without, and nobody knows whether the latter are the whole. Then there is none.
export function rowsOfDay(open: OpenDay): Readonly<{ rows: PartRow[]; isMixed: boolean }> {
  const sources = [...open.sources]
  const unlabelled = sources.filter(([, { part }]) => isWhole(part))
  const labelled = sources.filter(([, { part }]) => !isWhole(part))
  const byPart = Map.groupBy(labelled, ([, { part }]) => JSON.stringify(part))
  const rows = [...byPart.values()].map(own => partRow(own, open))
  const stated = unlabelled.filter(([, each]) => each.unlabelled === 'whole')
  const unsure = unlabelled.filter(([, each]) => each.unlabelled === 'unsure')
  const isMixed = stated.length === 0 && overlap(unsure, labelled)
  const whole = stated.length > 0 ? stated : sources
  const isAdded = whole === sources && labelled.length > 0
  if (!isMixed) rows.push({ ...partRow(whole, open), part: noLabels, isAdded })
  return { rows, isMixed }
}

type Source = readonly [key: string, slots: Slots]

// From the first to the last value of either: in turn they say no more than together.
function overlap(some: readonly Source[], others: readonly Source[]): boolean {
  const [a, b] = [spanOf(some), spanOf(others)]
  return a.from <= b.to && b.from <= a.to
}

// Of none at all it is empty.
function spanOf(sources: readonly Source[]): Readonly<{ from: number; to: number }> {
  let [from, to] = [slotsMax, -1]
  for (const [, { counts }] of sources) {
    from = Math.min(
      from,
      counts.findIndex(count => count > 0),
    )
    to = Math.max(
      to,
      counts.findLastIndex(count => count > 0),
    )
  }
  return { from, to }
}

function partRow(own: readonly Source[], open: OpenDay): PartRow {
  const slots = own.map(([, each]) => each)
  return {
    ...{ part: own[0]![1].part, row: rowOf(slots, open) },
    firstMs: open.startMs + spanOf(own).from * slotMs,
    madeOf: own.length === 1 ? own[0]![0] : sumOf,
    isAdded: false,
  }
}

// No key of a source.
export const sumOf = ''

function rowOf(sources: readonly Slots[], { day, startMs }: OpenDay): DayRow {
  const tMs: number[] = []
  const values: number[] = []
  for (let slot = 0; slot < slotsMax; slot++) {
    let sum = Number.NaN
    for (const { sums, counts } of sources) {
      const count = counts[slot]!
      if (count > 0) sum = (Number.isNaN(sum) ? 0 : sum) + sums[slot]! / count
    }
    if (Number.isNaN(sum)) continue
    tMs.push(startMs + slot * slotMs)
    values.push(sum)
  }
  const row = dayRowOf(day, Float64Array.from(tMs), Float64Array.from(values))
  return withExtremes(spread(row, tMs), sources)
}

// Values that come every hour stand for twelve times five minutes each. What comes once a day stands for itself.
function spread(row: DayRow, tMs: readonly number[]): DayRow {
  let least = Number.POSITIVE_INFINITY
  for (let at = 1; at < tMs.length; at++) least = Math.min(least, tMs[at]! - tMs[at - 1]!)
  const each = least / slotMs
  return Number.isFinite(each) && each > 1 ? { ...row, count: row.count * each, sum: row.sum * each } : row
}

// An hour's mean hides its peak; where one source says it, it is the day's. Peaks of several do not add up.
function withExtremes(row: DayRow, sources: readonly Slots[]): DayRow {
  const spans = sources.filter(({ most }) => !Number.isNaN(most))
  if (spans.length === 0) return row
  const [only] = spans
  const known = spans.length === 1 && sources.length === 1 && only !== undefined
  return { ...row, p95: Number.NaN, ...(known && { min: only.least, max: only.most }) }
}
