import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { Holding } from '../../../rules/head/holding.ts'
import { recentOf } from '../../../rules/head/recent.ts'

// One series with a sample each millisecond from 0 on.
function holding(count: number): Holding {
  const tMs = Float64Array.from({ length: count }, (_, at) => at)
  return {
    strips: { tMs, values: tMs, begins: Uint32Array.of(0), ends: Uint32Array.of(count) },
    nowMs: count,
    sinceMs: 0,
    dropped: 0,
    isShort: false,
    nextHeldMs: Number.POSITIVE_INFINITY,
    watched: () => undefined,
    members: () => Uint32Array.of(0),
    turnover: () => 1,
    seriesOf: () => 0,
    slotOf: () => 0,
    firstAfter: (_, atMs) => Math.max(0, Math.min(count, Math.floor(atMs) + 1)),
  }
}

test('what would hold everybody up is left to the store', () => {
  const head = holding(2 ** 20 + 5)
  const table = { get: () => ({ name: 'm', labels: labelsOf([]) }) }
  const t = (fromMs: number, wanted: number | undefined, onlyNewest = false) => {
    const range = { fromMs, toMs: head.nowMs, onlyNewest }
    const whole = { fullFromMs: 0, newestFromMs: 0 }
    const found = recentOf(head, table, { range, keepMs: 2 ** 21, whole, slots: Uint32Array.of(0) })
    expect(found?.[0]?.tMs.length).toBe(wanted)
  }

  t(5, 2 ** 20)
  t(4, undefined)
  t(4, 1, true)
})
