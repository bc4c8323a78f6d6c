// Who watches the watcher: canaries along the whole road, test messages to the end, and those who are silent, in a service
// whose time runs faster than ours.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clock, elapsedMs, realClock, type Timer } from '#core/clock.ts'
import { type World, world } from './world.ts'

// Time that runs as fast as the test wants, for those too who wait already.
let speed = 1
let [fromMs, sinceMs] = [0, elapsedMs()]
const lifeMs = (): number => fromMs + (elapsedMs() - sinceMs) * speed
type Waiting = { readonly dueMs: number; readonly wake: () => void; timer: Timer }
const waiting = new Set<Waiting>()
function run(times: number): void {
  fromMs = lifeMs()
  sinceMs = elapsedMs()
  speed = times
  for (const each of waiting) {
    each.timer.cancel()
    each.timer = realClock.after(Math.max(0, each.dueMs - lifeMs()) / speed, each.wake)
  }
}
const bornMs = realClock.nowMs()
const swift: Clock = {
  nowMs: () => Math.round(bornMs + lifeMs()),
  monotonicMs: lifeMs,
  after(delayMs, wake) {
    const done = (): void => {
      waiting.delete(one)
      wake()
    }
    const timer = realClock.after(delayMs / speed, done)
    const one: Waiting = { dueMs: lifeMs() + delayMs, wake: done, timer }
    waiting.add(one)
    const cancel = (): void => {
      waiting.delete(one)
      one.timer.cancel()
    }
    return { cancel }
  },
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      const timer = swift.after(delayMs, resolve)
      signal?.addEventListener('abort', () => {
        timer.cancel()
        reject(signal.reason)
      })
    }),
}

type Told = Readonly<{ labels: Record<string, string>; annotations: Record<string, string> }>
type Heard = Readonly<{
  path: string
  title: string
  text: string
  labels: readonly Record<string, string>[]
}>

let heard: Heard[] = []
const server = createServer(async (request, response) => {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  const alerts = (body['alerts'] ?? []) as readonly Told[]
  const { summary = '', description = '' } = alerts[0]?.annotations ?? {}
  const labels = alerts.map(each => each.labels)
  heard.push({ path: request.url ?? '', title: summary, text: description, labels })
  response.end()
})
beforeEach(async () => {
  heard = []
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const urlOf = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`
const open = (more: string): Promise<World> =>
  world(
    {},
    {
      'plimsoll.yml': `packs: false
language: en
external_url: http://plimsoll.example.org
alertmanager: {route: {receiver: ops, group_by: [heartbeat], group_wait: 0s, group_interval: 1s}}
channels:
  ops: {webhook: {url: "${urlOf('ops')}"}}
  other: {webhook: {url: "${urlOf('other')}"}}
${more}`,
    },
    swift,
  )
const at = (path: string): readonly Heard[] => heard.filter(each => each.path === path)
const soon = { interval: 10 }

test('a sample goes in and a canary comes out; broken rules are told by the other path, and their end', async () => {
  await using w = await open(
    `inputs: {canary: {interval: 1s}}
watchdog: {canary: true, within: 20s, tell: [other], ping: "${urlOf('ping')}", receivers: {ops: {every: 1d}}}`,
  )
  run(20)
  const test = 'Test of the alerting: you can be reached'
  await expect.poll(() => at('/ops')[0]?.title, soon).toBe(test)

  let value = 0
  const canaries = async (next: () => number, until: () => boolean): Promise<void> => {
    while (!until()) {
      await w.write(`plimsoll_canary,host=a value=${next()}`)
      await swift.sleep(1_000)
    }
  }
  const turns = (): number => {
    value = 1 - value
    return value
  }
  await canaries(turns, () => at('/ping').length > 0)
  const metrics = await (await w.ask('/metrics')).text()
  expect(metrics).toMatch(/^plimsoll_watchdog_road_seconds_count [1-9]/m)
  expect(metrics).toContain('plimsoll_watchdog_missing{road="ops"} 0')
  const facts = (await (await w.ask('/api/plimsoll/v1/facts')).json()) as { facts: { kind: string }[] }
  // Half a second is a channel's patience in this hurry, and a busy machine may take it: then it tries again.
  const kinds = facts.facts.map(({ kind }) => kind).filter(kind => kind !== 'failed')
  expect(kinds).toEqual(['told', 'canary'])
  const tries = 1 + facts.facts.length - kinds.length
  const shown = (await (await w.ask('/api/v1/alerts')).json()) as { data: { alerts: unknown[] } }
  expect(shown.data.alerts).toEqual([])
  expect(w.log.join('')).not.toContain('PlimsollCanary')

  // Samples go in as before, and no alert comes of them.
  await canaries(
    () => 0,
    () => at('/other').length > 0,
  )
  expect(at('/other')[0]).toMatchObject({ title: 'Plimsoll does not alert just now' })
  expect(at('/other')[0]!.text).toContain('Samples go in')
  await canaries(turns, () => at('/other').length > 1)
  expect(at('/other')[1]).toMatchObject({ title: 'Plimsoll alerts again' })
  expect(new Set(at('/ops').map(({ title }) => title))).toEqual(new Set([test]))
  expect(at('/ops').length).toBeLessThanOrEqual(tries)
  // It stops within a time of its own.
  run(1)
})

test('who is silent, or fails, is an alert like others; another monitoring is heard by its watchdog', async () => {
  await using w = await open(`heartbeats:
  backup: {every: 1h, grace: 1m, severity: page}
  north: {every: 5m, alert: 'alertname="Watchdog"'}
`)
  const beat = (path: string, init: RequestInit = {}): Promise<Response> =>
    w.ask(`/api/plimsoll/v1/heartbeat/${path}`, init)
  expect((await beat('backup')).status).toBe(204)
  expect((await beat('backup', { method: 'HEAD' })).status).toBe(204)
  expect((await beat('backup', { method: 'POST', body: '{"status":"firing"}' })).status).toBe(204)
  expect((await beat('bakcup')).status).toBe(404)
  expect((await beat('backup', { headers: { authorization: '' } })).status).toBe(401)
  const watchdog = JSON.stringify([{ labels: { alertname: 'Watchdog', cluster: 'north' } }])
  const headers = { 'content-type': 'application/json' }
  expect((await w.ask('/api/v2/alerts', { method: 'POST', body: watchdog, headers })).status).toBe(200)
  expect(await (await w.ask('/api/v2/alerts')).json()).toEqual([])

  expect((await beat('backup/fail', { method: 'POST', body: 'no space left' })).status).toBe(204)
  await expect.poll(() => at('/ops').length, soon).toBe(1)
  expect(at('/ops')[0]!.labels).toMatchObject([
    { alertname: 'HeartbeatFailed', heartbeat: 'backup', severity: 'page' },
  ])
  await w.restart()
  const { heartbeats } = (await (await w.ask('/api/plimsoll/v1/heartbeats')).json()) as {
    heartbeats: { name: string; state: string }[]
  }
  expect(heartbeats).toMatchObject([
    { name: 'backup', state: 'failed', failed: { text: 'no space left' } },
    { name: 'north', state: 'well' },
  ])
  expect((await beat('backup')).status).toBe(204)
  await expect.poll(() => at('/ops').length, soon).toBe(2)
})
