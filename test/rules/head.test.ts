import { describe, expect, test } from 'vitest'
import { RowBuffer, type Rows } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale, staleNaN, writeStale } from '#core/stale.ts'
import type { SeriesSamples } from '#core/store.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'
import { Memory } from '../../rules/head/memory.ts'
import { Head, type Watch } from '../../rules/head.ts'

const lookbackMs = 300_000
const name = { name: '__name__', op: '=', value: 'm' } as const
const newest: Watch = { matchers: [name], keepMs: 0, windowsMs: [], ends: true }
const minute: Watch = { matchers: [name], keepMs: 60_000, windowsMs: [60_000], ends: false }

// The marker by name: an array of numbers does not keep its bits.
type Row = readonly [series: number, tMs: number, value: number | 'stale']

function rowsOf(rows: readonly Row[]): Rows {
  const buffer = new RowBuffer(1)
  for (const [series, tMs, value] of rows) buffer.push(series, tMs, value === 'stale' ? staleNaN : value)
  return buffer.rows()
}

function headOf(watches: readonly Watch[], maxBytes = 1 << 22) {
  const table = new SeriesTable()
  const head = new Head({ table, lookbackMs, maxBytes })
  head.watch(watches)
  const series = (host: string, of = 'm'): number => table.intern(of, labelsOf([['host', host]]))
  const take = (nowMs: number, ...rows: Row[]): void => head.take(rowsOf(rows), nowMs)
  // What changed since it was asked before.
  const changed = (watch = 0): number[] => {
    const found = [...head.changed(watch)].map(slot => head.seriesOf(slot))
    head.clearChanges()
    return found
  }
  const samples = (of: number): [number, number][] => {
    const { tMs, values, begins, ends } = head.strips
    const slot = head.slotOf(of)
    const places = Array.from({ length: ends[slot]! - begins[slot]! }, (_, at) => begins[slot]! + at)
    return places.map(at => [tMs[at]!, values[at]!])
  }
  const dropped = (reason: 'full' | 'no_room' | 'ahead'): number => head.counts[reason]
  return { table, head, series, take, changed, samples, dropped }
}

test('a series that nobody watches gets no slot, until somebody does', () => {
  const { head, series, take, changed } = headOf([newest])
  const [a, b] = [series('a'), series('a', 'other')]
  take(1_000, [a, 1_000, 1], [b, 1_000, 1])
  expect([head.slotOf(a), head.slotOf(b), head.slotOf(99)]).toEqual([0, -1, -1])
  head.watch([{ ...newest, matchers: [{ ...name, value: 'other' }] }])
  expect([head.slotOf(a), head.slotOf(b)]).toEqual([-1, -1])
  take(2_000, [a, 2_000, 1], [b, 2_000, 1])
  expect([head.slotOf(a), head.slotOf(b)]).toEqual([-1, 0])
  expect(changed()).toEqual([b])
})

test('a change is a newer sample or another value for the newest', () => {
  const { series, take, changed, samples, head } = headOf([minute])
  const a = series('a')
  const t = (row: Row, isChange: boolean) => {
    take(10_000, row)
    expect(head.hasChanges(), String(row)).toBe(isChange)
    expect(changed(), String(row)).toEqual(isChange ? [a] : [])
  }
  t([a, 9_000, 1], true)
  t([a, 9_000, 1], false)
  t([a, 9_000, 2], true)
  t([a, 9_500, 2], true)
  // Late ones enter their place, the later of two of one time wins.
  t([a, 8_000, 5], false)
  t([a, 8_500, 6], false)
  t([a, 8_000, 7], false)
  t([a, 9_500, Number.NaN], true)
  t([a, 9_500, Number.NaN], false)
  t([a, 9_500, 'stale'], true)
  t([a, 9_500, 'stale'], false)
  expect(samples(a).slice(0, 3)).toEqual([
    [8_000, 7],
    [8_500, 6],
    [9_000, 2],
  ])
})

