// Which series have anything within a range: to the segment where it rests in one, to the sample where it is recent.
// Of a range that is too long to look through, all may have. Called by engine.ts.
import { Breath } from '../../breath.ts'
import type { Catalogue } from './catalogue.ts'
import { Marks } from './marks.ts'
import { nowhere, type Recent, type Span, wider } from './recent.ts'
import { isStopped, type Stop, stopped } from './stop.ts'

export type Looked = Stop & Readonly<{ fromMs: number; toMs: number }>

// A month: each day costs a look at the index of its segments.
const lookedMaxMs = 32 * 86_400_000

// One for each series that is there, by its number; undefined: any of them may be there.
export async function presentSeries(
  looked: Looked,
  catalogue: Catalogue,
  recents: readonly Recent[],
): Promise<Uint8Array | undefined> {
  const kept = keptSpan(catalogue, recents)
  const [fromMs, toMs] = [Math.max(looked.fromMs, kept.fromMs), Math.min(looked.toMs, kept.toMs)]
  if (fromMs > toMs) return new Uint8Array(0)
  // Also where it is all that is kept: retention may have dropped the last of a series, which stays known.
  if (toMs - fromMs > lookedMaxMs) return undefined
  const marks = new Marks()
  for (const recent of recents) {
    const { series, tMs } = recent.rows()
    for (const { from, to } of recent.stretches(fromMs, toMs)) {
      for (let at = from; at < to; at++) {
        if (tMs[at]! >= fromMs && tMs[at]! <= toMs) marks.set(series[at]!)
      }
    }
    for (const [id, tMs] of recent.notes) if (tMs >= fromMs && tMs <= toMs) marks.set(id)
  }
  const breath = new Breath()
  const segments = [...catalogue.within(fromMs, toMs)]
  for (const segment of segments) segment.users++
  try {
    for (const { reader } of segments) {
      for (let place = 0; place < reader.footer.entries; place++) {
        marks.set(reader.entry(place)!.series)
        if (!breath.isDue) continue
        await breath.taken()
        if (isStopped(looked)) throw stopped()
      }
    }
  } finally {
    for (const segment of segments) catalogue.release(segment)
  }
  return marks.all
}

// From the oldest to the newest of what there is.
function keptSpan(catalogue: Catalogue, recents: readonly Recent[]): Span {
  const spans = recents.map(recent => recent.span)
  for (const { reader } of catalogue.all())
    spans.push({ fromMs: reader.footer.minMs, toMs: reader.footer.maxMs })
  return spans.reduce(wider, nowhere)
}
