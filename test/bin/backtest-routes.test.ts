import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import type { Store } from '#core/store.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { backtestRoutes } from '../../bin/backtest-routes.ts'
import { ask, bearer, openStand, type Stand } from '../core/http/ask.ts'
import { expectClosedWithoutLogin } from '../core/http/every-route.ts'

const minute = 60_000
const fromMs = Date.UTC(2026, 10, 20)
const toMs = fromMs + 120 * minute
const text =
  'groups: [{name: g, interval: 1m, rules: [{alert: Hot, expr: x > 5}, {alert: Cold, expr: x < 0}]}]'
const asked = { rules: [{ file: 'a.yml', text }], fromMs, toMs }
const path = '/api/plimsoll/v1/backtest'

type Select = Store['select']

const hotFor = (minutes: number): Select => {
  const source = new MemorySource()
  source.add({ name: 'x', labels: {} }, [...new Array(minutes).fill(9), 0], minute, fromMs)
  return async (matchers, range) => [...source.select(matchers, range)]
}

async function standWith(select: Select): Promise<Stand & { clock: SimulatedClock }> {
  const clock = new SimulatedClock(toMs)
  const log = openLog({ write: () => {} })
  const store = { select } as unknown as Store
  const routes = backtestRoutes({ store, clock, log, timeZone: 'Asia/Shanghai' })
  const stand = await openStand(routes, { clock })
  onTestFinished(() => stand[Symbol.asyncDispose]())
  return { http: stand.http, lines: stand.lines, own: stand.own, clock }
}

const post = ({ http }: Stand, body: object) =>
  ask(http, path, { body: JSON.stringify(body), headers: bearer('read') })
// biome-ignore lint/suspicious/noExplicitAny: lines of all shapes
const linesOf = (text: string): any[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

test('alerts come one by one, then all that is said of the whole', async () => {
  const stand = await standWith(hotFor(10))
  const { status, headers, text } = await post(stand, asked)
  expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8'])
  const [begin, hot, cold, done] = linesOf(text)
  expect(begin.progress).toMatchObject({ share: 0, atMs: fromMs })
  expect(hot.alert).toMatchObject({ name: 'Hot', file: 'a.yml', firings: 1, totalMs: 10 * minute })
  expect(cold.alert).toMatchObject({ name: 'Cold', firings: 0 })
  expect(done.done).toMatchObject({ fromMs, toMs, timeZone: 'Asia/Shanghai', removed: [], records: [] })
  expect(done.done).not.toHaveProperty('alerts')
})

test('an older version, a step and a zone may be said', async () => {
  const stand = await standWith(hotFor(10))
  const older = [{ file: 'b.yml', text: text.replace('Cold', 'Gone') }]
  const { text: said } = await post(stand, {
    ...asked,
    against: older,
    stepMs: 30_000,
    timezone: 'Europe/Berlin',
  })
  const lines = linesOf(said)
  expect(lines[1].alert.change).toEqual({ kind: 'known', was: 1, gone: 0, new: 0, same: 1 })
  expect(lines.at(-1).done).toMatchObject({ timeZone: 'Europe/Berlin', removed: [{ name: 'Gone' }] })
})

test('what cannot be replayed is refused before anything is read', async () => {
  const stand = await standWith(() => Promise.reject(new Error('read')))
  const t = async (change: object, detail: string | RegExp, status = 400) => {
    const { status: found, json } = await post(stand, { ...asked, ...change })
    expect([found, json.error?.detail ?? json.detail ?? JSON.stringify(json)], String(detail)).toEqual([
      status,
      expect.stringMatching(detail),
    ])
  }
  await t({ toMs: fromMs }, 'wanted a time after fromMs')
  await t({ rules: [] }, 'rules')
  await t({ rules: [{ file: 'a.yml', text: text.replace('x > 5', 'x >') }] }, /a\.yml.*wanted/s)
  await t({ against: [{ file: 'b.yml', text: 'rules: 1' }] }, /against.*b\.yml/s)
  await t({ timezone: 'Asia/Shangai' }, 'Shanghai')
  await t({ stepMs: 10 }, 'at least 1000')
  await t({ fromMs: 0 }, 'say a longer step')
  await t({ files: [] }, 'unknown: files')
})

test('one at a time; the next may come when the first is done, or has gone away', async () => {
  let signal: AbortSignal | undefined
  let begun = (): void => {}
  const stand = await standWith((_, __, given) => {
    signal = given
    begun()
    return new Promise((_, reject) => given?.addEventListener('abort', () => reject(given.reason)))
  })
  const isReading = new Promise<void>(resolve => {
    begun = resolve
  })
  const end = new AbortController()
  const headers = { 'content-type': 'application/json', ...bearer('read') }
  const body = JSON.stringify(asked)
  const first = await fetch(stand.http.origin + path, { method: 'POST', headers, body, signal: end.signal })
  await isReading
  const { status, json } = await post(stand, asked)
  expect([status, JSON.stringify(json)]).toEqual([
    503,
    expect.stringContaining('another backtest is running'),
  ])

  end.abort()
  await expect(first.text()).rejects.toThrow()
  while (signal?.aborted !== true) await turn()
  let last = 503
  for (let tries = 0; last === 503 && tries < 1_000; tries++) {
    const stop = new AbortController()
    const again = await fetch(stand.http.origin + path, {
      method: 'POST',
      headers,
      body,
      signal: stop.signal,
    })
    last = again.status
    stop.abort()
  }
  expect(last).toBe(200)
})

test('progress is told while it goes on, and a failure on the way is the last line', async () => {
  let fail = (_: Error): void => {}
  const stand = await standWith(
    () =>
      new Promise((_, reject) => {
        fail = reject
      }),
  )
  const headers = { 'content-type': 'application/json', ...bearer('read') }
  const answer = await fetch(stand.http.origin + path, {
    method: 'POST',
    headers,
    body: JSON.stringify(asked),
  })
  await stand.clock.runFor(600)
  fail(new Failure('store_unavailable', 'it does not answer'))
  const progress = { share: 0, atMs: fromMs, samplesRead: 0, cells: 0, firings: 0 }
  expect(linesOf(await answer.text())).toEqual([
    { progress },
    { progress },
    { progress },
    { error: { code: 'store_unavailable', detail: 'it does not answer' } },
  ])
})

test('nobody gets in without a login, nor by a token that may only write', async () => {
  const stand = await standWith(hotFor(1))
  const store = { select: hotFor(1) } as unknown as Store
  const log = openLog({ write: () => {} })
  const routes = backtestRoutes({ store, clock: stand.clock, log, timeZone: 'UTC' })
  await expectClosedWithoutLogin(routes)
  const body = JSON.stringify(asked)
  expect((await ask(stand.http, path, { body, headers: bearer('write') })).status).toBe(403)
})
