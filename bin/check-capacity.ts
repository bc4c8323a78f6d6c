// `plimsoll check` on pools: what each reads and what is doubtful about it; with --live, whether its history suffices.
// Called by the command `check`.
import { type Path, pathText, placeAt } from '#core/config/tree.ts'
import type { ConfigRead, Problem } from '#core/config.ts'
import type { HistoryJson, HistoryLine } from '../capacity/api/history-routes.ts'
import { type Doubt, doubtsOf, type PoolReads, readsOf } from '../capacity/check.ts'
import type { Pool } from '../capacity/pool.ts'
import type { CapacitySettings } from '../capacity/pool-settings.ts'
import { Absent, type Ask } from './ask.ts'

export const poolsIn = ({ config }: ConfigRead): readonly Pool[] =>
  (config.capacity as CapacitySettings).pools

export const poolReads = (read: ConfigRead): readonly PoolReads[] => poolsIn(read).map(readsOf)

export const poolDoubts = (read: ConfigRead): Problem[] =>
  poolsIn(read).flatMap(pool => doubtsOf(pool).map(each => problemOf(read, each)))

function problemOf({ tree }: ConfigRead, { path, ...said }: Doubt): Problem {
  const whole: Path = ['capacity', 'pools', ...path]
  return { ...placeAt(tree, whole), path: pathText(whole), ...said }
}

// What only the running service knows of the pools of this configuration.
export async function poolsUnknown(read: ConfigRead, ask: Ask): Promise<Problem[]> {
  const pools = poolsIn(read)
  if (pools.length === 0) return []
  const found = await historyFrom(ask)
  if (found === undefined) {
    const said = { path: [], wanted: 'a service that plans capacity', found: `none at ${ask.url}` }
    return [problemOf(read, said)]
  }
  const lines = Map.groupBy(found.lines, ({ pool, resource }) => JSON.stringify([pool, resource]))
  const doubts = pools.flatMap(({ name, resources }) =>
    resources.flatMap(({ name: resource }) =>
      ofLine(name, resource, lines.get(JSON.stringify([name, resource]))?.[0]),
    ),
  )
  const names = new Set(pools.map(({ name }) => name))
  const troubles = found.troubles.filter(({ pool }) => names.has(pool))
  const failing = troubles
    .filter(({ about }) => about !== 'parts')
    .map(
      ({ pool, resource, track, text }): Doubt => ({
        ...{ path: [pool, 'resources', resource, track === 'usage' ? 'usage' : 'capacity'] },
        ...{ wanted: 'a question that is answered', found: text.split('\n')[0] ?? text },
      }),
    )
  const crowded = new Map(
    troubles
      .filter(({ about }) => about === 'parts')
      .map(({ pool, text }): [string, Doubt] => [
        pool,
        {
          ...{ path: [pool, 'by'], wanted: 'a line for each part', found: text },
          hint: 'say fewer labels, or a higher `parts`',
        },
      ]),
  )
  return [...doubts, ...failing, ...crowded.values()].map(each => problemOf(read, each))
}

async function historyFrom(ask: Ask): Promise<HistoryJson | undefined> {
  try {
    return (await ask.send('GET', '/api/plimsoll/v1/capacity/history')) as HistoryJson
  } catch (error) {
    if (error instanceof Absent) return undefined
    throw error
  }
}

function ofLine(pool: string, resource: string, line: HistoryLine | undefined): Doubt[] {
  const path = [pool, 'resources', resource]
  if (line === undefined)
    return [
      { path, wanted: 'a pool that the service has', found: 'none: it runs with another configuration' },
    ]
  const { days, windowDays, gaps, firstDay, supplyDays, usage, supply } = line
  const since = firstDay === null ? '' : `, the first ${firstDay}${gaps === 0 ? '' : `, ${gaps} missing`}`
  const doubts: Doubt[] = []
  if (days < windowDays)
    doubts.push({ path, wanted: `${windowDays} days of history`, found: `${days}${since}` })
  if (days > 0 && supplyDays === 0)
    doubts.push({ path, wanted: 'days on which it is known how much there is', found: 'none' })
  if (usage === null) doubts.push({ path, wanted: 'usage within the last minutes', found: 'none' })
  if (supply === null) doubts.push({ path, wanted: 'a supply within the last minutes', found: 'none' })
  return doubts
}
