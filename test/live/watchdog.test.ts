// The watchdog on a real fleet: canaries go in at one process, through the rules of another, to the alerter in a third;
// when the rules die, people hear of it by another path, and of the end when others have taken over.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Running } from '../running.ts'
import { asking } from './alertmanager-asks.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { type Hook, openHook } from './hook.ts'

let folder: string
let fleet: Fleet
let hook: Hook
let boss: Hook

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-watchdog-fleet-'))
  ;[hook, boss] = await Promise.all([openHook(), openHook()])
  fleet = await startFleet(folder)
})
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
  await Promise.all([hook, boss].map(each => each?.[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

// Of all that came, and the seconds that they took together.
async function canaries(service: Running): Promise<readonly [count: number, seconds: number]> {
  const text = await (await fetch(`${service.origin}/metrics`, { headers: asking(service) })).text()
  const numberOf = (name: string): number =>
    Number(new RegExp(`^plimsoll_watchdog_road_seconds_${name} (.+)$`, 'm').exec(text)?.[1] ?? 0)
  return [numberOf('count'), numberOf('sum')]
}

async function alarms(service: Running): Promise<number> {
  const asked = `${service.origin}/api/plimsoll/v1/facts?kind=told`
  const { facts } = (await (await fetch(asked, { headers: asking(service) })).json()) as Facts
  return facts.filter(({ details }) => details.reason === 'watchdog').length
}

type Facts = Readonly<{ facts: readonly Readonly<{ details: Readonly<{ reason?: string }> }>[] }>

test('canaries cross three processes; when no rules are left another path says so, and another process that it is over', async () => {
  const settings = `packs: []
watchdog: {canary: true, within: 5s, tell: [boss]}
channels: {ops: {webhook: {url: "${hook.url}"}}, boss: {webhook: {url: "${boss.url}"}}}
alertmanager: {route: {receiver: ops, group_by: [n]}}
`
  const up = (name: string, roles: string) => fleet.up(name, roles, undefined, settings)
  const [gateway, rules, alerter] = await Promise.all([
    up('gateway', 'gateway'),
    up('rules', 'rules'),
    up('alerter', 'alerter'),
  ])
  let value = 0
  const writing = setInterval(() => {
    value = 1 - value
    gateway.write(`plimsoll_canary,host=h value=${value} ${Date.now()}\n`).catch(() => {})
  }, 2_000)
  try {
    const patience = { timeout: 60_000, interval: 200 }
    await expect.poll(async () => (await canaries(alerter))[0], patience).toBeGreaterThan(8)
    const [count, seconds] = await canaries(alerter)
    expect(boss.told).toEqual([])

    await rules.kill('SIGKILL')
    const killedMs = Date.now()
    await expect.poll(() => boss.told.length, { timeout: 90_000, interval: 200 }).toBe(1)
    const missedMs = Date.now() - killedMs
    // What another process has told is known to the next one that watches.
    await expect.poll(() => alarms(alerter), patience).toBe(1)
    await alerter.kill('SIGKILL')
    await Promise.all([up('more-rules', 'rules'), up('next-alerter', 'alerter')])
    const backMs = Date.now()
    await expect.poll(() => boss.told.length, { timeout: 90_000, interval: 200 }).toBe(2)
    console.log(
      `canaries took ${((1_000 * seconds) / count).toFixed(0)} ms on average; rules killed: said after ${missedMs} ms; ` +
        `rules back: said after ${Date.now() - backMs} ms`,
    )
    // They are nobody's alert.
    expect(hook.told).toEqual([])
  } finally {
    clearInterval(writing)
  }
})
