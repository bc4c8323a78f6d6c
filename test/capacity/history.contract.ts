// What the history promises on every engine of the state. Called by history.test.ts for SQLite and by
// live/room-books.test.ts for PostgreSQL.
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Clock, SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { audited } from '#core/state/audit.ts'
import type { State } from '#core/state.ts'
import { dayRowOf } from '../../capacity/history/day-row.ts'
import {
  beginHistory,
  type HistoryOptions,
  type OpenHistory,
  openHistory,
} from '../../capacity/history/open-history.ts'
import type { DayRow } from '../../capacity/history.ts'
import type { Line } from '../../capacity/pool.ts'

// `other` is the same one as another process sees it.
type Engine = Readonly<{ state: State; other: State; dispose(): Promise<void> }>

const dayMs = 86_400_000
const unsaid = { at_ms: 1, who: 'anna', what: 'did', details: '{}' }
const today = 20_500

const lineOf = (pool: string, part: Record<string, string> = {}): Line => ({
  ...{ pool, resource: 'cpu', part: labelsOf(Object.entries(part)) },
})
const rowOf = (day: number, ...values: readonly number[]): DayRow =>
  dayRowOf(
    day,
    Float64Array.from(values, (_, at) => day * dayMs + at * 300_000),
    Float64Array.from(values),
  )

