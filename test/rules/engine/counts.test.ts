// What the rules of a process say of themselves, over all of its shares.
import { expect, test } from 'vitest'
import { RowBuffer } from '#core/batch.ts'
import { SimulatedClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { countRules } from '../../../rules/engine/counts.ts'
import { Head } from '../../../rules/head.ts'

test('of several heads it tells the sums, and of those that are there now', () => {
  const table = new SeriesTable()
  const headOf = (...hosts: readonly string[]): Head => {
    const head = new Head({ table, lookbackMs: 300_000, maxBytes: 1 << 20 })
    const matchers = [{ name: '__name__', op: '=', value: 'm' }] as const
    head.watch([{ matchers, keepMs: 0, windowsMs: [], ends: true }])
    const rows = new RowBuffer()
    for (const host of hosts) rows.push(table.intern('m', labelsOf([['host', host]])), 1_000, 1)
    head.take(rows.rows(), 1_000)
    return head
  }
  const heads = [headOf('a', 'b'), headOf('c')]
  const own = openOwnMetrics()
  countRules(own, new SimulatedClock(0), { groups: () => [], lives: () => [], heads: () => heads })
  const numberOf = (name: string): number => own.samples(0).find(({ series }) => series.name === name)!.value
  expect(numberOf('plimsoll_rules_head_series')).toBe(3)
  expect(numberOf('plimsoll_rules_head_bytes')).toBe(heads[0]!.bytes + heads[1]!.bytes)
  heads.pop()
  expect(numberOf('plimsoll_rules_head_series')).toBe(2)
})