test('a slot is noted once for all its watches, and they say which have changes', () => {
  const x = { name: 'host', op: '=', value: 'x' } as const
  const { head, series, take } = headOf([
    newest,
    { ...newest, matchers: [name, x] },
    { ...newest, matchers: [x] },
  ])
  const [a, b] = [series('x'), series('y')]
  take(1_000, [b, 100, 1], [a, 100, 1], [a, 200, 1], [b, 200, 1])
  const slots = (watch: number) => [...head.changed(watch)].map(slot => head.seriesOf(slot)).sort()
  expect([slots(0), slots(1), slots(2)]).toEqual([[a, b], [a], [a]])
  expect([...head.changedWatches()].sort()).toEqual([0, 1, 2])
  expect([head.members(0).length, head.members(1).length]).toEqual([2, 1])
  head.clearChanges()
  take(2_000, [b, 1_500, 1])
  expect([slots(0), slots(1), slots(2)]).toEqual([[b], [], []])
  expect(head.changedWatches()).toEqual([0])
  head.clearChanges()
  head.note(head.slotOf(a))
  head.note(head.slotOf(a))
  expect([slots(0), slots(1), slots(2)]).toEqual([[a], [a], [a]])
  head.watch([newest])
  expect([head.hasChanges(), head.changedWatches(), head.members(0).length]).toEqual([false, [], 2])
})

test('a sample that leaves a window is noted at the next full second', () => {
  const { head, series, take, changed } = headOf([minute])
  const a = series('a')
  take(10_000, [a, 9_300, 1], [a, 9_700, 1])
  expect(changed()).toEqual([a])
  const t = (nowMs: number, isChange: boolean) => {
    head.due(nowMs)
    expect(changed(), String(nowMs)).toEqual(isChange ? [a] : [])
    expect(head.nextDueMs(), String(nowMs)).toBeGreaterThan(nowMs)
  }
  t(69_999, false)
  t(70_000, true)
  t(70_001, false)
  t(500_000, false)
  expect(head.nextDueMs()).toBe(Infinity)
})

test('the end of the lookback is noted to the millisecond, and only when the series has stopped', () => {
  const { head, series, take, changed } = headOf([newest])
  const [a, b] = [series('a'), series('b')]
  take(1_234, [a, 1_234, 1], [b, 1_234, 1])
  // A series that goes on needs no look at its very millisecond.
  expect(head.nextDueMs()).toBe(301_000)
  // It was marked as ended when it was evaluated last.
  take(2_000, [b, 2_000, 'stale'])
  take(61_234, [a, 61_234, 1])
  changed()
  head.due(301_234)
  expect(changed()).toEqual([])
  head.due(361_233)
  expect([changed(), head.nextDueMs()]).toEqual([[], 361_234])
  head.due(361_234)
  expect([changed(), head.nextDueMs()]).toEqual([[a], Infinity])
  take(400_000, [a, 400_000, 1])
  changed()
  head.due(700_000)
  expect(changed()).toEqual([a])
})

test('a slot is looked at rarely, and never later than its shortest window asks', () => {
  const { head, series, take } = headOf([newest, { ...minute, keepMs: 2_000, windowsMs: [2_000] }])
  const [a, b] = [series('a'), series('b')]
  take(1_234, [a, 1_234, 1])
  const t = (nowMs: number, nextMs: number) => {
    head.due(nowMs)
    expect(head.nextDueMs(), String(nowMs)).toBe(nextMs)
  }
  t(1_234, 4_000)
  // What is left is the lookback, but a sample that comes now must not have to be put before it.
  t(4_000, 6_000)
  for (let nowMs = 6_000; nowMs < 300_000; nowMs += 2_000) t(nowMs, Math.min(nowMs + 2_000, 301_000))
  // Most series go on, so there is no time of its own for an end that is further away than a second.
  t(301_000, 301_234)
  take(301_100, [b, 301_100, 1])
  t(301_234, 304_000)
})

test('a clock that jumps ahead for days, or back, is nothing special', () => {
  const { head, series, take, changed } = headOf([minute, newest])
  const a = series('a')
  take(1_000, [a, 1_000, 1])
  changed()
  const far = 40 * 86_400_000
  head.due(far)
  expect([changed(), head.nextDueMs()]).toEqual([[a], Infinity])
  take(far, [a, far, 1])
  head.due(1_000)
  take(2_000, [a, far + 50_000, 1])
  expect(changed()).toEqual([a])
  expect(head.nextDueMs()).toBeGreaterThan(far)
})

test('a sample from far ahead waits until it is a minute ahead; one from further is dropped', () => {
  const { head, series, take, changed, samples, dropped } = headOf([newest])
  const [a, b] = [series('a'), series('b', 'other')]
  take(0, [a, 60_000, 1], [a, 90_500, 'stale'], [a, 600_001, 3], [b, 600_001, 3])
  expect(samples(a)).toEqual([[60_000, 1]])
  expect([changed(), head.nextDueMs(), dropped('ahead')]).toEqual([[a], 31_000, 1])
  // A series without any other has no slot yet.
  const c = series('c')
  take(30_000, [c, 100_000, 5])
  expect(head.slotOf(c)).toBe(-1)
  head.due(31_000)
  expect([changed(), samples(a)]).toEqual([
    [a],
    [
      [60_000, 1],
      [90_500, Number.NaN],
    ],
  ])
  expect(isStale(head.strips.values, head.strips.ends[head.slotOf(a)]! - 1)).toBe(true)
  head.due(40_000)
  expect([changed(), samples(c)]).toEqual([[c], [[100_000, 5]]])
})

