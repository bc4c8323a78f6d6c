import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale, staleNaN } from '#core/stale.ts'
import { Head, type Watch } from '../../../rules/head.ts'
import { runs } from '../../runs.ts'
import { Model, type Row, type Value } from './model.ts'

const lookbackMs = 7_300

const name = (value: string) => ({ name: '__name__', op: '=', value }) as const
const host = (op: '=' | '!=' | '=~', value: string) => ({ name: 'host', op, value }) as const

const watchLists: readonly (readonly Watch[])[] = [
  [
    { matchers: [name('a')], keepMs: 0, windowsMs: [], ends: true },
    { matchers: [name('a'), host('=', 'x')], keepMs: 10_000, windowsMs: [2_500, 10_000], ends: false },
    { matchers: [host('=~', 'x|y')], keepMs: 1_000, windowsMs: [1_000], ends: false },
  ],
  [
    { matchers: [name('b'), host('!=', 'x')], keepMs: 90_000, windowsMs: [90_000, 500], ends: true },
    { matchers: [name('a'), host('=', 'y')], keepMs: 3_333, windowsMs: [3_333], ends: true },
    // Nothing of it changes by itself.
    { matchers: [name('a'), host('=', 'x')], keepMs: 5_000, windowsMs: [], ends: false },
  ],
  [],
  [{ matchers: [host('!=', '')], keepMs: 20_000, windowsMs: [20_000], ends: true }],
]

function tableOf(): SeriesTable {
  const table = new SeriesTable()
  for (const each of ['a', 'b']) {
    for (const value of ['x', 'y', 'z']) table.intern(each, labelsOf([['host', value]]))
  }
  return table
}

const numbers = (value: Value): number => (value === 'stale' ? staleNaN : value)

function rowsOf(rows: readonly Row[]): ReturnType<RowBuffer['rows']> {
  const buffer = new RowBuffer(1)
  for (const { series, tMs, value } of rows) buffer.push(series, tMs, numbers(value))
  return buffer.rows()
}

const series = fc.nat(5)
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(3) },
  { weight: 1, arbitrary: fc.constantFrom<Value>('stale', Number.NaN) },
)
// Against the present: mostly now, often late, at times far ahead or too far.
const shift = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -900, max: 0 }) },
  { weight: 3, arbitrary: fc.integer({ min: -90_000, max: 500 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 130_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(60_000, 60_001, 600_000, 600_001, 86_400_000) },
)
const row = fc.record({ series, shift, value })
const passed = fc.oneof(
  { weight: 8, arbitrary: fc.nat(1_500) },
  { weight: 1, arbitrary: fc.constantFrom(0, 30_000, 400_000, 5 * 86_400_000) },
)

type Step =
  | Readonly<{ does: 'take'; passed: number; rows: readonly Shifted[] }>
  | Readonly<{ does: 'put' | 'warm'; rows: readonly Shifted[] }>
  | Readonly<{ does: 'due'; passed: number }>
  | Readonly<{ does: 'clear' | 'next' }>
  | Readonly<{ does: 'watch'; list: number }>
type Shifted = Readonly<{ series: number; shift: number; value: Value }>

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('take' as const),
      passed,
      rows: fc.array(row, { maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('put' as const), rows: fc.tuple(row) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('warm' as const), rows: fc.array(row, { maxLength: 30 }) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('due' as const), passed }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('clear' as const, 'next' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('watch' as const), list: fc.nat(3) }) },
)

class Both {
  readonly table = tableOf()
  readonly head = new Head({ table: this.table, lookbackMs, maxBytes: 1 << 24 })
  readonly model = new Model(this.table, lookbackMs)
  nowMs = 1_000_000
  watches: readonly Watch[] = []

  run(step: Step): void {
    const { head, model } = this
    if (step.does === 'take') {
      this.nowMs += step.passed
      const rows = this.#at(step.rows)
      head.take(rowsOf(rows), this.nowMs)
      model.take(rows, this.nowMs)
    } else if (step.does === 'put') {
      for (const each of this.#at(step.rows)) {
        if (each.tMs > this.nowMs + 60_000) continue
        head.put(each.series, each.tMs, numbers(each.value))
        model.put(each)
      }
    } else if (step.does === 'warm') {
      for (const [of, all] of Map.groupBy(this.#at(step.rows), each => each.series)) this.#warm(of, all)
    } else if (step.does === 'clear') {
      head.clearChanges()
      model.changed.clear()
    } else if (step.does === 'watch') {
      // The model forgets what the head has forgotten: a longer window does not bring it back.
      this.check()
      this.watches = watchLists[step.list]!
      head.watch(this.watches)
      model.watch(this.watches)
    } else if (step.does === 'due') this.#due(this.nowMs + step.passed)
    else if (head.nextDueMs() < Infinity) this.#due(Math.max(this.nowMs, head.nextDueMs()))
  }

  #due(nowMs: number): void {
    this.nowMs = nowMs
    this.head.due(nowMs)
    this.model.due(nowMs)
    this.#leave()
    expect(this.head.nextDueMs()).toBeGreaterThan(nowMs)
  }

  // When ended series leave is the head's to say, but not before nobody sees anything of them.
  #leave(): void {
    for (const [of, { newestMs, keepMs }] of this.model.held) {
      if (this.head.slotOf(of) >= 0) continue
      expect(newestMs + Math.max(keepMs, lookbackMs) + 60_000).toBeLessThan(this.nowMs)
      expect(this.model.changed.has(of)).toBe(false)
      this.model.held.delete(of)
    }
  }

