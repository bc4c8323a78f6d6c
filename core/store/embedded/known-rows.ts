// What a journal still holds, without the rows of series that nothing defines: their definition was damaged, and
// under their number another series may come. Called by engine.ts at the start.
import { RowBuffer } from '../../batch.ts'
import type { Append } from './journal.ts'

export type Known = Readonly<{ append: Append; lost: number }>

export function knownOnly(append: Append, isKnown: (series: number) => boolean): Known {
  const rows = new RowBuffer(0)
  const notes = append.notes.filter(([series]) => isKnown(series))
  let lost = append.notes.length - notes.length
  // Stretches of known ones, copied as columns, as a NaN may lose its bits on its own.
  const { series, tMs, values } = append.rows
  for (let from = 0, to = 0; from < series.length; from = to + 1) {
    for (to = from; to < series.length && isKnown(series[to]!); ) to++
    if (from === 0 && to === series.length) return { append: { ...append, notes }, lost }
    rows.append({
      series: series.subarray(from, to),
      tMs: tMs.subarray(from, to),
      values: values.subarray(from, to),
    })
    if (to < series.length) lost++
  }
  return { append: { ...append, rows: rows.rows(), notes }, lost }
}