test('as many wait as there may, and what has become visible makes room', () => {
  const { head, series, dropped } = headOf([newest], 1 << 26)
  const a = series('a')
  const fill = (fromMs: number, nowMs: number) => {
    const tMs = Float64Array.from({ length: 200_010 }, (_, at) => fromMs + at)
    head.take({ series: new Uint32Array(tMs.length).fill(a), tMs, values: tMs }, nowMs)
  }
  fill(100_000, 0)
  expect([head.slotOf(a), dropped('ahead')]).toEqual([-1, 10])
  head.due(1_000_000)
  expect(head.members(0).length).toBe(1)
  fill(1_100_000, 1_000_000)
  expect(dropped('ahead')).toBe(20)
})

test('stale markers keep their bits through all of it, often enough to be compiled', () => {
  const { head, series, samples } = headOf([minute])
  const all = Array.from({ length: 300 }, (_, at) => series(String(at)))
  const buffer = new RowBuffer(300)
  for (let round = 1; round < 400; round++) {
    buffer.length = 0
    for (const each of all) {
      buffer.push(
        each,
        round * 1_000,
        (round + each) % 3 === 0 ? staleNaN : (round + each) % 3 === 1 ? NaN : 7,
      )
    }
    head.take(buffer.rows(), round * 1_000)
  }
  for (const each of all) head.put(each, 400_000, (400 + each) % 3 === 0 ? staleNaN : 7)
  for (const each of all) {
    const stored = { tMs: Float64Array.of(1_000, 399_500, 401_000), values: new Float64Array(3).fill(7) }
    writeStale(stored.values, 1)
    head.warm(each, stored.tMs, stored.values)
  }
  const { strips } = head
  for (const each of all) {
    expect(samples(each).length).toBeGreaterThan(120)
    const slot = head.slotOf(each)
    for (let at = strips.begins[slot]!; at < strips.ends[slot]!; at++) {
      const round = strips.tMs[at]! / 1_000
      const wanted = round === 401 ? false : !Number.isInteger(round) || (round + each) % 3 === 0
      if (isStale(strips.values, at) !== wanted)
        throw new Error(`series ${each}, second ${round} was changed`)
    }
  }
})

test('what comes from the store goes before and behind what is there, and is no change', () => {
  const { head, series, take, changed, samples } = headOf([minute])
  const [a, b] = [series('a'), series('b', 'other')]
  take(100_000, [a, 90_000, 1], [a, 92_000, 2])
  changed()
  const times = Float64Array.of(-40_000, 80_000, 90_000, 91_000, 95_000)
  head.warm(a, times, Float64Array.of(7, 8, 9, 10, 11))
  head.warm(b, times, times)
  head.warm(a, new Float64Array(0), new Float64Array(0))
  expect([head.hasChanges(), head.slotOf(b)]).toEqual([false, -1])
  expect(samples(a)).toEqual([
    [80_000, 8],
    [90_000, 1],
    [91_000, 10],
    [92_000, 2],
    [95_000, 11],
  ])
  // And it leaves windows like any other.
  head.due(139_999)
  expect(changed()).toEqual([])
  head.due(140_000)
  expect(changed()).toEqual([a])
})

test('series that are still watched keep their samples, the others give them back', () => {
  const { head, series, take, changed, samples } = headOf([newest])
  const hosts = Array.from({ length: 100 }, (_, at) => series(String(at)))
  for (let tMs = 1_000; tMs < 30_000; tMs += 1_000) {
    take(tMs, ...hosts.map((each): Row => [each, tMs, each]))
  }
  const { bytes } = head
  const watch = { ...newest, matchers: [name, { name: 'host', op: '=~', value: '.*7' } as const] }
  const kept = hosts.filter(each => String(each).endsWith('7'))
  for (let time = 0; time < 50; time++) {
    head.watch([watch])
    expect([...head.members(0)]).toEqual([...kept.keys()])
    for (const each of kept) expect(samples(each).at(-1)).toEqual([29_000 + time, each])
    head.watch([newest])
    take(29_001 + time, ...hosts.map((each): Row => [each, 29_001 + time, each]))
    expect(changed().sort((x, y) => x - y)).toEqual(hosts)
    expect(samples(kept[0]!)).toHaveLength(30 + time)
  }
  expect(head.bytes).toBeLessThanOrEqual(bytes * 1.5)
})