  #at(rows: readonly Shifted[]): Row[] {
    return rows.map(each => ({ series: each.series, tMs: this.nowMs + each.shift, value: each.value }))
  }

  #warm(of: number, all: readonly Row[]): void {
    const ascending = [...new Map(all.map(each => [each.tMs, each])).values()].sort((a, b) => a.tMs - b.tMs)
    const { tMs, values } = rowsOf(ascending)
    this.head.warm(of, tMs, values)
    this.model.warm(of, ascending)
  }

  check(): void {
    const { head, model } = this
    for (let of = 0; of < this.table.size; of++) {
      expect(head.slotOf(of) >= 0, `series ${of}`).toBe(model.held.has(of))
      if (model.held.has(of)) this.#checkSamples(of)
    }
    for (const watch of this.watches.keys()) {
      const has = (slots: Uint32Array): number[] => [...slots].map(slot => head.seriesOf(slot)).sort()
      const mine = [...model.held].filter(([, { watches }]) => watches.includes(watch)).map(([of]) => of)
      expect(has(head.members(watch))).toEqual(mine.sort())
      expect(has(head.changed(watch))).toEqual(mine.filter(of => model.changed.has(of)))
      expect(head.changedWatches().includes(watch)).toBe(mine.some(of => model.changed.has(of)))
    }
    expect(head.hasChanges()).toBe(model.changed.size > 0)
    expect(head.nextDueMs()).toBeLessThanOrEqual(model.nextDueMs())
  }

  // Forgotten may be what nobody needs, but nothing else.
  #checkSamples(of: number): void {
    const { strips } = this.head
    const { samples, keepMs, ...held } = this.model.held.get(of)!
    // Of a series that has ended, most is given back when nobody looks that far back.
    const neededMs = Math.max(held.neededMs, this.nowMs - keepMs - 60_000)
    const slot = this.head.slotOf(of)
    const found = new Map<number, Value>()
    let beforeMs = -Infinity
    for (let at = strips.begins[slot]!; at < strips.ends[slot]!; at++) {
      expect(strips.tMs[at]).toBeGreaterThan(beforeMs)
      beforeMs = strips.tMs[at]!
      found.set(beforeMs, isStale(strips.values, at) ? 'stale' : strips.values[at]!)
    }
    expect(found.size).toBeGreaterThanOrEqual(Math.min(2, samples.size))
    const sorted = [...samples].sort(([a], [b]) => a - b)
    const needed = sorted.filter(([tMs]) => tMs > neededMs)
    expect([...found].filter(([tMs]) => tMs > neededMs)).toEqual(needed)
    for (const [tMs, each] of found) expect(samples.get(tMs)).toEqual(each)
    for (const tMs of samples.keys()) if (!found.has(tMs)) samples.delete(tMs)
  }
}

test('whatever happens, the head says what a naive one says', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.array(step, { minLength: 1, maxLength: 150, size: 'max' }), (list, steps) => {
      const both = new Both()
      both.run({ does: 'watch', list })
      both.run({ does: 'due', passed: 0 })
      for (const each of steps) {
        both.run(each)
        both.check()
      }
    }),
    { numRuns: runs(8) },
  )
})

test('when nothing comes any more, everything that is due is noted once and then there is an end', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), (list, steps) => {
      const both = new Both()
      both.run({ does: 'watch', list })
      both.run({ does: 'due', passed: 0 })
      for (const each of steps) both.run(each)
      let looks = 0
      while (both.head.nextDueMs() < Infinity) {
        both.run({ does: 'clear' })
        both.run({ does: 'next' })
        both.check()
        looks++
      }
      expect(both.model.nextDueMs()).toBe(Infinity)
      expect(looks).toBeLessThan(3_000)
      // The second time is for what was noted at the first.
      for (let time = 0; time < 2; time++) {
        both.run({ does: 'clear' })
        both.run({ does: 'due', passed: 300_000 })
        both.check()
      }
      expect(both.head.counts.series).toBe(0)
    }),
    { numRuns: runs(10) },
  )
})
