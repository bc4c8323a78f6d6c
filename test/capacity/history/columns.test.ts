// Days in memory, held against a plain map of them: windows before, within and behind what there is.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openColumns } from '../../../capacity/history/columns.ts'
import type { DayRow } from '../../../capacity/history.ts'
import type { Line } from '../../../capacity/pool.ts'

const rowOf = (day: number, max: number): DayRow => ({
  ...{ day, count: 288, min: 0, max, sum: max * 2, last: max + 1, lastMs: day * 864e5, p95: Number.NaN },
  busyHour: max / 2,
})
const line: Line = { pool: 'web', resource: 'cpu', part: {} }

test('windows show what was put, up to so many days before the newest', () => {
  const daysMax = 40
  const put = fc.array(fc.tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 99 })), {
    minLength: 1,
    maxLength: 8,
  })
  const window = fc.record({
    toDay: fc.integer({ min: -5, max: 160 }),
    days: fc.integer({ min: 1, max: 60 }),
  })
  fc.assert(
    fc.property(fc.array(put, { maxLength: 12 }), window, (puts, { toDay, days }) => {
      const columns = openColumns(daysMax)
      const model = new Map<number, DayRow>()
      for (const each of puts) {
        const rows = each.map(([day, max]) => rowOf(day, max))
        columns.put({ ...line }, 'usage', rows)
        for (const row of rows) model.set(row.day, row)
        const newest = Math.max(...model.keys())
        for (const day of model.keys()) if (day <= newest - daysMax) model.delete(day)
      }
      const firstDay = toDay - days + 1
      const wanted = Array.from({ length: days }, (_, at) => model.get(firstDay + at))
      const seen = columns.days(line, 'usage', { field: 'max', window: { toDay, days } })
      expect(seen.firstDay).toBe(firstDay)
      expect([...seen.values]).toEqual(wanted.map(row => row?.max ?? Number.NaN))
      expect(Array.from(wanted, (_, at) => columns.row(line, 'usage', firstDay + at))).toEqual(wanted)
      expect(
        columns.days(line, 'supply', { field: 'last', window: { toDay, days } }).values.every(Number.isNaN),
      ).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('the same line is the same, whoever names it', () => {
  const columns = openColumns(10)
  const part = { zone: 'a', rack: 'r' }
  columns.put({ ...line, part }, 'usage', [rowOf(5, 1)])
  columns.put({ ...line, part: { rack: 'r', zone: 'a' } }, 'usage', [rowOf(6, 2)])
  expect(columns.lines()).toEqual([{ ...line, part }])
  const of = { field: 'max', window: { toDay: 6, days: 2 } } as const
  expect([...columns.days({ ...line, part }, 'usage', of).values]).toEqual([1, 2])
})
