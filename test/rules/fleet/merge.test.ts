// Records of several partitions in the order of time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Item, Merge } from '../../../rules/fleet/merge.ts'

const startMs = 1_000_000

const itemOf = (partition: number, receivedAtMs: number, next: number): Item => ({
  arrival: { rows: [], receivedAtMs },
  partition,
  next,
})
const begun = (...partitions: readonly number[]): Merge =>
  new Merge(new Map(partitions.map(each => [each, { next: 0, atMs: startMs }])))
const endsOf = (...ends: readonly number[]): Map<number, number> => new Map(ends.entries())
// As they begin to be evaluated.
const timesOf = (items: Item[]): string[] =>
  items.splice(0).map(({ partition, arrival }) => `${partition}@${arrival.receivedAtMs - startMs}`)

test('who begins waits until it has read what was there, and then lets through what comes', () => {
  const merge = begun(0, 1)
  merge.ends(endsOf(2, 1), startMs + 1_000)
  merge.add(0, [itemOf(0, startMs + 10, 1), itemOf(0, startMs + 50, 2)], 2)
  expect(timesOf(merge.take(startMs + 1_100))).toEqual([])
  expect(merge.isLagging).toBe(true)
  merge.add(1, [itemOf(1, startMs + 20, 1)], 1)
  expect(timesOf(merge.take(startMs + 1_200))).toEqual(['0@10', '1@20', '0@50'])
  expect(merge.isLagging).toBe(false)
  expect(merge.completeMs(startMs + 1_250)).toBe(startMs + 1_250)
  merge.add(0, [itemOf(0, startMs + 1_240, 3)], 3)
  expect(merge.completeMs(startMs + 1_250)).toBe(startMs + 1_240)
  expect(timesOf(merge.take(startMs + 1_250))).toEqual(['0@1240'])
})

test('what one partition is behind, the others wait for', () => {
  const merge = begun(0, 1)
  for (let at = 0; at < 6_000; at += 1_000) {
    merge.ends(endsOf(0, 1), startMs + at)
    merge.take(startMs + at)
  }
  // The second one has a record that nobody can read.
  merge.add(0, [itemOf(0, startMs + 5_500, 1)], 1)
  merge.take(startMs + 5_600)
  expect(merge.isLagging).toBe(true)
  expect(merge.completeMs(startMs + 5_600)).toBe(startMs)
  merge.add(1, [itemOf(1, startMs + 100, 1)], 1)
  expect(timesOf(merge.take(startMs + 5_600))).toEqual(['1@100'])
  merge.ends(endsOf(1, 1), startMs + 5_600)
  expect(timesOf(merge.take(startMs + 5_700))).toEqual(['0@5500'])
  expect(merge.isLagging).toBe(false)
})

test('who is not told any more where the partitions end does not take that for silence', () => {
  const merge = begun(0)
  merge.ends(endsOf(0), startMs)
  merge.take(startMs)
  expect(merge.isLagging).toBe(false)
  // Only timers ask, once a second.
  for (let at = 0; at <= 5_000; at += 1_000) expect(merge.completeMs(startMs + at)).toBe(startMs + at)
  for (let at = 6_000; at < 60_000; at += 1_000) expect(merge.completeMs(startMs + at)).toBe(startMs)
  expect(merge.isLagging).toBe(true)
  merge.ends(endsOf(0), startMs + 60_000)
  expect(merge.take(startMs + 60_100)).toEqual([])
  expect(merge.completeMs(startMs + 60_100)).toBe(startMs + 60_100)
})

test('who has slept has to catch up first', () => {
  const merge = begun(0)
  merge.ends(endsOf(0), startMs)
  merge.take(startMs)
  expect(merge.completeMs(startMs + 3_000)).toBe(startMs)
  merge.ends(endsOf(0), startMs + 3_100)
  merge.take(startMs + 3_200)
  expect(merge.completeMs(startMs + 3_300)).toBe(startMs + 3_300)
})

test('an older answer about the ends changes nothing', () => {
  const merge = begun(0)
  merge.ends(endsOf(0), startMs + 2_000)
  merge.ends(endsOf(0), startMs + 1_000)
  expect(merge.lagMs(startMs + 2_000)).toBe(0)
})

