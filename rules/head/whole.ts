// From when on has the head everything that the store has of a watch? Found out by comparing the two once: whatever
// the reason why something is missing (it came before the watch, or from too far ahead), it is seen. What comes later
// comes to both. Called by ../head-store.ts; millions of samples may be compared, so others work in between.
import { Breath } from '#core/breath.ts'
import type { SeriesTable } from '#core/series.ts'
import { isStale } from '#core/stale.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { Holding } from './holding.ts'

export type Whole = Readonly<{
  // From here on every sample is in the head.
  fullFromMs: number
  // And here, every sample that is newer than the newest that the head has of its series.
  newestFromMs: number
}>

// What was read of the store, from `fromMs` to the end of time; of each series all samples, or its newest only.
export type Stored = Readonly<{ found: readonly SeriesSamples[]; fromMs: number; isNewest: boolean }>

export async function wholeFrom(
  head: Holding,
  table: Pick<SeriesTable, 'find'>,
  { found, fromMs, isNewest }: Stored,
): Promise<Whole> {
  let [fullFromMs, newestFromMs] = [fromMs, fromMs]
  const breath = new Breath()
  for (const [place, each] of found.entries()) {
    if (place % 32 === 31 && breath.isDue) await breath.taken()
    const { tMs } = each
    if (tMs.length === 0) continue
    const slot = head.slotOf(table.find(each.series) ?? -1)
    const at = lastMissing(head, slot, each)
    if (at >= 0) {
      fullFromMs = Math.max(fullFromMs, tMs[at]! + 1)
      if (tMs[at]! >= newestMs(head, slot)) newestFromMs = Math.max(newestFromMs, tMs[at]! + 1)
    }
    // Of those before nothing is known.
    if (isNewest) fullFromMs = Math.max(fullFromMs, tMs.at(-1)!)
  }
  return { fullFromMs, newestFromMs }
}

// Which of the samples is not in the head; -1 when all are.
function lastMissing({ strips }: Holding, slot: number, { tMs, values }: SeriesSamples): number {
  let at = tMs.length - 1
  if (slot < 0) return at
  const begin = strips.begins[slot]!
  let place = strips.ends[slot]! - 1
  for (; at >= 0; at--) {
    while (place >= begin && strips.tMs[place]! > tMs[at]!) place--
    if (place < begin || strips.tMs[place] !== tMs[at]) return at
    if (!Object.is(strips.values[place], values[at])) return at
    if (isStale(strips.values, place) !== isStale(values, at)) return at
  }
  return at
}

function newestMs({ strips }: Holding, slot: number): number {
  if (slot < 0) return Number.NEGATIVE_INFINITY
  const last = strips.ends[slot]! - 1
  return last < strips.begins[slot]! ? Number.NEGATIVE_INFINITY : strips.tMs[last]!
}
