// What journals still hold becomes recent again at the start, as if it had just come. The files go with the next flush.
// Called by engine.ts.
import { mention } from './forget.ts'
import type { Definition } from './journal.ts'
import type { JournalFolder } from './journal-folder.ts'
import { knownOnly } from './known-rows.ts'
import type { Lots } from './lots.ts'
import type { Marks } from './marks.ts'
import type { SeriesLog } from './series-log.ts'

type Parts = Readonly<{ journals: JournalFolder; series: SeriesLog; lots: Lots; mentioned: Marks }>

// Series that only journals define, and what an operator must hear.
type Replayed = Readonly<{ fresh: readonly Definition[]; findings: readonly string[] }>

export function replayAll({ journals, series, lots, mentioned }: Parts, nowMs: number): Replayed {
  const fresh: Definition[] = []
  let unknown = 0
  const findings = journals.replay(all => {
    mention(all, mentioned)
    for (const definition of series.define(all.definitions)) fresh.push(definition)
    const { append, lost } = knownOnly(all, id => series.has(id))
    lots.append(append, nowMs)
    unknown += lost
  })
  if (unknown > 0) findings.push(`${journals.folder}: ${unknown} samples of unknown series are left out`)
  return { fresh, findings }
}
