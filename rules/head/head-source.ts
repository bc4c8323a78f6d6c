// What the evaluator sees of the head: views of its columns, to be read at once. A series that is ahead of the time of
// evaluation is moved back, so that its newest sample is as of now. Called by head.ts.
import type { SeriesTable } from '#core/series.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import type { Source } from '#promql/source.ts'
import { matchersKey } from '../matchers-key.ts'
import { aheadMs } from './held.ts'
import type { Register } from './register.ts'
import type { SampleStrips } from './strips.ts'

type Read = Readonly<{
  table: SeriesTable
  strips: SampleStrips
  register: Register
  // The slots of the watch that has this key, where there is one.
  members(key: string): Uint32Array | undefined
}>

export function headSource(head: Read, nowMs: number): Source {
  const { table, register, members } = head
  return {
    select(matchers, range) {
      const slots =
        members(matchersKey(matchers)) ?? table.select(matchers).map(each => register.slotOf(each))
      const found: SeriesSamples[] = []
      for (const slot of slots) {
        const one = slot < 0 ? undefined : samplesOf(head, slot, { range, nowMs })
        if (one !== undefined) found.push(one)
      }
      return found
    },
  }
}

type Asked = Readonly<{ range: Range; nowMs: number }>

// Of one slot; nothing when it has none in the range.
export function samplesOf(
  { table, strips, register }: Omit<Read, 'members'>,
  slot: number,
  { range, nowMs }: Asked,
): SeriesSamples | undefined {
  const aheadBy = Math.max(0, Math.min(strips.newestMs[slot]! - nowMs, aheadMs))
  // Both ends belong to the range.
  const to = strips.firstAfter(slot, range.toMs + aheadBy)
  const from = strips.firstAfter(slot, range.fromMs + aheadBy - 1)
  if (from >= to) return undefined
  const first = range.onlyNewest === true ? to - 1 : from
  const tMs = strips.tMs.subarray(first, to)
  return {
    series: table.get(register.seriesOf(slot)),
    tMs: aheadBy === 0 ? tMs : tMs.map(each => each - aheadBy),
    values: strips.values.subarray(first, to),
  }
}
