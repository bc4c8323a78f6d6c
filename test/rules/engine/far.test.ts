// Groups over the store.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import type { Store } from '#core/store.ts'
import type { Source } from '#promql/source.ts'
import { openFar } from '../../../rules/engine/far.ts'
import type { LiveRules } from '../../../rules/live-rules.ts'

test('a store that does not answer keeps no group from closing, and nothing is made of what it was asked', async () => {
  const clock = new SimulatedClock(0)
  const signals: (AbortSignal | undefined)[] = []
  const store = {
    select: (_matchers: unknown, _range: unknown, signal?: AbortSignal) =>
      new Promise((_, reject) => {
        signals.push(signal)
        signal?.addEventListener('abort', () => reject(signal.reason))
      }),
  } as unknown as Store
  const group = {
    group: { name: 'far', rules: [] },
    needsStore: true,
    isBusy: false,
    nextMs: 0,
    intervalMs: 60_000,
    passBy: () => 0,
    async evaluateWaiting({ source }: { source: Source }) {
      await source.select([], { fromMs: 0, toMs: 0 })
    },
  }
  const live = { timed: [group], world: () => ({}) } as unknown as LiveRules
  let done = 0
  const far = openFar({
    store,
    clock,
    log: openLog({ clock, write: () => {} }),
    own: openOwnMetrics(),
    isPresent: () => true,
    do: async () => {
      done++
      return { saved: Promise.resolve() }
    },
  })
  far.evaluate(live, 0)
  expect([group.isBusy, signals.length]).toEqual([true, 1])
  await far.close()
  expect([group.isBusy, done, signals[0]?.aborted]).toEqual([false, 0, true])
})
