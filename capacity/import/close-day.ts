// The rows of one day: of each part, and of the whole as the sum of the parts at each five minutes, so that its peak is
// exact. Pure; called by bins.ts.
import { noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { dayRowOf } from '../history/day-row.ts'
import type { DayRow } from '../history.ts'
import { isWhole } from '../pool.ts'
import { type OpenDay, type Slots, slotMs, slotsMax } from './slots.ts'

type PartRow = Readonly<{ part: Labels; row: DayRow }>

export function rowsOfDay(open: OpenDay): PartRow[] {
  const sources = [...open.sources.values()]
  const byPart = Map.groupBy(sources, ({ part }) => JSON.stringify(part))
  const parts = [...byPart.values()].map(own => ({ part: own[0]!.part, row: rowOf(own, open) }))
  if (parts.some(({ part }) => isWhole(part))) return parts
  return [...parts, { part: noLabels, row: rowOf(sources, open) }]
}

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
