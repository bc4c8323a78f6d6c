// Which series does the store forget? At its start, before anybody holds a number: those that no segment and no journal
// mentions any more, since retention has dropped their samples (decision 0039). Called by engine.ts.
import { join } from 'node:path'
import type { Append, Definition } from './journal.ts'
import type { Marks } from './marks.ts'
import { syncFolder } from './segment-write.ts'
import type { SeriesLog } from './series-log.ts'

// Of the log; for less it is not written anew.
const worthPart = 16

export type Forgotten = Readonly<{
  series: number
  // Why there are none, though many have no samples.
  refusedBy?: string
}>

export const nothingForgotten: Forgotten = { series: 0 }

export function mention({ definitions, rows, notes }: Append, mentioned: Marks): void {
  for (const [id] of definitions) mentioned.set(id)
  for (const id of rows.series) mentioned.set(id)
  for (const [id] of notes) mentioned.set(id)
}

type Forgetting = Readonly<{
  folder: string
  log: SeriesLog
  // What the log defines.
  defined: readonly Definition[]
  mentioned: Marks
}>

// All or none: what the log has, the table has. So a number that was forgotten names nothing from then on.
export function forget({ folder, log, defined, mentioned }: Forgetting): Forgotten {
  const kept = defined.filter(([id]) => mentioned.has(id))
  const series = defined.length - kept.length
  if (series === 0 || series * worthPart < defined.length) return nothingForgotten
  // A segment that came back with the power would have samples of series that nobody knows.
  syncFolder(join(folder, 'segments'))
  const refusedBy = log.keepOnly(kept)
  return refusedBy === undefined ? { series } : { series: 0, refusedBy }
}