describe('when the memory is full', () => {
  const fill = (maxBytes: number, count: number) => {
    const made = headOf([{ ...minute, keepMs: 3_600_000 }], maxBytes)
    const all = Array.from({ length: count }, (_, at) => made.series(String(at)))
    for (let tMs = 1_000; tMs < 600_000; tMs += 1_000) {
      made.take(tMs, ...all.map((each): Row => [each, tMs, tMs]))
    }
    return { ...made, all }
  }

  test('a series loses its oldest samples, and that is counted', () => {
    const { head, all, samples, dropped } = fill(100_000, 30)
    expect(head.bytes).toBeLessThanOrEqual(100_000)
    expect(dropped('no_room')).toBe(0)
    const kept = all.map(each => samples(each))
    for (const each of kept) {
      expect(each.at(-1)).toEqual([599_000, 599_000])
      expect(each.length).toBeGreaterThanOrEqual(3)
      expect(each.every(([tMs], at) => at === 0 || tMs === each[at - 1]![0] + 1_000)).toBe(true)
    }
    expect(dropped('full')).toBe(30 * 599 - kept.flat().length)
  })

  test('a new series gets no slot, once', () => {
    const { head, series, take, changed, dropped } = fill(20_000, 200)
    expect(head.bytes).toBeLessThanOrEqual(20_000)
    const seated = head.members(0).length
    expect(dropped('no_room')).toBe(200 - seated)
    expect(seated).toBeGreaterThan(50)
    changed()
    const late = series('late')
    take(700_000, [late, 700_000, 1])
    head.warm(late, Float64Array.of(1), Float64Array.of(1))
    expect([head.slotOf(late), changed(), dropped('no_room')]).toEqual([-1, [], 201 - seated])
  })

  test('and gets one when others have left', () => {
    const { head, series, take } = fill(20_000, 200)
    const seated = head.members(0).length
    const late = series('late')
    take(700_000, [late, 700_000, 1])
    expect(head.slotOf(late)).toBe(-1)
    head.clearChanges()
    head.due(4_800_000)
    head.clearChanges()
    head.due(4_900_000)
    expect([seated > 50, head.members(0).length, head.counts.series]).toEqual([true, 0, 0])
    take(5_000_000, [late, 5_000_000, 1])
    expect([head.slotOf(late) >= 0, head.members(0).length]).toEqual([true, 1])
  })

  test('what the store has is cut to what there is room for', () => {
    const { head, samples, all, dropped } = fill(100_000, 30)
    const before = dropped('full')
    const tMs = Float64Array.from({ length: 2_000 }, (_, at) => (at - 1_000) * 1_000)
    head.warm(all[0]!, tMs, tMs)
    expect(dropped('full')).toBeGreaterThan(before)
    expect(samples(all[0]!).at(-1)).toEqual([659_000, 659_000])
  })
})

test('series that come and go leave room for others', () => {
  const { head, series, take, dropped } = headOf([minute], 500_000)
  for (let age = 0; age < 20; age++) {
    const all = Array.from({ length: 50 }, (_, at) => series(`${age} ${at}`))
    for (let second = 0; second < 300; second++) {
      const tMs = age * 1_000_000 + second * 1_000
      take(tMs, ...all.map((each): Row => [each, tMs, tMs]))
      head.due(tMs)
    }
    head.due(age * 1_000_000 + 900_000)
  }
  expect([dropped('no_room'), dropped('full'), head.members(0).length]).toEqual([0, 0, 1_000])
})

test('old samples, for which it would be time to give back memory, are written all the same', () => {
  const { head, series, take, samples } = headOf([{ ...newest, ends: false }])
  const all = Array.from({ length: 300 }, (_, at) => series(String(at)))
  const rows = all.flatMap(each => Array.from({ length: 9 }, (_, at): Row => [each, at * 1_000, at]))
  take(86_400_000, ...rows)
  for (const each of all) expect(samples(each)).toHaveLength(9)
  head.due(86_401_000)
  for (const each of all) expect(samples(each)).toHaveLength(2)
})

