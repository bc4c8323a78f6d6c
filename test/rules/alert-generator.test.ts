// What Prometheus promises whoever receives alerts from it (its alert generator specification), held from a sample to
// the request at an Alertmanager: groups with an interval, on a clock that stands still.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { labelsOf, noLabels } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { Labels } from '#core/model.ts'
import type { RuleEngine } from '../../rules/engine/options.ts'
import { type Forward, openForward, readTargets } from '../../rules/forward.ts'
import { World } from './engine/world.ts'

type Told = Readonly<{ labels: Labels; annotations: Labels; startsAt: string; endsAt: string }>

const minute = 60_000
const a = { host: 'a' }

let world: World
let server: Server
let forward: Forward | undefined
let engine: RuleEngine
// With the time at which it was told.
let told: (Told & Readonly<{ atMs: number }>)[] = []
let underWay = 0
// The first evaluation: all times are told from there.
let zeroMs = 0

beforeEach(async () => {
  world = new World()
  told = []
  server = createServer(async (request, response) => {
    underWay++
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    for (const each of JSON.parse(text) as Told[]) told.push({ ...each, atMs: world.clock.nowMs() })
    response.end()
    underWay--
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await forward?.close()
  await engine.close()
  await world.close()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

// Time passes only while no request is under way.
async function pass(durationMs: number): Promise<void> {
  for (let leftMs = durationMs; leftMs > 0; leftMs -= 1_000) {
    await world.runFor(Math.min(1_000, leftMs))
    const isQuiet = (): boolean =>
      underWay === 0 && world.count('plimsoll_forward_alerts_total', { outcome: 'sent' }) === told.length
    while (!isQuiet()) await new Promise(setImmediate)
    await world.quiet()
  }
}

// Until just behind the first evaluation.
async function begin(rules: string, externalLabels: Labels = noLabels): Promise<void> {
  engine = await world.start(rules, { externalLabels })
  const { clock, own } = world
  const log = openLog({ clock, write: () => {} })
  const { port } = server.address() as AddressInfo
  const targets = readTargets([`http://127.0.0.1:${port}`])
  const current = () => engine.current()
  const asked = { current, refresh: () => engine.refresh() }
  forward = openForward({ targets, ...asked, clock, log, own, externalLabels, externalUrl: 'http://here' })
  world.told = () => forward?.wake()
  for (;;) {
    const { evaluatedAtMs } = (await engine.view())[0]!.rules[0]!
    zeroMs = evaluatedAtMs ?? 0
    if (zeroMs > 0) break
    await pass(1_000)
  }
}

// Sends each ten seconds.
async function keep(durationMs: number, value: number): Promise<void> {
  for (let leftMs = durationMs; leftMs > 0; leftMs -= 10_000) {
    await world.send(['heat', a, value])
    await pass(10_000)
  }
}

const seconds = (ms: number): number => (ms - zeroMs) / 1_000
const states = (): string[] =>
  world.seen.map(({ atMs, alert }) => `${seconds(atMs)} ${alert.state} ${alert.labels['alertname']}`)
const written = (name: string, labels: Labels): Promise<string> => world.store.written(name, labels, zeroMs)

const timed = (rules: readonly string[], interval = '30s'): string =>
  `groups:\n- name: g\n  interval: ${interval}\n  rules:\n${rules.map(each => `  - ${each}\n`).join('')}`

test('pending, firing and resolved at the times of the group; told again each minute, its end for fifteen', async () => {
  await begin(timed(['{alert: Hot, expr: heat > 90, for: 1m}']))
  // Seen at 30, due at 90, over at 300.
  await keep(4 * minute + 40_000, 95)
  const [firing] = (await engine.view())[0]!.rules[0]!.alerts.values()
  expect(firing).toMatchObject({ phase: 'firing', activeAtMs: zeroMs + 30_000, firedAtMs: zeroMs + 90_000 })
  await keep(22 * minute, 5)
  expect(states()).toEqual(['90 firing Hot', '300 resolved Hot'])
  expect(await written('ALERTS', { alertstate: 'pending' })).toBe('+30s 1 +60s 1 +90s stale')
  expect(await written('ALERTS', { alertstate: 'firing' })).toMatch(
    /^\+90s 1 \+120s 1 .* \+270s 1 \+300s stale$/,
  )
  const since = (zeroMs + 30_000 - (zeroMs % 1_000)) / 1_000
  expect(await written('ALERTS_FOR_STATE', {})).toMatch(
    new RegExp(`^\\+30s ${since} .* \\+270s ${since} \\+300s stale$`),
  )

  const beginnings = told.filter(each => seconds(each.atMs) < 300)
  const ends = told.filter(each => seconds(each.atMs) >= 300)
  for (const each of told) expect(seconds(Date.parse(each.startsAt))).toBe(90)
  // Four times the larger of the interval and the time between two tellings.
  // It is heard within the second in which it was sent.
  for (const each of beginnings) {
    const sentMs = Date.parse(each.endsAt) - 4 * minute
    expect(sentMs).toBeLessThanOrEqual(each.atMs)
    expect(sentMs).toBeGreaterThanOrEqual(each.atMs - 1_000)
  }
  for (const each of ends) expect(seconds(Date.parse(each.endsAt))).toBe(300)
  expect(seconds(beginnings[0]!.atMs)).toBeLessThan(92)
  expect(seconds(ends[0]!.atMs)).toBeLessThan(302)
  for (const side of [beginnings, ends]) {
    for (const [at, { atMs }] of side.slice(1).entries()) {
      expect(atMs - side[at]!.atMs).toBeGreaterThan(minute - 1)
      expect(atMs - side[at]!.atMs).toBeLessThanOrEqual(minute + 6_000)
    }
  }
  // A quarter of an hour, and not a minute more.
  expect(ends.length).toBeGreaterThanOrEqual(14)
  expect(seconds(ends.at(-1)!.atMs)).toBeGreaterThan(300 + 13 * 60)
  expect(seconds(ends.at(-1)!.atMs)).toBeLessThanOrEqual(300 + 15 * 60 + 30)
})

test('what is over before it was due is told to nobody', async () => {
  await begin(timed(['{alert: Hot, expr: heat > 90, for: 2m}']))
  await keep(100_000, 95)
  expect((await engine.view())[0]!.rules[0]!.alerts.size).toBe(1)
  await keep(5 * minute, 5)
  expect([states(), told]).toEqual([[], []])
  expect(await written('ALERTS', { alertstate: 'pending' })).toBe('+30s 1 +60s 1 +90s 1 +120s stale')
})

test('without `for` it fires when it is first seen, with a short one at the next evaluation', async () => {
  await begin(timed(['{alert: Zero, expr: heat > 90}', '{alert: Small, expr: heat > 90, for: 5s}']))
  await keep(2 * minute, 95)
  expect(states()).toEqual(['30 firing Zero', '60 firing Small'])
  // The one that never was pending never shows so.
  expect(await written('ALERTS', { alertname: 'Zero', alertstate: 'pending' })).toBe('')
})

test('one that comes back is a new alert with a beginning of its own', async () => {
  await begin(timed(['{alert: Hot, expr: heat > 90}']))
  await keep(minute, 95)
  await keep(minute, 5)
  await keep(minute, 95)
  expect(states()).toEqual(['30 firing Hot', '90 resolved Hot', '150 firing Hot'])
  expect([...new Set(told.map(each => seconds(Date.parse(each.startsAt))))]).toEqual([30, 150])
  expect(told.at(-1)!.endsAt > told.at(-1)!.startsAt).toBe(true)
})

test('keep_firing_for counts from the first evaluation that does not find it', async () => {
  await begin(timed(['{alert: Hot, expr: heat > 90, keep_firing_for: 90s}']))
  await keep(40_000, 95)
  await keep(3 * minute, 5)
  expect(states()).toEqual(['30 firing Hot', '150 resolved Hot'])
})

test('rules of a group come one after the other, and see what those before them wrote', async () => {
  const rules = [
    '{alert: Early, expr: recorded > 90}',
    '{record: recorded, expr: heat + 0}',
    '{alert: Late, expr: recorded > 90}',
    '{alert: OnAlerts, expr: \'ALERTS{alertname="Late", alertstate="firing"}\'}',
  ]
  await begin(timed(rules))
  await keep(100_000, 95)
  expect(states()).toEqual(['30 firing Late', '30 firing OnAlerts', '60 firing Early'])
  expect(await written('recorded', a)).toBe('+30s 95 +60s 95 +90s 95')
})

test('a slow group holds its alerts for four of its intervals', async () => {
  await begin(timed(['{alert: Hot, expr: heat > 90}'], '2m'))
  await keep(3 * minute, 95)
  expect(told.length).toBeGreaterThan(0)
  for (const each of told) expect(Date.parse(each.endsAt)).toBe(each.atMs + 8 * minute)
})

test('templates know labels, value and where it is; a label that changes with the value is another alert', async () => {
  const words =
    '"{{ $labels.host }} in {{ $externalLabels.cluster }} has {{ $value | humanize }} of {{ printf `%.1f` 90.0 }}"'
  const rules = [
    `{alert: Hot, expr: heat > 90, labels: {severity: page}, annotations: {summary: ${words}}}`,
    '{alert: Level, expr: heat > 90, labels: {level: "{{ $value }}"}}',
  ]
  await begin(timed(rules), labelsOf([['cluster', 'north']]))
  await keep(40_000, 95)
  await keep(30_000, 97)
  const hot = told.filter(each => each.labels['alertname'] === 'Hot')
  expect(hot[0]).toMatchObject({
    labels: { alertname: 'Hot', cluster: 'north', host: 'a', severity: 'page' },
    annotations: { summary: 'a in north has 95 of 90.0' },
  })
  await keep(minute, 97)
  // Words follow the value, what it is called does not.
  expect(told.filter(each => each.labels['alertname'] === 'Hot').at(-1)?.annotations['summary']).toContain(
    '97',
  )
  const levels = world.seen.filter(({ alert }) => alert.labels['alertname'] === 'Level')
  expect(levels.map(({ atMs, alert }) => `${seconds(atMs)} ${alert.state} ${alert.labels['level']}`)).toEqual(
    ['30 firing 95', '60 resolved 95', '60 firing 97'],
  )
})
