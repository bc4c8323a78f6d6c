// What the head answers in place of a store: copies, because whoever asks takes his time. Nothing where it cannot know
// all of the answer. Ten thousand series take a millisecond, so the loops are plain. Called by ../head-store.ts.
import type { SeriesTable } from '#core/series.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import type { Holding } from './holding.ts'
import { slackMs } from './strips.ts'
import type { Whole } from './whole.ts'

export type Asked = Readonly<{
  range: Range
  // How far back the watch is kept.
  keepMs: number
  whole: Whole
  // Slots in the order of the answer.
  slots: Uint32Array
}>

export function recentOf(
  head: Holding,
  table: Pick<SeriesTable, 'get'>,
  asked: Asked,
): SeriesSamples[] | undefined {
  const { range, slots, whole } = asked
  const isNewest = range.onlyNewest === true
  if (range.fromMs < (isNewest ? whole.newestFromMs : whole.fullFromMs)) return undefined
  const firsts = new Uint32Array(slots.length)
  const ends = new Uint32Array(slots.length)
  const find = isNewest ? newest : all
  let count = 0
  for (let at = 0; at < slots.length; at++) {
    const found = find(head, slots[at]!, asked)
    if (found === undefined) return undefined
    firsts[at] = found.first
    ends[at] = found.end
    count += found.end - found.first
  }
  return count > copiedMax ? undefined : copied(head, table, { slots, firsts, ends, count })
}

// Ten milliseconds. With more everybody here would have to wait; the store has a thread of its own.
const copiedMax = 1 << 20

// Places of the columns.
type Found = { first: number; end: number }

// Used again for each slot.
const places: Found = { first: 0, end: 0 }

function found(first: number, end: number): Found {
  places.first = Math.min(first, end)
  places.end = end
  return places
}

function all(head: Holding, slot: number, { range, keepMs, whole }: Asked): Found | undefined {
  const { strips } = head
  const last = strips.ends[slot]! - 1
  if (last < strips.begins[slot]!) return found(0, 0)
  const { fromMs, toMs } = range
  // What is older may have been given up, by the newest sample or by the clock.
  const keptMs = Math.max(strips.tMs[last]!, head.nowMs) - keepMs - slackMs
  if (fromMs < whole.fullFromMs || fromMs <= keptMs) return undefined
  return found(head.firstAfter(slot, fromMs - 1), head.firstAfter(slot, toMs))
}

function newest(head: Holding, slot: number, asked: Asked): Found | undefined {
  const { range, keepMs, whole } = asked
  const { strips } = head
  const last = strips.ends[slot]! - 1
  if (last < strips.begins[slot]!) return found(0, 0)
  const { fromMs, toMs } = range
  const newestMs = strips.tMs[last]!
  if (newestMs <= toMs) return newestMs < fromMs ? found(0, 0) : found(last, last + 1)
  // The newest is later than what was asked for: one before it is wanted, and all between the two must be known.
  const place = head.firstAfter(slot, toMs) - 1
  if (place < strips.begins[slot]!) return all(head, slot, asked)
  const t = strips.tMs[place]!
  const isKept = t >= whole.fullFromMs && t > newestMs - keepMs - slackMs
  if (!isKept) return all(head, slot, asked)
  return t < fromMs ? found(0, 0) : found(place, place + 1)
}

type Placed = Readonly<{ slots: Uint32Array; firsts: Uint32Array; ends: Uint32Array; count: number }>

function copied(
  head: Holding,
  table: Pick<SeriesTable, 'get'>,
  { slots, firsts, ends, count }: Placed,
): SeriesSamples[] {
  const { strips } = head
  const tMs = new Float64Array(count)
  const values = new Float64Array(count)
  const answer: SeriesSamples[] = []
  let to = 0
  for (let at = 0; at < slots.length; at++) {
    const begin = to
    // From column to column, because a stale marker lives in the bits.
    for (let from = firsts[at]!; from < ends[at]!; from++) {
      tMs[to] = strips.tMs[from]!
      values[to++] = strips.values[from]!
    }
    if (to === begin) continue
    const series = table.get(head.seriesOf(slots[at]!))
    answer.push({ series, tMs: tMs.subarray(begin, to), values: values.subarray(begin, to) })
  }
  return answer
}
