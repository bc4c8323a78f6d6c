import { beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { fingerprint, labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { Labels, Matcher } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { graphLink } from '#promql/graph-link.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'
import { print } from '#promql/print.ts'
import { drawnExpr } from '../../alerter/last-hour/drawn-expr.ts'
import { lineNames } from '../../alerter/last-hour/names.ts'
import { openLastHour } from '../../alerter/last-hour.ts'
import { colours, lineColours } from '../../alerter/picture/look.ts'
import { decodePng } from './picture/decode.ts'

const atMs = Date.UTC(2026, 10, 21, 9)
const fromMs = atMs - 3_600_000
const memory = new MemorySource()
let clock: SimulatedClock
let asked: Readonly<{ matchers: readonly Matcher[]; signal: AbortSignal | undefined }>[]
let wait: (() => Promise<void>) | undefined

for (const [nth, host] of ['db-1', 'db-2', 'db-3'].entries()) {
  const labels = labelsOf([['host', host]])
  const points = Array.from({ length: 361 }, (_, at) => (at > 240 ? 95 : 20 + nth * 20))
  memory.add({ name: 'cpu_busy_percent', labels }, points, 10_000, fromMs)
}

beforeEach(() => {
  clock = new SimulatedClock(atMs)
  asked = []
  wait = undefined
})

function open() {
  const own = openOwnMetrics()
  const logged: string[] = []
  const log = openLog({ clock, write: line => logged.push(line) })
  const source: Parameters<typeof openLastHour>[0]['source'] = {
    async select(matchers, range, signal) {
      asked.push({ matchers, signal })
      await wait?.()
      return memory.select(matchers, range)
    },
  }
  const outcomes = () =>
    Object.fromEntries(
      own
        .samples(clock.nowMs())
        .filter(({ series }) => series.name === 'plimsoll_alerter_pictures_total')
        .map(({ series, value }) => [series.labels['outcome'], value]),
    )
  return { lastHour: openLastHour({ source, clock, log, own }), outcomes, logged }
}

const alert = (host: string, expr = 'cpu_busy_percent > 90', more: Labels = {}) => {
  const labels = labelsOf(Object.entries({ alertname: 'Hot', severity: 'page', host, ...more }))
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: labelsOf([['unit', '%']]),
    startsAtMs: fromMs + 2_450_000,
    generatorUrl: expr === '' ? '' : graphLink('http://plimsoll', expr),
  }
}
const ask = (...alerts: readonly ReturnType<typeof alert>[]) => ({ alerts, atMs, timeZone: 'UTC' })

test('a rule is drawn without its comparison', () => {
  const t = (rule: string, expr: string | undefined, threshold?: object) => {
    const found = drawnExpr(parse(rule))
    expect(found && print(found.expr), rule).toBe(expr)
    expect(found?.threshold, rule).toEqual(threshold)
  }

  t('x > 90', 'x', { op: '>', value: 90 })
  t('5 <= (x)', 'x', { op: '>=', value: 5 })
  t('(rate(x[5m]) * 100 < -1) and on (host) y > 3', 'rate(x[5m]) * 100', { op: '<', value: -1 })
  t('x > y', 'x')
  t('x > 5 < 10', 'x', { op: '<', value: 10 })
  t('x == 0 unless y', 'x', { op: '==', value: 0 })
  t('count(x > 5) > 3', 'count(x > 5)', { op: '>', value: 3 })
  t('x > bool 5', 'x > bool 5')
  t('up', 'up')
  // No line would say what is meant.
  t('absent(x)', undefined)
  t('absent_over_time(x[5m]) > 0', undefined)
  t('x > 5 or y > 5', undefined)
  t('vector(1) > 0', undefined)
  t('vector(time()) > 5', undefined)
})

test('the last hour of an alert, with what it is compared with', async () => {
  const { lastHour, outcomes } = open()
  const picture = decodePng((await lastHour.pictureOf(ask(alert('db-2'))))!)

  expect(picture.count(lineColours[0]!)).toBeGreaterThan(500)
  expect(picture.count(lineColours[1]!)).toBe(0)
  expect(picture.count(colours.beyond)).toBeGreaterThan(300)
  // Nobody else was read.
  expect(asked[0]!.matchers).toContainEqual({ name: 'host', op: '=~', value: 'db-2|' })
  expect(outcomes()).toEqual({ drawn: 1 })
})

test('alerts of one rule are lines of one picture; those of another rule are not in it', async () => {
  const { lastHour } = open()
  const other = alert('db-3', 'cpu_busy_percent > 50')
  const picture = decodePng((await lastHour.pictureOf(ask(alert('db-1'), alert('db-2'), other)))!)

  const found = lineColours.map(colour => picture.count(colour) > 300)
  expect(found).toEqual([true, true, false, false, false])
})

test('without an expression, or without a line, there is no picture', async () => {
  const { lastHour, outcomes } = open()
  const t = async (...alerts: readonly ReturnType<typeof alert>[]) =>
    expect(await lastHour.pictureOf(ask(...alerts))).toBeNull()

  await t()
  await t(alert('db-1', ''))
  await t(alert('nowhere'))
  // Of another monitoring, whose metric is called as ours is.
  const elsewhere = { ...alert('x'), labels: labelsOf([['instance', 'db-2:9100']]) }
  await t(elsewhere)
  await t({
    ...elsewhere,
    fingerprint: 'another',
    generatorUrl: graphLink('http://prom', 'cpu_busy_percent > cpu_limit'),
  })
  await t(alert('db-2', 'somebody_elses_metric > 5'))
  await t(alert('db-3', 'sum('))
  // What is not even asked about uses up nothing.
  for (let nth = 0; nth < 20; nth++) await t(alert(`h${nth}`, ''))
  expect(await lastHour.pictureOf(ask(alert('db-1')))).not.toBeNull()
  expect(outcomes()).toEqual({ empty: 27, drawn: 1 })
})

test('who is late is not waited for, and stops working', async () => {
  const { lastHour, outcomes } = open()
  wait = () => new Promise(() => {})
  const answer = lastHour.pictureOf(ask(alert('db-1')))
  let isDone = false
  answer.then(() => {
    isDone = true
  })
  await clock.runFor(299)
  expect(isDone).toBe(false)
  await clock.runFor(1)

  expect(await answer).toBeNull()
  expect(asked[0]!.signal?.aborted).toBe(true)
  expect(outcomes()).toEqual({ late: 1 })
})

test('that it was told to stop is no fault', async () => {
  const { lastHour, outcomes, logged } = open()
  const stopped = Promise.withResolvers<never>()
  wait = () => stopped.promise
  const answer = lastHour.pictureOf(ask(alert('db-1')))
  await clock.runFor(300)
  stopped.reject(new DOMException('This operation was aborted', 'AbortError'))

  expect(await answer).toBeNull()
  await clock.runFor(1)
  expect([outcomes(), logged]).toEqual([{ late: 1 }, []])
})

test('what fails costs the picture and nothing else; a fault of ours is in the log', async () => {
  const { lastHour, outcomes, logged } = open()
  wait = () => Promise.reject(new Failure('store_failing', 'down'))
  expect(await lastHour.pictureOf(ask(alert('db-1')))).toBeNull()
  expect(logged).toEqual([])
  wait = () => Promise.reject(new TypeError('undefined is not a function'))
  expect(await lastHour.pictureOf(ask(alert('db-2')))).toBeNull()
  expect(logged).toHaveLength(1)
  expect(outcomes()).toEqual({ failed: 2 })
})

test('all channels of one telling get the same picture, which is drawn once', async () => {
  const { lastHour, outcomes } = open()
  const [one, other] = await Promise.all([1, 2].map(() => lastHour.pictureOf(ask(alert('db-1')))))
  expect(one).toBe(other)
  await clock.runFor(4_900)
  expect(await lastHour.pictureOf(ask(alert('db-1')))).toBe(one)
  expect(asked).toHaveLength(1)
  await clock.runFor(100)
  expect(await lastHour.pictureOf(ask(alert('db-1')))).not.toBe(one)
  expect(outcomes()).toEqual({ drawn: 2 })
})

test('a storm gets a few pictures and no more', async () => {
  const { lastHour, outcomes } = open()
  const many = (from: number) =>
    Promise.all(
      Array.from({ length: 100 }, (_, nth) =>
        lastHour.pictureOf(ask(alert('db-1', undefined, { nth: String(from + nth) }))),
      ),
    )
  expect((await many(0)).filter(each => each !== null)).toHaveLength(5)
  await clock.runFor(1_000)
  expect((await many(100)).filter(each => each !== null)).toHaveLength(2)
  expect(outcomes()).toEqual({ drawn: 7, over_budget: 193 })
})

test('lines are called by what tells them apart', () => {
  const t = (all: readonly Labels[], names: readonly string[]) => expect(lineNames(all)).toEqual(names)

  t(
    [
      { host: 'db-1', job: 'x' },
      { host: 'db-2', job: 'x' },
    ],
    ['db-1', 'db-2'],
  )
  t(
    [
      { host: 'a', device: 'sda' },
      { host: 'a', device: 'sdb' },
    ],
    ['sda', 'sdb'],
  )
  t(
    [
      { host: 'a', device: 'sda' },
      { host: 'b', device: 'sdb' },
    ],
    ['a sda', 'b sdb'],
  )
  const long = (nth: number) => ({ host: `shop-frontend-${nth}.prod.example.org` })
  t([long(1), long(2), long(13)], ['frontend-1', 'frontend-2', 'frontend-13'])
  t([{ host: 'rack-12-web' }, { host: 'rack-12-db' }], ['web', 'db'])
  t([{ host: 'a' }, { host: 'a.b' }], ['a', 'a.b'])
  t([{ host: 'a' }], [''])
  t([], [])
})
