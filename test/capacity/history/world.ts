// A store of a few series, a bus that ends in it, and a history in the state, on a simulated clock. Used by the tests of the
// recorder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Rows } from '#core/batch.ts'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { Labels } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import type { Store } from '#core/store.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { type OpenHistory, openHistory } from '../../../capacity/history/open-history.ts'
import { openRecorder, type Recorder, type RecorderOptions } from '../../../capacity/history/recorder.ts'
import type { Pool } from '../../../capacity/pool.ts'
import { type CapacitySettings, capacitySchema } from '../../../capacity/pool-settings.ts'

// One for all tests of a file, because opening it takes longer than most of them.
let state: State
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-recorder-'))
  state = await openSqliteState({ file: join(folder, 'state.db') })
})
afterAll(async () => {
  await state.close()
  rmSync(folder, { recursive: true })
})

export const minuteMs = 60_000
export const dayMs = 86_400_000

export const poolsOf = (pools: object): readonly Pool[] =>
  (capacitySchema.parse({ pools }) as CapacitySettings).pools

export type Settings = Readonly<{ zone?: string; startMs: number; pools: object }>

export async function openWorld({ zone = 'UTC', startMs, pools: written }: Settings) {
  await state.write([state.db.deleteFrom('capacity_days'), state.db.deleteFrom('capacity_lines')])
  const clock = new SimulatedClock(startMs)
  const own = openOwnMetrics()
  const samples = new MemorySource()
  const table = new SeriesTable()
  const world = {
    ...{ clock, samples, own, state },
    pools: poolsOf(written),
    // What fails when it is asked; after how many questions.
    failing: undefined as Failure | undefined,
    failsAfter: 0,
    refusing: false,
    asked: 0,
    batches: 0,
    history: await openHistory({ state, clock, zone }),
    put,
    recorded,
    open,
  }
  const store: Pick<Store, 'select' | 'last'> = {
    async select(matchers, range) {
      world.asked++
      if (world.failing !== undefined && world.failsAfter-- <= 0) throw world.failing
      return samples.select(matchers, range)
    },
    async last(matchers, range) {
      const found = await store.select(matchers, range)
      return found.map(({ series, tMs, values }) => ({ series, tMs: tMs.at(-1)!, value: values.at(-1)! }))
    },
  }
  const bus: RecorderOptions['bus'] = {
    async publish(_, batches) {
      if (world.refusing) throw new Failure('bus_unavailable', 'away')
      world.batches++
      for (const { rows } of batches as readonly { rows: Rows }[])
        for (const [at, series] of rows.series.entries())
          samples.put(table.get(series), rows.tMs[at]!, rows.values[at]!)
    },
  }

  function put(
    name: string,
    labels: Record<string, string>,
    of: Readonly<{ fromMs: number; toMs: number; everyMs?: number; value: (tMs: number) => number }>,
  ): void {
    const series = { name, labels: labelsOf(Object.entries(labels)) }
    for (let tMs = of.fromMs; tMs < of.toMs; tMs += of.everyMs ?? minuteMs)
      samples.put(series, tMs, of.value(tMs))
  }
  // Times and values of what was recorded.
  function recorded(
    name: string,
  ): readonly Readonly<{ labels: Labels; points: readonly (readonly [number, number])[] }>[] {
    const found = samples.select([{ name: '__name__', op: '=', value: name }], { fromMs: 0, toMs: 2 ** 50 })
    return found.map(({ series, tMs, values }) => ({
      labels: series.labels,
      points: Array.from(tMs, (each, at) => [each, values[at]!] as const),
    }))
  }
  function open(options: Partial<RecorderOptions> = {}): Recorder {
    return openRecorder({
      ...{ store, bus, table, clock, own, zone, sender: 'plimsoll', history: world.history as OpenHistory },
      ...{ pools: () => world.pools, log: openLog({ clock, write: () => {} }), ...options },
    })
  }
  return world
}
