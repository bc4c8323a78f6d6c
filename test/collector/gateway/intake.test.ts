// What requests share, and may not spoil for one another: rows, sums of changes, allowances of series.
import { expect, test } from 'vitest'
import { RowBuffer } from '#core/batch.ts'
import { labelsOf, noLabels } from '#core/labels.ts'
import { refused, SeriesTable } from '#core/series.ts'
import { DeltaSums } from '../../../collector/gateway/delta-sums.ts'
import { RowPool } from '../../../collector/gateway/row-pool.ts'
import { SeriesAllowance } from '../../../collector/gateway/series-allowance.ts'
import { openGateway } from './gateway.ts'

test('rows are used again once their batch is stored, and never while somebody may read them', async () => {
  const g = openGateway()
  const seen: ArrayBufferLike[] = []
  g.onPublish(async ([batch]) => void seen.push(batch!.rows.values.buffer))
  await g.post('/write', 'm value=1')
  await g.post('/write', 'm value=2')
  expect(seen[1]).toBe(seen[0])

  // One reader has failed; another may still be at it.
  g.onPublish(async ([batch]) => {
    seen.push(batch!.rows.values.buffer)
    throw new Error('EIO')
  })
  await g.post('/write', 'm value=3')
  await g.post('/write', 'm value=4')
  expect(seen[2]).toBe(seen[0])
  expect(seen[3]).not.toBe(seen[2])
})

test('requests at the same time have rows of their own', async () => {
  const g = openGateway()
  const { promise, resolve } = Promise.withResolvers<void>()
  const seen = new Set<ArrayBufferLike>()
  g.onPublish(async ([batch]) => {
    seen.add(batch!.rows.values.buffer)
    await promise
  })
  const posted = [1, 2, 3].map(value => g.post('/write', `m value=${value}`))
  await new Promise(setImmediate)
  expect(seen.size).toBe(3)
  resolve()
  await Promise.all(posted)
  expect(g.told.map(each => each.value).sort()).toEqual([1, 2, 3])
})

test('a pool keeps so many rows and no more', () => {
  const pool = new RowPool(3_000)
  const [one, other, large] = [new RowBuffer(1_024), new RowBuffer(1_024), new RowBuffer(4_096)]
  one.push(1, 2, 3)
  for (const rows of [large, one, other, new RowBuffer(1_024)]) pool.give(rows)
  expect([pool.take(), pool.take()]).toEqual([other, one])
  expect(one.length).toBe(0)
  expect([one, other, large]).not.toContain(pool.take())
  // What was taken has made room.
  pool.give(one)
  expect(pool.take()).toBe(one)
})

test('an allowance counts what a sender was first to bring, and nothing else', () => {
  const table = new SeriesTable(4)
  const known = table.intern('known', noLabels)
  const allowance = new SeriesAllowance(table, 2)
  const bring = (source: string, name: string): number => {
    allowance.enter(source, 0)
    return allowance.intern(name, labelsOf([['a', '1']]))
  }
  const broughtBy = (source: string): number => {
    allowance.enter(source, 0)
    return allowance.brought
  }
  expect([bring('x', 'm'), bring('x', 'm'), bring('x', 'n'), bring('x', 'o')]).toEqual([1, 1, 2, refused])
  expect([bring('x', 'm'), allowance.intern('known', noLabels)]).toEqual([1, known])
  expect([bring('y', 'm'), bring('y', 'o'), bring('x', 'o')]).toEqual([1, 3, 3])
  expect(['x', 'y', 'z'].map(broughtBy)).toEqual([2, 1, 0])
  // A full table is nobody's fault.
  expect(bring('y', 'p')).toBe(refused)
  expect(broughtBy('y')).toBe(1)
})

test("a few series with very long labels are a sender's whole allowance", () => {
  const table = new SeriesTable()
  const allowance = new SeriesAllowance(table, 10)
  allowance.enter('x', 0)
  const bring = (value: string): number => allowance.intern('m', labelsOf([['a', value]]))
  expect([bring('x'.repeat(20_000)), bring('y'), bring('x'.repeat(20_000))]).toEqual([0, refused, 0])
})

test('what a sender brought counts for a day, an hour at a time', () => {
  const hourMs = 3_600_000
  const table = new SeriesTable()
  const allowance = new SeriesAllowance(table, 48)
  let next = 0
  const bring = (hour: number, count: number, source = 'x'): boolean[] => {
    allowance.enter(source, hour * hourMs + 59 * 60_000)
    return Array.from({ length: count }, () => allowance.intern(`m${next++}`, noLabels) !== refused)
  }
  // Four an hour are twice what it may bring.
  for (let hour = 0; hour < 12; hour++) expect(bring(hour, 4)).toEqual(Array(4).fill(true))
  for (let hour = 12; hour < 24; hour++) expect(bring(hour, 4)).toEqual(Array(4).fill(false))
  expect(bring(24, 5)).toEqual([true, true, true, true, false])
  expect(bring(24, 1, 'y')).toEqual([true])
  // Two are what it may, for ever.
  for (let hour = 100; hour < 400; hour++) expect(bring(hour, 2)).toEqual([true, true])
  expect(allowance.brought).toBe(48)
  allowance.enter('y', 400 * hourMs)
  expect(allowance.brought).toBe(0)
})

test('long labels count for a day too', () => {
  const allowance = new SeriesAllowance(new SeriesTable(), 10)
  const bring = (nowMs: number, value: string): boolean => {
    allowance.enter('x', nowMs)
    return allowance.intern('m', labelsOf([['a', value]])) !== refused
  }
  expect([bring(0, 'x'.repeat(20_000)), bring(0, 'y'), bring(86_399_999, 'y')]).toEqual([true, false, false])
  expect(bring(86_400_000, 'y')).toBe(true)
})

test('a change that is taken back leaves what others added meanwhile', () => {
  const sums = new DeltaSums({ seriesMax: 10, onForget: () => {} })
  sums.add(7, 1, 100)
  const lost = sums.add(7, 10, 200)
  const kept = sums.add(7, 100, 300)
  expect([lost.total, kept.total]).toEqual([11, 111])
  lost.takeBack()
  // Its time is over: the one at 300 has been told.
  expect(sums.isRepeated(7, 300)).toBe(true)
  expect(sums.add(7, 0, 400).total).toBe(101)

  const last = sums.add(7, 5, 500)
  last.takeBack()
  expect([sums.isRepeated(7, 500), sums.isRepeated(7, 400)]).toEqual([false, true])
  expect(sums.add(7, 5, 500).total).toBe(106)
})
