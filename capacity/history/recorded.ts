// What the recorder has written as samples: how its series are called, and how they are read again as numbers of a pool.
// Called by recorder.ts and fill.ts.
import { labelsOf, metricName } from '#core/labels.ts'
import type { Labels, Matcher } from '#core/model.ts'
import type { Store } from '#core/store.ts'
import type { Track } from '../history.ts'
import type { Pool } from '../pool.ts'
import { endOf, type Grid, stepMs } from './grid.ts'
import { type Measured, type Numbers, openNumbers, partKey, partOf } from './measured.ts'

export const trackNames = { usage: 'capacity_usage', supply: 'capacity_supply' } as const satisfies Record<
  Track,
  string
>

export const recordedLabels = (pool: Pool, resource: string, part: Labels): Labels =>
  labelsOf([
    ...Object.entries(pool.labels),
    ...Object.entries(part),
    ['pool', pool.name] as const,
    ['resource', resource] as const,
  ])

const is = (name: string, value: string): Matcher => ({ name, op: '=', value })

export type Recorded = Readonly<Record<Track, Measured>>

type Of = Readonly<{ pool: Pool; resource: string; grid: Grid; signal?: AbortSignal | undefined }>

export async function readRecorded(store: Pick<Store, 'select'>, of: Of): Promise<Recorded> {
  return { usage: await read(store, 'usage', of), supply: await read(store, 'supply', of) }
}

async function read(
  store: Pick<Store, 'select'>,
  track: Track,
  { pool, resource, grid, signal }: Of,
): Promise<Measured> {
  const measured = new Map<string, Numbers>()
  if (grid.count === 0) return measured
  const range = { fromMs: grid.startMs, toMs: endOf(grid) }
  const own = new Set(['pool', 'resource', ...Object.keys(pool.labels), ...pool.by])
  const matchers = [is(metricName, trackNames[track]), is('pool', pool.name), is('resource', resource)]
  for (const { series, tMs, values } of await store.select(matchers, range, signal)) {
    // Of a pool that was divided otherwise.
    if (Object.keys(series.labels).some(each => !own.has(each))) continue
    const part = partOf(series.labels, pool.by)
    const numbers = openNumbers(measured, grid)(partKey(part), part)
    for (let at = 0; at < tMs.length; at++) {
      const place = (tMs[at]! - grid.startMs) / stepMs
      if (Number.isInteger(place) && Number.isFinite(values[at]!)) numbers[place] = values[at]!
    }
  }
  return measured
}
