// What has to be asked to know what a pool used and what there was. Called by prometheus.ts.
import type { Track } from '../history.ts'
import type { Pool } from '../pool.ts'

export type Question = Readonly<{
  pool: string
  resource: string
  track: Track
  text: string
  // What the answers are multiplied by: units have a size.
  factor: number
  by: readonly string[]
}>

// Units that are stated are not asked for.
export function questionsOf({ name, by, resources }: Pool): Question[] {
  return resources.flatMap(({ name: resource, usage, supply }) => {
    const one = (track: Track, text: string, factor = 1): Question => ({
      pool: name,
      resource,
      track,
      text,
      factor,
      by,
    })
    const asked = [one('usage', usage)]
    if (supply.kind === 'capacity') asked.push(one('supply', supply.capacity))
    if (supply.kind === 'live') asked.push(one('supply', supply.units, supply.unitCapacity))
    return asked
  })
}
