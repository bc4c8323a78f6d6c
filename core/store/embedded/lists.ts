// Which labels, and which values of one, do these series have? Each label set is looked at once, whatever number of
// series has it. Called by ../embedded.ts.
import { Breath } from '../../breath.ts'
import { metricName } from '../../labels.ts'
import type { Series } from '../../model.ts'
import type { SeriesTable } from '../../series.ts'

type Among = Readonly<{ table: SeriesTable; ids: readonly number[]; signal: AbortSignal | undefined }>

export async function labelNamesIn(among: Among): Promise<string[]> {
  const names = new Set<string>()
  await eachSet(among, ({ labels }) => {
    for (const name in labels) names.add(name)
  })
  if (among.ids.length > 0) names.add(metricName)
  return [...names].sort()
}

export async function labelValuesIn(name: string, among: Among): Promise<string[]> {
  const values = new Set<string>()
  if (name === metricName) await each(among, id => values.add(among.table.get(id).name))
  else await eachSet(among, ({ labels }) => values.add(labels[name] ?? ''))
  values.delete('')
  return [...values].sort()
}

async function eachSet(among: Among, look: (series: Series) => void): Promise<void> {
  const { table } = among
  const seen = new Uint8Array(table.size)
  await each(among, id => {
    const set = table.labelSet(id)
    if (seen[set] === 1) return
    seen[set] = 1
    look(table.get(id))
  })
}

async function each({ ids, signal }: Among, look: (id: number) => void): Promise<void> {
  const breath = new Breath()
  for (const [at, id] of ids.entries()) {
    look(id)
    if (at % 1_024 !== 0 || !breath.isDue) continue
    await breath.taken()
    signal?.throwIfAborted()
  }
}
