// Past requests are judged once for all who look, and what was used is found where it is kept.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { dayRowOf } from '../../../capacity/history/day-row.ts'
import { openHistory } from '../../../capacity/history/open-history.ts'
import { openJudging, type Used } from '../../../capacity/requests/judging.ts'
import { saveChanges } from '../../../capacity/requests/rows.ts'
import { basisOf, nowMs, poolOf, requestOf, today } from './made.ts'

const dayMs = 86_400_000
const line = { pool: 'web', resource: 'cpu', part: {} }
const when = { untilDay: today - 1, fromMonth: '2026-01' }

async function world() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-judging-'))
  const state = await openSqliteState({ file: join(folder, 'state.sqlite') })
  onTestFinished(async () => {
    await state.close()
    rmSync(folder, { recursive: true })
  })
  const read: string[] = []
  const db = new Proxy(state.db, {
    get(of, key) {
      const found = Reflect.get(of, key)
      if (typeof found !== 'function') return found
      return (...given: unknown[]) => {
        if (key === 'selectFrom') read.push(String(given[0]))
        return found.apply(of, given)
      }
    },
  }) as State['db']
  const pools = [poolOf('web')]
  const file = (number: number, targetDay: number) =>
    state.transaction(tx =>
      saveChanges(tx, [
        {
          request: requestOf({ number, state: 'closed', basis: basisOf({ targetDay }) }),
          ...{ isTouched: true, notedUnits: null },
          fact: {
            ...{ id: `${number}/1`, request: number, atMs: nowMs, who: 'ann', what: 'made', why: '' },
            details: {},
          },
        },
      ]),
    )
  const reads = (table: string): number => read.filter(each => each === table).length
  return { state, file, reads, judging: openJudging({ db, pools: () => pools }) }
}

const usedOf = (values: Readonly<Record<number, number>>, version = 1): Used => ({
  version,
  demand: (_, __, { toDay }) => ({ firstDay: toDay, values: Float64Array.of(values[toDay] ?? Number.NaN) }),
})

test('whoever looks finds what was judged, until the day is over, a request changes, or other days are known', async () => {
  const w = await world()
  await w.file(1, today - 5)
  const history = usedOf({ [today - 5]: 98, [today]: 70 })
  const [one, other] = await Promise.all([w.judging(history, when), w.judging(history, when)])
  expect(one).toBe(other)
  expect(one.requests).toMatchObject([{ request: 1, used: 98, enoughUnits: 4 }])
  expect(await w.judging(history, when)).toBe(one)
  expect(w.reads('capacity_requests')).toBe(1)
  await w.file(2, today)
  expect((await w.judging(history, when)).requests).toHaveLength(1)
  expect(w.reads('capacity_requests')).toBe(2)
  const tomorrow = { ...when, untilDay: today }
  expect((await w.judging(history, tomorrow)).requests).toMatchObject([{ used: 70 }, { used: 98 }])
  expect(w.reads('capacity_requests')).toBe(3)
  // Days that were imported since.
  const { requests } = await w.judging(usedOf({ [today - 5]: 84, [today]: 70 }, 2), tomorrow)
  expect(requests).toMatchObject([{ used: 70 }, { used: 84 }])
  expect(w.reads('capacity_requests')).toBe(3)
})

test('what is no longer in memory is read from the state, once while no other days are known', async () => {
  const w = await world()
  const longAgo = today - 150
  await w.file(1, longAgo)
  await w.file(2, longAgo - 1)
  const clock = new SimulatedClock(today * dayMs)
  const history = await openHistory({ state: w.state, clock, zone: 'UTC', memoryDays: () => 120 })
  onTestFinished(() => history.close())
  const take = (day: number, value: number) =>
    history.take(line, 'usage', [dayRowOf(day, Float64Array.of(1), Float64Array.of(value))], 'replace')
  await take(today - 2, 5)
  await take(longAgo, 98)
  expect(history.demand(line, 'peak', { toDay: longAgo, days: 1 }).values.at(-1)).toBeNaN()
  const judge = async () => (await w.judging(history, when)).requests.map(({ used }) => used)
  expect(await judge()).toEqual([null, 98])
  expect(await judge()).toEqual([null, 98])
  // A query for each day.
  expect(w.reads('capacity_days')).toBe(2)
  // An import brings what was missing, and puts another number in the place of one.
  await take(longAgo - 1, 84)
  expect(await judge()).toEqual([84, 98])
  await take(longAgo, 90)
  expect(await judge()).toEqual([84, 90])
})