test('thousands of series join, each with the next slot', () => {
  const { head, series, take } = headOf([minute], 1 << 26)
  const all = Array.from({ length: 20_000 }, (_, at) => series(String(at)))
  for (let tMs = 1_000; tMs < 8_000; tMs += 1_000) {
    take(tMs, ...all.map((each): Row => [each, tMs, each * tMs]))
  }
  expect([...head.members(0)]).toEqual([...all.keys()])
  const { strips } = head
  const odd = all.filter(each => {
    const [begin, end] = [strips.begins[head.slotOf(each)]!, strips.ends[head.slotOf(each)]!]
    return end - begin !== 7 || strips.tMs[end - 1] !== 7_000 || strips.values[begin] !== each * 1_000
  })
  expect(odd).toEqual([])
})

describe('as a source', () => {
  const made = headOf([minute, { ...newest, matchers: [name, { name: 'host', op: '!=', value: 'a' }] }])
  const { head, table, series, take } = made
  const memory = new MemorySource()
  const rows: Row[] = []
  for (const [at, host] of ['a', 'b', 'c'].entries()) {
    for (let tMs = 900_000 + at; tMs <= 1_000_000; tMs += 7_000) {
      rows.push([series(host), tMs, Math.sin(tMs * (at + 1))])
      memory.put(table.get(series(host)), tMs, Math.sin(tMs * (at + 1)))
    }
  }
  take(1_000_000, ...rows)

  test('it gives what a source of written down samples gives', () => {
    const t = (text: string) => {
      const [mine, theirs] = [head.source(1_000_000), memory].map(source =>
        evaluateNow(parse(text), source, { atMs: 1_000_000 }),
      )
      expect(mine!.value, text).toEqual(theirs!.value)
    }
    t('m')
    t('m{host!="a"}')
    t('{host!="a", __name__="m"}')
    t('m{host=~"b|c"} > 0')
    t('avg_over_time(m[1m])')
    t('sum(rate(m[50s]))')
    t('max_over_time({host="c"}[1m] offset 10s)')
    t('nothing')
  })

  test('a series that is ahead is moved back to the present, but by no more than a minute', () => {
    const [near, far] = [series('near'), series('far')]
    const { head } = made
    take(1_000_000, [near, 1_010_000, 1], [near, 1_020_000, 2])
    head.put(far, 1_061_000, 3)
    const select = (toMs: number, value: string, fromMs = 900_000): readonly SeriesSamples[] => {
      const matchers = [name, { name: 'host', op: '=', value } as const]
      const found = head.source(1_000_000).select(matchers, { fromMs, toMs })
      if (found instanceof Promise) throw new Error('the head answers at once')
      return found
    }
    expect([...select(1_000_000, 'near')[0]!.tMs]).toEqual([990_000, 1_000_000])
    expect([...select(1_000_000, 'near')[0]!.values]).toEqual([1, 2])
    expect(select(1_000_000, 'far')).toEqual([])
    expect([...select(1_001_000, 'far')[0]!.tMs]).toEqual([1_001_000])
    const range = { fromMs: 990_001, toMs: 1_000_000 }
    expect(head.samples(head.slotOf(near), range, 1_000_000)).toEqual(select(1_000_000, 'near', 990_001)[0])
    expect(head.samples(head.slotOf(far), range, 1_000_000)).toBeUndefined()
    // Both ends belong to the range.
    expect([...select(990_000, 'near')[0]!.tMs]).toEqual([990_000])
    expect([...select(1_000_000, 'near', 990_000)[0]!.tMs]).toEqual([990_000, 1_000_000])
    expect([...select(1_000_000, 'near', 990_001)[0]!.tMs]).toEqual([1_000_000])
  })
})

test('heads of one process have one memory, and one that is closed leaves its part to the others', () => {
  const memory = new Memory(1 << 20)
  const filled = () => {
    const table = new SeriesTable()
    const head = new Head({ table, lookbackMs, maxBytes: 1 << 20, memory })
    head.watch([newest])
    for (let host = 0; host < 20_000; host++)
      head.take(rowsOf([[table.intern('m', labelsOf([['host', `h${host}`]])), 1_000, 1]]), 1_000)
    return head
  }
  const one = filled()
  const two = filled()
  expect(one.counts.no_room).toBeGreaterThan(0)
  expect(two.counts.series).toBeLessThan(one.counts.series / 2)
  expect(memory.bytes).toBe(one.counts.bytes + two.counts.bytes)
  const { series } = one.counts
  one.close()
  two.close()
  expect(memory.bytes).toBe(0)
  expect(filled().counts.series).toBe(series)
})
