// What is said of how much is known.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Answer, Call } from '#core/http/route.ts'
import { labelsOf } from '#core/labels.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { type HistoryJson, historyRoutes } from '../../../capacity/api/history-routes.ts'
import { readDay } from '../../../capacity/days.ts'
import { openColumns } from '../../../capacity/history/columns.ts'
import { dayRowOf } from '../../../capacity/history/day-row.ts'
import type { Trouble } from '../../../capacity/history/troubles.ts'
import type { Track } from '../../../capacity/history.ts'
import type { Pool } from '../../../capacity/pool.ts'
import { type CapacitySettings, capacitySchema } from '../../../capacity/pool-settings.ts'

const nowMs = Date.UTC(2026, 10, 21, 12)
const today = readDay('2026-11-21')!
const minuteMs = 60_000

const pools: readonly Pool[] = (
  capacitySchema.parse({
    pools: {
      web: { by: ['zone'], window: '10d', resources: { cpu: { usage: 'x', capacity: 'y', unit: 'cores' } } },
      db: { resources: { disk: { usage: 'x', capacity: 'y', unit: 'bytes' } } },
    },
  }) as CapacitySettings
).pools

async function ask(query: object = {}): Promise<HistoryJson> {
  const columns = openColumns(120)
  const put = (track: Track, zone: string, days: readonly number[]): void => {
    const line = { pool: 'web', resource: 'cpu', part: labelsOf([['zone', zone]]) }
    const rows = days.map(ago =>
      dayRowOf(today - ago, Float64Array.of((today - ago) * 864e5), Float64Array.of(5)),
    )
    columns.put(line, track, rows)
  }
  put('usage', '', [1, 2, 4, 7, 30])
  put('supply', '', [1, 2])
  put('usage', 'a', [2])
  const samples = new MemorySource()
  const sample = (name: string, labels: Record<string, string>, agoMs: number, value: number): void =>
    samples.put(
      { name, labels: labelsOf(Object.entries({ pool: 'web', resource: 'cpu', ...labels })) },
      nowMs - agoMs,
      value,
    )
  sample('capacity_usage', { owner: 'before' }, 10 * minuteMs, 3)
  sample('capacity_usage', { owner: 'ann' }, 5 * minuteMs, 4)
  sample('capacity_usage', { zone: 'a' }, 5 * minuteMs, 1)
  sample('capacity_supply', {}, 20 * minuteMs, 9)
  const trouble: Trouble = {
    pool: 'db',
    resource: 'disk',
    track: 'usage',
    when: 'now',
    about: 'answer',
    atMs: nowMs,
    text: 'no',
  }
  const [route] = historyRoutes({
    pools: () => pools,
    history: {
      lines: columns.lines,
      demand: (line, _, window) => columns.days(line, 'usage', { field: 'max', window }),
      supply: (line, window) => columns.days(line, 'supply', { field: 'last', window }),
      rows: () => [],
    },
    store: {
      async last(matchers, range) {
        const found = samples.select(matchers, range)
        return found.map(({ series, tMs, values }) => ({ series, tMs: tMs.at(-1)!, value: values.at(-1)! }))
      },
    },
    troubles: () => [trouble],
    ...{ clock: new SimulatedClock(nowMs), zone: 'UTC' },
  })
  const answer: Answer = await route!.handle({ query: route!.query!.parse(query) } as Call)
  return answer.body as HistoryJson
}

test('says how many days are known, since when, and what was measured last', async () => {
  const { asOf, lines, troubles } = await ask()
  expect(asOf).toBe('2026-11-20')
  expect(lines).toEqual([
    {
      ...{ pool: 'web', resource: 'cpu', part: {}, unit: 'cores', windowDays: 10 },
      // Of the last ten; what is older is not looked at.
      ...{ days: 4, supplyDays: 2, gaps: 3, firstDay: '2026-11-14', lastDay: '2026-11-20' },
      usage: { tMs: nowMs - 5 * minuteMs, value: 4 },
      supply: null,
    },
    {
      ...{ pool: 'db', resource: 'disk', part: {}, unit: 'bytes', windowDays: 60 },
      ...{ days: 0, supplyDays: 0, gaps: 0, firstDay: null, lastDay: null, usage: null, supply: null },
    },
  ])
  expect(troubles).toMatchObject([{ pool: 'db', text: 'no' }])
})

test('also of parts, and of some pools only', async () => {
  const { lines, troubles } = await ask({ pool: 'web', parts: '1' })
  expect(lines.map(({ part, days, gaps }) => [part, days, gaps])).toEqual([
    [{}, 4, 3],
    [{ zone: 'a' }, 1, 1],
  ])
  expect(lines[1]?.usage?.value).toBe(1)
  expect(troubles).toEqual([])
})
