import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { partitionOf } from '#core/partition.ts'
import { runs } from '../runs.ts'
import { type FleetWorld, openFleetWorld } from './fleet/world.ts'

let world: FleetWorld

beforeEach(async () => {
  world = await openFleetWorld()
})
afterEach(() => world.close())

const hot = `groups:
- name: g
  rules:
  - {alert: Hot, expr: heat > 90, for: 10s}
`

test('one process has all shares, and decides as one machine does', async () => {
  const one = await world.start(hot)
  await world.runFor(3_000)
  expect(one.shares()).toBe(20)
  for (let second = 0; second < 30; second++) {
    world.send(['heat', { host: 'a' }, second < 20 ? 95 : 5], ['heat', { host: 'b' }, 5])
    await world.runFor(1_000)
  }
  expect(world.said()).toEqual(['+13s firing Hot host=a', '+23s resolved Hot host=a'])
  await one.engine.close()
})

const rules = `groups:
- name: local
  rules:
  - {alert: Hot, expr: heat > 90, for: 10s}
  - {alert: Rising, expr: 'avg_over_time(heat[30s]) > 70'}
- name: all
  rules:
  - {alert: ManyHot, expr: count(heat > 80) > 2}
  - {record: heat_max, expr: max(heat)}
  - {alert: MaxHigh, expr: heat_max > 97, for: 5s}
`
const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

type Disturbance = (second: number) => Promise<void> | void

// A wave that each host meets at another time. Answers with what was said, each once, by time.
async function wave(seconds: number, disturb: Disturbance = () => {}): Promise<string[]> {
  const beginMs = world.nowMs()
  for (let second = 0; second < seconds; second++) {
    await disturb(second)
    world.send(
      ...hosts.map((host, at) => {
        const value = 60 + 40 * Math.sin((second + 7 * at) / 9)
        return ['heat', { host }, Math.round(value)] as const
      }),
    )
    await world.runFor(1_000)
  }
  await world.runFor(30_000)
  const ids = new Map(world.topic.told.map(each => [each.id, each]))
  return [...ids.values()]
    .map(({ atMs, alert }) => {
      const { alertname, host = '' } = alert.labels
      // A rule that looks at everything rests 50 ms after each evaluation.
      const seconds = Math.floor((atMs - beginMs) / 100) / 10
      return `${String(seconds).padStart(7)} ${alert.state} ${alertname} ${host}`
    })
    .sort()
}

const quiet = await (async () => {
  world = await openFleetWorld()
  await world.start(rules)
  await world.runFor(3_000)
  const said = await wave(120)
  await world.close()
  return said
})()

test('two processes share the work, and say together what one would', async () => {
  const [one, two] = [await world.start(rules), await world.start(rules)]
  await world.runFor(8_000)
  expect([one.shares(), two.shares()]).toEqual([10, 10])
  expect(await wave(120)).toEqual(quiet)
  expect(world.topic.told.length).toBe(quiet.length)
})

test('of two processes one is killed: the other goes on where it was', async () => {
  const [one, two] = [await world.start(rules), await world.start(rules)]
  await world.runFor(8_000)
  const said = await wave(120, second => {
    if (second === 47) one.kill()
  })
  expect(two.shares()).toBe(20)
  expect(said).toEqual(quiet)
})

test('what they say is worth comparing', () => {
  expect(quiet.length).toBeGreaterThan(40)
  for (const name of ['Hot', 'Rising', 'ManyHot', 'MaxHigh'])
    for (const state of ['firing', 'resolved'])
      expect(quiet.some(each => each.includes(`${state} ${name}`))).toBe(true)
})

type Step = Readonly<{
  at: number
  what: 'kill' | 'pause' | 'wake' | 'leave' | 'join'
  whom: number
}>

const step: fc.Arbitrary<Step> = fc.record({
  at: fc.integer({ min: 0, max: 100 }),
  what: fc.constantFrom('kill', 'pause', 'wake', 'leave', 'join', 'join'),
  whom: fc.nat(63),
})

test('whatever happens to processes and partitions: nothing is lost, nothing is said under another name', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async steps => {
      await world.close()
      world = await openFleetWorld()
      let alive = [await world.start(rules), await world.start(rules)]
      const closing: Promise<void>[] = []
      const pausedAt = new Map<unknown, number>()
      await world.runFor(8_000)
      const said = await wave(120, async second => {
        for (const { what, whom } of steps.filter(each => each.at === second)) {
          const process = alive[whom % alive.length]
          if (what === 'join') alive.push(await world.start(rules))
          if (what === 'pause' && process !== undefined) pausedAt.set(process, second)
          if (what === 'pause') process?.pause()
          // A nap of a second or two is not noticed; what came in it is seen so much late.
          if (what === 'wake')
            for (const each of alive) if (second - (pausedAt.get(each) ?? 0) > 2) each.wake()
          if ((what === 'kill' || what === 'leave') && process !== undefined) {
            alive = alive.filter(each => each !== process)
            if (what === 'kill') process.kill()
            if (what === 'leave' && process.isPaused()) process.kill()
            else if (what === 'leave') closing.push(process.engine.close())
          }
        }
        if (alive.length === 0) alive.push(await world.start(rules))
        if (second === 110) for (const each of alive) each.wake()
      })
      expect(said).toEqual(quiet)
      await Promise.all(closing)
    }),
    { numRuns: runs(1), endOnFailure: true },
  )
})

test('a partition that nobody can read: what needs it waits and says so, the others go on, and it is made up for', async () => {
  const one = await world.start(rules)
  await world.runFor(4_000)
  const away = partitionOf('c')
  const text = async (): Promise<string> =>
    JSON.stringify((await one.engine.view()).flatMap(each => each.rules))
  const said = await wave(120, async second => {
    if (second === 20) world.topic.away.add(away)
    if (second === 40) {
      expect(await text()).toMatch(/"health":"err","error":"waits for samples that are \d+ s behind"/)
      expect(await one.own.text()).toMatch(/plimsoll_rules_lag_seconds{share="rules\/groups-\d"} \d\d/)
    }
    if (second !== 80) return
    world.topic.away.clear()
    world.topic.wake()
  })
  const isApart = (each: string): boolean => /Hot [^c]|Rising [^c]/.test(each)
  const shared = hosts.filter(each => partitionOf(each) % 16 !== away % 16)
  const others = (all: readonly string[]): string[] =>
    all.filter(each => isApart(each) && shared.includes(each.at(-1)!))
  expect(others(said)).toEqual(others(quiet))
  // For five seconds it was waited for in vain: what fell into them is seen late.
  const ends = (all: readonly string[]): string[] => all.filter(each => Number(each.slice(0, 7)) > 30)
  expect(ends(said)).toEqual(ends(quiet))
  expect(await text()).not.toContain('behind')
  expect(world.said().some(each => each.includes('agent'))).toBe(false)
})

test('a host that sends is silent for nobody, whoever expects it and whatever was known of it', async () => {
  const silent = `groups:
- name: all
  rules: [{alert: ManySilent, expr: count(agent_up == 0) > 0}]
`
  const one = await world.start(silent, { expected: ['a'] }, [['agent_up', { host: 'b' }, 1]])
  for (let second = 0; second < 60; second++) {
    world.send(['heat', { host: 'a' }, 1], ['heat', { host: 'b' }, 1])
    await world.runFor(1_000)
  }
  expect(world.said()).toEqual([])
  for (let second = 0; second < 60; second++) {
    world.send(['heat', { host: 'a' }, 1])
    await world.runFor(1_000)
  }
  expect(world.said()).toEqual(['+90s firing ManySilent'])
  await one.engine.close()
})
