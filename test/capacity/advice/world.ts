// A pool with advice, its samples, a real state and a bus that can be cut: for the tests of the runner and its routes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '#core/batch.ts'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import type { Notice, Sample } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { MemorySource } from '#promql/memory-source.ts'
import type { Source } from '#promql/source.ts'
import type { AdvisedPool } from '../../../capacity/advice/judged.ts'
import { type AdviceOptions, type AdviceRunner, openAdvice } from '../../../capacity/advice.ts'
import type { AdviceSettings, Pool } from '../../../capacity/pool.ts'
import { pool } from '../planned.ts'

export const minute = 60_000
export const startMs = Date.UTC(2026, 10, 21, 8)

export const settings: AdviceSettings = {
  busy: 'sum(busy{pool="web"})',
  processes: 'sum(processes{pool="web"})',
  concurrency: 1,
  share: 0.6,
  shrinkShare: 0.3,
  growAfterMs: 2 * minute,
  shrinkAfterMs: 10 * minute,
  steps: [1, 2, 4, 8],
  least: 1,
  most: 100,
  cores: undefined,
  placed: undefined,
  proxyLabel: undefined,
  webhook: 'orchestrator',
}

export function poolOf(name = 'web', change: Partial<AdviceSettings> = {}): AdvisedPool {
  const questions = { busy: `sum(busy{pool="${name}"})`, processes: `sum(processes{pool="${name}"})` }
  const advice = { ...settings, ...questions, ...change }
  return { ...pool({ name, labels: { owner: 'payments' }, units: 1 }), advice }
}

export type Opened = Readonly<{ state: State; dispose(): Promise<void> }>

// Once for a file of tests: each world begins with an empty table.
export async function openState(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-advice-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const dispose = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, dispose }
}

export async function adviceWorld(
  state: State,
  pools: readonly Pool[] = [poolOf()],
  change: Partial<AdviceOptions> = {},
) {
  await state.write([state.db.deleteFrom('capacity_advice')])
  const source = new MemorySource()
  const clock = new SimulatedClock(startMs)
  const lines: string[] = []
  const own = openOwnMetrics()
  const log = openLog({ write: line => void lines.push(line), clock, own })
  const notices: Notice[] = []
  let samples: Sample[] = []
  const w = {
    state,
    source,
    clock,
    lines,
    own,
    log,
    notices,
    nowMs: startMs,
    isBusDown: false,
    set(name: string, labels: Record<string, string>, value: number | 'stale') {
      source.put({ name, labels }, w.nowMs, value)
    },
    load(busySeconds: number, processes: number, pool = 'web') {
      w.set('busy', { pool }, busySeconds)
      w.set('processes', { pool }, processes)
    },
    // What the last minute has written, as `name{pool}`.
    shown: () =>
      Object.fromEntries(
        samples.map(each => [`${each.series.name} ${each.series.labels['pool']}`, each.value]),
      ),
    samples: () => samples,
    start: (its: Partial<AdviceOptions> = {}): Promise<AdviceRunner> =>
      openAdvice({
        pools,
        source: source as Source,
        state,
        bus: {
          async publish(topic, records) {
            if (w.isBusDown) throw new Failure('bus_unavailable', 'no brokers')
            if (topic === 'notices') notices.push(...(records as readonly (Notice | Batch)[] as Notice[]))
          },
        },
        async write(rows) {
          samples = [...rows]
        },
        ...{ language: 'en', clock, log, own },
        ...change,
        ...its,
      }),
    async minute(runner: AdviceRunner) {
      await runner.tick(w.nowMs)
      w.nowMs += minute
    },
  }
  return w
}