test('what was taken holds back the time of timers until it begins to be evaluated', () => {
  const merge = begun(0, 1)
  merge.ends(endsOf(2, 0), startMs + 9_000)
  merge.add(0, [itemOf(0, startMs + 10, 1), itemOf(0, startMs + 4_000, 2)], 2)
  const taken = merge.take(startMs + 9_100)
  expect(merge.isLagging).toBe(false)
  const t = (completeMs: number) => expect(merge.completeMs(startMs + 9_100)).toBe(startMs + completeMs)
  t(10)
  taken.shift()
  t(4_000)
  taken.shift()
  t(9_100)
})

test('what is put back comes again first, in its order', () => {
  const merge = begun(0, 1)
  merge.ends(endsOf(2, 1), startMs + 100)
  merge.add(0, [itemOf(0, startMs + 10, 1), itemOf(0, startMs + 30, 2)], 2)
  merge.add(1, [itemOf(1, startMs + 20, 1)], 1)
  const [, ...rest] = merge.take(startMs + 100)
  merge.putBack(rest)
  expect(merge.isWaiting(0)).toBe(true)
  expect(merge.completeMs(startMs + 100)).toBe(startMs + 20)
  merge.add(0, [itemOf(0, startMs + 40, 3)], 3)
  expect(timesOf(merge.take(startMs + 100))).toEqual(['1@20', '0@30', '0@40'])
})

// Each partition's stamps are those of clocks that differ; they come in any portions.
const record = fc.record({
  partition: fc.nat(3),
  waitMs: fc.nat(300),
  skewMs: fc.integer({ min: -2_000, max: 2_000 }),
})
const input = fc.array(fc.record({ records: fc.array(record, { maxLength: 5 }), isTold: fc.boolean() }), {
  maxLength: 60,
})

test('everything comes once, in the order of its partition, and time goes only forward', () => {
  fc.assert(
    fc.property(input, rounds => {
      const merge = begun(0, 1, 2, 3)
      const counts = [0, 0, 0, 0]
      const got: Item[][] = [[], [], [], []]
      let nowMs = startMs
      let completeMs = Number.NEGATIVE_INFINITY
      const took = (): void => {
        for (const each of merge.take(nowMs).splice(0)) got[each.partition]!.push(each)
        // What was complete stays so, but for what is late.
        if (!merge.isLagging) completeMs = Math.max(completeMs, merge.completeMs(nowMs))
        expect(merge.completeMs(nowMs)).toBeLessThanOrEqual(nowMs)
      }
      for (const { records, isTold } of rounds) {
        for (const { partition, waitMs, skewMs } of records) {
          nowMs += waitMs
          const next = ++counts[partition]!
          merge.add(partition, [itemOf(partition, nowMs + skewMs, next)], next)
          took()
        }
        nowMs += 100
        if (isTold) merge.ends(new Map(counts.entries()), nowMs)
        took()
      }
      merge.ends(new Map(counts.entries()), nowMs + 10_000)
      nowMs += 10_000
      took()
      for (const [partition, count] of counts.entries())
        expect(got[partition]!.map(each => each.next)).toEqual(
          Array.from({ length: count }, (_, at) => at + 1),
        )
    }),
  )
})

test('while it catches up, what is let through is in the order of time', () => {
  const lanes = fc.array(fc.array(fc.nat(5_000), { maxLength: 20 }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(lanes, given => {
      const merge = begun(0, 1, 2, 3)
      const sorted = given.map(each => each.toSorted((a, b) => a - b))
      const taken: number[] = []
      // One after the other, some at a time.
      for (let from = 0; from < 20; from += 3) {
        for (const [partition, times] of sorted.entries()) {
          const some = times.slice(from, from + 3)
          const items = some.map((each, at) => itemOf(partition, startMs + each, from + at + 1))
          merge.add(partition, items, Math.min(times.length, from + 3))
          merge.ends(new Map(sorted.map(({ length }, at) => [at, length])), startMs + 5_000)
          taken.push(
            ...merge
              .take(startMs + 60_000)
              .splice(0)
              .map(each => each.arrival.receivedAtMs),
          )
        }
      }
      expect(taken.length).toBe(sorted.flat().length)
      expect(taken).toEqual(taken.toSorted((a, b) => a - b))
    }),
  )
})