export function historyContract(name: string, start: () => Promise<Engine>): void {
  async function opened() {
    const { state, other, dispose } = await start()
    onTestFinished(dispose)
    const clock = new SimulatedClock(today * dayMs + 3_600_000)
    const open = (options: Partial<HistoryOptions> = {}): Promise<OpenHistory> =>
      openHistory({ state, clock, zone: 'UTC', ...options })
    return { state, other, clock, open }
  }
  const peaks = (history: OpenHistory, line: Line, days: number): number[] => [
    ...history.demand(line, 'peak', { toDay: today - 1, days }).values,
  ]

  describe(`history on ${name}`, () => {
    test('what was taken is there, and after a restart too', async () => {
      const { open } = await opened()
      const history = await open()
      const [web, zone] = [lineOf('web'), lineOf('web', { zone: 'a"\u0000\u5317' })]
      await history.take(web, 'usage', [rowOf(today - 3, 1, 9, 5), rowOf(today - 1, 4)], 'replace')
      await history.take(web, 'supply', [rowOf(today - 1, 10, 12)], 'replace')
      await history.take(zone, 'usage', [rowOf(today - 1, 2.5)], 'replace')
      const again = await open()
      for (const each of [history, again]) {
        expect(peaks(each, web, 4)).toEqual([Number.NaN, 9, Number.NaN, 4])
        const window = { toDay: today - 1, days: 2 }
        expect(each.supply(web, window)).toEqual({
          firstDay: today - 2,
          values: Float64Array.of(Number.NaN, 12),
        })
        expect(each.demand(web, 'p95', { toDay: today - 3, days: 1 }).values[0]).toBeCloseTo(8.6)
        expect(each.rows(web, 'usage', { toDay: today, days: 10 })).toEqual([
          rowOf(today - 3, 1, 9, 5),
          rowOf(today - 1, 4),
        ])
        expect(peaks(each, zone, 1)).toEqual([2.5])
        expect(each.lines()).toEqual(expect.arrayContaining([web, zone]))
        expect(each.lines()).toHaveLength(2)
        expect(peaks(each, lineOf('other'), 2)).toEqual([Number.NaN, Number.NaN])
      }
    })

    test('a day is replaced, or parts are added to it, and a day without a number changes nothing', async () => {
      const { open } = await opened()
      const history = await open()
      const line = lineOf('web')
      await history.take(line, 'usage', [rowOf(today - 1, 7)], 'replace')
      await history.take(line, 'usage', [rowOf(today - 1, 3, 4)], 'replace')
      await history.take(line, 'usage', [rowOf(today - 1)], 'replace')
      // Two parts of one day in one call as well.
      const parts = [rowOf(today - 1, 1, 2, 9), rowOf(today - 1, 5), rowOf(today - 2, 6)]
      await history.take(line, 'usage', parts, 'merge')
      await history.take(line, 'usage', [rowOf(today - 1)], 'merge')
      for (const each of [history, await open()]) {
        const rows = each.rows(line, 'usage', { toDay: today, days: 5 })
        expect(rows.map(({ day }) => day)).toEqual([today - 2, today - 1])
        expect(rows[1]).toMatchObject({ count: 6, min: 1, max: 9, sum: 24, last: 9, p95: Number.NaN })
      }
    })

    test('a day is filled unless there is more of it, also by what another process has written meanwhile', async () => {
      const { open } = await opened()
      const [filling, importing] = [await open(), await open()]
      const line = lineOf('web')
      await importing.take(line, 'usage', [rowOf(today - 2, 7, 8, 9), rowOf(today - 1, 1)], 'replace')
      const found = [rowOf(today - 3, 2), rowOf(today - 2, 50), rowOf(today - 1, 4, 5), rowOf(today)]
      await filling.takeAll([{ line, track: 'usage', rows: found, how: 'fill' }])
      await filling.refresh()
      for (const each of [filling, await open()]) expect(peaks(each, line, 4)).toEqual([Number.NaN, 2, 9, 5])
    })

    test('parts of days that are no longer in memory merge too', async () => {
      const { open } = await opened()
      const history = await open({ memoryDays: () => 5 })
      const line = lineOf('web')
      await history.take(line, 'usage', [rowOf(today - 1, 1), rowOf(today - 300, 2)], 'replace')
      await history.take(line, 'usage', [rowOf(today - 300, 3)], 'merge')
      expect(peaks(history, line, 5)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, 1])
      expect(history.rows(line, 'usage', { toDay: today - 300, days: 1 })).toEqual([])
      const whole = await open({ memoryDays: () => 400 })
      expect(whole.rows(line, 'usage', { toDay: today - 300, days: 1 })).toMatchObject([{ count: 2, sum: 5 }])
    })

    test('more days are in memory when more are wanted, and those of today when a clock was put back', async () => {
      const { clock, open } = await opened()
      let memoryDays = 5
      let aheadMs = 0
      const odd: Clock = {
        nowMs: () => clock.nowMs() + aheadMs,
        monotonicMs: () => clock.monotonicMs(),
        after: (ms, run) => clock.after(ms, run),
        sleep: (ms, signal) => clock.sleep(ms, signal),
      }
      const history = await open({ memoryDays: () => memoryDays, clock: odd })
      const line = lineOf('web')
      await history.take(line, 'usage', [rowOf(today - 7, 2), rowOf(today - 1, 1)], 'replace')
      expect(peaks(history, line, 7)).toEqual([...new Array(6).fill(Number.NaN), 1])
      memoryDays = 30
      const { version } = history
      await history.refresh()
      expect(history.version).not.toBe(version)
      expect(peaks(history, line, 7)).toEqual([2, ...new Array(5).fill(Number.NaN), 1])
      aheadMs = 300 * dayMs
      await history.take(line, 'usage', [rowOf(today + 299, 9)], 'replace')
      expect(peaks(history, line, 1)).toEqual([Number.NaN])
      aheadMs = 0
      await history.refresh()
      for (const each of [history, await open()]) expect(peaks(each, line, 1)).toEqual([1])
    })

    test('who only reads sees what another has written, and hears that it changed', async () => {
      const { open } = await opened()
      const [writer, reader] = [await open(), await open()]
      const [web, db] = [lineOf('web'), lineOf('db')]
      await writer.take(web, 'usage', [rowOf(today - 2, 1)], 'replace')
      await reader.refresh()
      const { version } = reader
      await reader.refresh()
      expect(reader.version).toBe(version)
      await writer.takeAll(
        [{ line: db, track: 'usage', rows: [rowOf(today - 1, 3)], how: 'replace' }],
        [{ line: web, looked: { asked: 'x', fromDay: today - 5, toDay: today - 1 } }],
      )
      await writer.take(web, 'usage', [rowOf(today - 2, 2)], 'replace')
      await reader.refresh()
      expect(reader.version).not.toBe(version)
      expect(peaks(reader, web, 2)).toEqual([2, Number.NaN])
      expect(peaks(reader, db, 1)).toEqual([3])
      expect(reader.looked(web)).toEqual({ asked: 'x', fromDay: today - 5, toDay: today - 1 })
      expect(reader.looked(db)).toBeUndefined()
    })

    test('a successor goes on behind what its predecessor wrote', async () => {
      const { open } = await opened()
      const [first, reader] = [await open(), await open()]
      await first.take(lineOf('web'), 'usage', [rowOf(today - 2, 1)], 'replace')
      await first.take(lineOf('web'), 'usage', [rowOf(today - 1, 1)], 'replace')
      await reader.refresh()
      const second = await open()
      await second.take(lineOf('web'), 'usage', [rowOf(today - 2, 8)], 'replace')
      await reader.refresh()
      expect(peaks(reader, lineOf('web'), 2)).toEqual([8, 1])
    })

    test('two that write the same line in turns have all of it', async () => {
      const { clock, open } = await opened()
      const [owner, importer] = [await open(), await open()]
      const line = lineOf('web')
      await importer.take(line, 'usage', [rowOf(today - 3, 3), rowOf(today - 2, 2)], 'merge')
      await clock.runFor(1_000)
      await owner.take(line, 'usage', [rowOf(today - 1, 1)], 'replace')
      await clock.runFor(1_000)
      await importer.take(lineOf('db'), 'usage', [rowOf(today - 1, 9)], 'merge')
      for (const each of [owner, importer]) {
        await each.refresh()
        expect(peaks(each, line, 3)).toEqual([3, 2, 1])
        expect(peaks(each, lineOf('db'), 1)).toEqual([9])
      }
      const { version } = owner
      await owner.refresh()
      expect(owner.version).toBe(version)
    })

    test('what two add to the same days at the same time is all there', async () => {
      const { other, open } = await opened()
      const [one, two] = [await open(), await open({ state: other })]
      const lines = ['web', 'db'].map(pool => lineOf(pool))
      const add = async (history: OpenHistory, value: number): Promise<void> => {
        await history.takeAll(
          lines.map(line => ({ line, track: 'usage', rows: [rowOf(today - 1, value)], how: 'merge' })),
        )
      }
      await Promise.all([1, 2, 3, 4].flatMap(value => [add(one, value), add(two, 10 * value)]))
      for (const each of [one, two, await open()]) {
        await each.refresh()
        for (const line of lines)
          expect(each.rows(line, 'usage', { toDay: today, days: 3 })).toMatchObject([
            { count: 8, min: 1, max: 40, sum: 110 },
          ])
      }
    })

    test('a day that another fills at the same time is that with more values, whoever is first', async () => {
      const { other, open } = await opened()
      const [one, two] = [await open(), await open({ state: other })]
      const line = lineOf('web')
      const fill = (history: OpenHistory, ...values: readonly number[]) =>
        history.take(line, 'usage', [rowOf(today - 1, ...values)], 'fill')
      await Promise.all([fill(one, 5, 6, 7), fill(two, 1)])
      await Promise.all([fill(one, 8), fill(two, 9, 9, 9, 9)])
      for (const each of [one, two]) {
        await each.refresh()
        expect(each.rows(line, 'usage', { toDay: today, days: 3 })).toMatchObject([{ count: 4, max: 9 }])
      }
    })

    test('what goes with the rows is there with them, or neither is', async () => {
      const { state, open } = await opened()
      const history = await open()
      const [line, how] = [lineOf('web'), 'fill' as const]
      const heard: number[] = []
      const said = (rows: number) => {
        heard.push(rows)
        return [audited(state.db, { atMs: 1, who: 'anna', what: 'did', details: { rows } })]
      }
      const rows = [rowOf(today - 1, 4, 5), rowOf(today - 2, 3)]
      expect(await history.takeAll([{ line, track: 'usage', rows, how }], [], said)).toBe(2)
      const more = [rowOf(today - 1, 9), rowOf(today - 2, 8, 9)]
      expect(await history.takeAll([{ line, track: 'usage', rows: more, how }], [], said)).toBe(1)
      expect(await history.takeAll([{ line, track: 'usage', rows, how: 'fill' }], [], said)).toBe(1)
      expect(await history.takeAll([{ line, track: 'usage', rows: [], how }], [], said)).toBe(0)
      expect(heard).toEqual([2, 1, 1])
      const audit = () => state.db.selectFrom('audit').select('id').execute()
      expect(await audit()).toHaveLength(3)
      const [known] = await audit()
      const twice = () => [state.db.insertInto('audit').values({ ...known!, ...unsaid })]
      const late = [rowOf(today - 3, 7)]
      await expect(history.takeAll([{ line, track: 'usage', rows: late, how }], [], twice)).rejects.toThrow()
      expect(await audit()).toHaveLength(3)
      for (const each of [history, await open()])
        expect(each.rows(line, 'usage', { toDay: today, days: 5 })).toHaveLength(2)
    })

    test('a look sees at once what others have written, and costs nothing where they have not', async () => {
      const { other, clock, open } = await opened()
      const [one, two] = [await open(), await open({ state: other })]
      await one.take(lineOf('web'), 'usage', [rowOf(today - 1, 3)], 'merge')
      await two.look()
      expect(peaks(two, lineOf('web'), 1)).toEqual([3])
      // In the same millisecond, and by a clock that is behind.
      await one.take(lineOf('web'), 'usage', [rowOf(today - 1, 4)], 'merge')
      await two.take(lineOf('db'), 'usage', [rowOf(today - 1, 5)], 'merge')
      const slow = await open({ clock: new SimulatedClock(clock.nowMs() - 60_000) })
      await slow.take(lineOf('slow'), 'usage', [rowOf(today - 1, 6)], 'merge')
      for (const each of [one, two]) {
        await each.look()
        expect(['web', 'db', 'slow'].map(pool => peaks(each, lineOf(pool), 1))).toEqual([[4], [5], [6]])
      }
      const { version } = one
      await one.look()
      expect(one.version).toBe(version)
    })

    test('a write that is refused changes nothing, and the next one counts', async () => {
      const { state, open } = await opened()
      let isLost = true
      const history = await open({
        owner: {
          write: state.write,
          async transaction(work) {
            if (isLost) throw new Failure('lease_lost', 'somebody else')
            return state.transaction(work)
          },
        },
      })
      const line = lineOf('web')
      const take = () => history.take(line, 'usage', [rowOf(today - 1, 5)], 'replace')
      await expect(take()).rejects.toMatchObject({ code: 'lease_lost' })
      expect(peaks(history, line, 1)).toEqual([Number.NaN])
      expect(history.lines()).toEqual([])
      isLost = false
      await take()
      expect(peaks(history, line, 1)).toEqual([5])
    })

    test('what is older than is kept goes, with lines that have nothing else', async () => {
      const { state, clock, open } = await opened()
      const history = await open({ memoryDays: () => 30, keepDays: 60 })
      const [old, web, looked] = [lineOf('old'), lineOf('web'), lineOf('looked')]
      await history.take(old, 'usage', [rowOf(today - 61, 1)], 'replace')
      await history.take(
        web,
        'supply',
        [rowOf(today - 61, 1), rowOf(today - 60, 2), rowOf(today - 1, 3)],
        'replace',
      )
      await history.takeAll([], [{ line: looked, looked: { asked: 'x', fromDay: 1, toDay: today } }])
      await history.forget()
      expect(await state.db.selectFrom('capacity_days').select('day').orderBy('day').execute()).toEqual([
        { day: today - 60 },
        { day: today - 1 },
      ])
      expect((await open()).lines()).toEqual([web])
      expect(await state.db.selectFrom('capacity_lines').select('id').execute()).toHaveLength(2)
      await clock.runFor(61 * dayMs)
      await history.forget()
      expect(await state.db.selectFrom('capacity_days').select('day').execute()).toEqual([])
      expect(await state.db.selectFrom('capacity_lines').select('id').execute()).toEqual([])
      expect(history.lines()).toEqual([])
      // It may come again.
      await history.take(web, 'usage', [rowOf(today + 60, 4)], 'replace')
      expect([...history.demand(web, 'peak', { toDay: today + 60, days: 1 }).values]).toEqual([4])
    })

    test('a line that another process fills while it is forgotten stays', async () => {
      const { state, other, open } = await opened()
      const line = lineOf('web')
      const theirs = await open({ state: other })
      const fill = (): Promise<void> => theirs.take(line, 'usage', [rowOf(today - 1, 7)], 'replace')
      let writes = 0
      const write: State['write'] = async statements => {
        // The days that are too old, and then the lines without days.
        if (++writes === 2) await fill()
        return state.write(statements)
      }
      const history = await open({ keepDays: 60, owner: { write, transaction: state.transaction } })
      await history.take(line, 'usage', [rowOf(today - 61, 1)], 'replace')
      await history.forget()
      expect(writes).toBe(2)
      await history.look()
      for (const each of [history, await open()]) {
        expect(each.lines()).toEqual([line])
        expect(peaks(each, line, 1)).toEqual([7])
      }
    })

    test('a start need not wait for the days: who asks for them does, and tries again where they were away', async () => {
      const { state, clock, open } = await opened()
      const line = lineOf('web')
      await (await open()).take(line, 'usage', [rowOf(today - 1, 5)], 'replace')
      let isAway = true
      const memoryDays = (): number => {
        if (isAway) throw new Failure('state_unavailable', 'away')
        return 60
      }
      const begin = () => beginHistory({ state, clock, zone: 'UTC', memoryDays })
      const history = begin()
      expect(peaks(history, line, 1)).toEqual([Number.NaN])
      await expect(history.ready()).rejects.toMatchObject({ code: 'state_unavailable' })
      isAway = false
      await history.ready()
      expect(peaks(history, line, 1)).toEqual([5])

      const closed = begin()
      const reading = expect(closed.ready()).rejects.toMatchObject({ code: 'stopping' })
      await closed.close()
      await reading
    })

    test('many lines at once are all there', async () => {
      const { open } = await opened()
      const history = await open()
      const lines = Array.from({ length: 300 }, (_, at) => lineOf(`pool ${at}`))
      const taken = lines.map((line, at) => ({
        ...{ line, track: 'usage' as const, how: 'replace' as const },
        rows: [rowOf(today - 1, at, at + 1), rowOf(today - 2, at)],
      }))
      await history.takeAll(taken)
      const again = await open()
      expect(lines.map(line => peaks(again, line, 2))).toEqual(lines.map((_, at) => [at, at + 1]))
    })
  })
}
