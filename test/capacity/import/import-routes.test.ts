import { expect, onTestFinished, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { dayText, readDay } from '../../../capacity/days.ts'
import { dayRowOf } from '../../../capacity/history/day-row.ts'
import type { Beside, LookedAt, Taken } from '../../../capacity/history/open-history.ts'
import type { DayRow } from '../../../capacity/history.ts'
import { importPath, importRoutes } from '../../../capacity/import/import-routes.ts'
import { bodiesOf } from '../../../capacity/import/wire-rows.ts'
import { type Line, lineKey } from '../../../capacity/pool.ts'
import { ask, bearer, openStand } from '../../core/http/ask.ts'
import { sqliteStates } from '../requests/world.ts'
import { imported, pool, pools, zone } from './pools.ts'

const today = readDay('2026-11-21')!
const rowOf = (day: number, count: number): DayRow =>
  dayRowOf(
    day,
    Float64Array.from({ length: count }, (_, at) => at),
    new Float64Array(count).fill(1),
  )

const net = pool('net', { by: ['zone', 'rack'] })

async function stand(there: readonly DayRow[] = [], lines: readonly Line[] = []) {
  const taken: Taken[] = []
  const line = { pool: 'db', resource: 'disk', part: {} }
  const history = {
    lines: () => (there.length === 0 ? lines : [line]),
    rows: (each: typeof line, track: string) =>
      lineKey(each) === lineKey(line) && track === 'usage' ? there : [],
    async takeAll(all: readonly Taken[], _: readonly LookedAt[] = [], beside: Beside = () => []) {
      taken.push(...all)
      const rows = all.reduce((sum, each) => sum + each.rows.length, 0)
      if (rows > 0) await state.write(beside(rows))
      return rows
    },
  }
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 4))
  const { state, dispose } = await sqliteStates()
  onTestFinished(dispose)
  const { http, ...rest } = await openStand(
    importRoutes({ state, pools: () => [...pools, net], history, clock, zone }),
  )
  onTestFinished(() => rest[Symbol.asyncDispose]())
  const post = (body: object, scopes = bearer('operate')) =>
    ask(http, importPath, {
      headers: { ...scopes, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const audit = () => state.db.selectFrom('audit').select(['who', 'what', 'details']).execute()
  return { taken, post, audit, get: () => ask(http, importPath, { headers: bearer('read') }) }
}

const day = (text: string, cells: readonly (number | null)[] = [288, 1, 9, 500, 4, 5, null, null]) => [
  readDay(text),
  ...cells,
]
const line = (rows: unknown[], change = {}) => ({
  pool: 'db',
  resource: 'disk',
  part: {},
  track: 'usage',
  rows,
  ...change,
})

test('takes rows as they were sent; null is not known', async () => {
  const { taken, post } = await stand()
  const { status, json } = await post({ lines: [line([day('2026-11-20')])], how: 'merge' })
  expect([status, json]).toEqual([200, { taken: 1, kept: 0, left: 0 }])
  expect(taken).toMatchObject([{ line: { pool: 'db', resource: 'disk' }, track: 'usage', how: 'merge' }])
  expect(taken[0]!.rows[0]).toMatchObject({ day: today - 1, count: 288, max: 9, p95: Number.NaN })
})

test('fill takes only days of which it has more, so a second time changes nothing', async () => {
  const { taken, post, get } = await stand([rowOf(today - 2, 288), rowOf(today - 1, 100)])
  const rows = [day('2026-11-18'), day('2026-11-19'), day('2026-11-20')]
  const { json } = await post({ lines: [line(rows)], how: 'fill' })
  expect(json).toEqual({ taken: 2, kept: 1, left: 0 })
  expect(taken[0]).toMatchObject({ how: 'fill' })
  expect(taken[0]!.rows.map(({ day: at }) => dayText(at))).toEqual(['2026-11-18', '2026-11-20'])
  expect((await get()).json.lines[0]).toMatchObject({
    ...{ pool: 'db', track: 'usage' },
    days: [
      [today - 2, 288],
      [today - 1, 100],
    ],
  })
})

test('takes today as far as it has come, and parts that lack a label', async () => {
  const { taken, post } = await stand()
  const today144 = day('2026-11-21', [144, 1, 9, 500, 4, 5, null, null])
  const { status } = await post({ lines: [line([today144])], how: 'fill' })
  expect([status, taken[0]!.rows.length]).toEqual([200, 1])
  const rows = [day('2026-11-20')]
  const wanting = line(rows, { pool: 'net', resource: 'cpu', part: { zone: 'a' } })
  expect((await post({ lines: [wanting], how: 'fill' })).status).toBe(200)
  expect(taken.at(-1)!.line.part).toEqual({ zone: 'a' })
})

test('parts that find no place are left out; the whole and known ones are taken', async () => {
  const part = (zone: string) => ({ pool: 'web', resource: 'cpu', part: { zone } })
  const known = Array.from({ length: 199 }, (_, at) => part(`z${at}`))
  const { taken, post } = await stand(
    [],
    [...known, { ...part('z0'), resource: 'gone', part: { rack: 'r' } }],
  )
  const rows = [day('2026-11-19'), day('2026-11-20')]
  const parts = ['z7', 'new', 'second', 'new'].map(zone => line(rows, part(zone)))
  const { json } = await post({ lines: [line(rows, { ...part(''), part: {} }), ...parts], how: 'replace' })
  expect(json).toEqual({ taken: 8, kept: 0, left: 2 })
  expect(taken.map(each => [each.line.part['zone'], each.rows.length])).toEqual([
    [undefined, 2],
    ['z7', 2],
    ['new', 2],
    ['second', 0],
    ['new', 2],
  ])
})

test('refuses what no pool has, days to come, and who may not', async () => {
  const { taken, post } = await stand()
  const t = async (lines: object[], said: string) => {
    const { status, json } = await post({ lines, how: 'fill' })
    expect([status, json.error.detail], said).toEqual([400, expect.stringContaining(said)])
  }
  await t([line([], { pool: 'dv' })], 'body.lines[0]: wanted the name of a pool; did you mean db?')
  await t([line([], { part: { zone: 'a' } })], 'wanted a label of `by` of db')
  await t([line([], { pool: 'web', resource: 'cpu', part: { zone: 'a' }, track: 'used' })], 'track')
  await t([line([day('2026-11-22')])], 'wanted days up to today, found 2026-11-22')
  // At noon of the zone half of it is there, and an hour that a trend may stand for.
  await t(
    [line([day('2026-11-21', [157, 1, 9, 500, 4, 5, null, null])])],
    'wanted at most 144 values of today, which is not over, found 157',
  )
  await t([line([[1, 0, 1, 1, 1, 1, 1, 1, 1]])], 'rows')
  await t([line([[1, 9, 1, null, 1, 1, 1, 1, 1]])], 'rows.0.3: wanted number')
  expect((await post({ lines: [], how: 'fill' }, bearer('read'))).status).toBe(403)
  expect(taken).toEqual([])
})

test('what is imported crosses in pieces, and comes out as it went in', async () => {
  const text = Array.from({ length: 4_100 }, (_, at) => `${dayText(12_000 + at)},${at}`).join('\n')
  const { lines } = await imported(`day,max\n${text}`, { pool: 'db', resource: 'disk' })
  const bodies = bodiesOf(lines, 'fill')
  expect(bodies.flatMap(body => body.lines.map(({ rows }) => rows.length))).toEqual([2_000, 2_000, 100])
  const { taken, post } = await stand()
  for (const body of bodies) expect((await post(body)).status).toBe(200)
  expect(taken.flatMap(({ rows }) => rows)).toEqual([...lines[0]!.rows.values()])
})

test('who changed the past stands in the audit, and who changed nothing does not', async () => {
  const { post, audit } = await stand([rowOf(today - 1, 288)])
  await post({ lines: [line([day('2026-11-20')])], how: 'fill' })
  expect(await audit()).toEqual([])
  await post({ lines: [line([day('2026-11-20'), day('2026-11-19')])], how: 'replace' })
  const details = JSON.stringify({ days: 2, how: 'replace', pools: 1, of: ['db'] })
  expect(await audit()).toEqual([{ who: 'test', what: 'capacity history imported', details }])
})
