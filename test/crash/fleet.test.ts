// What happens around the rules of a fleet when brokers, the state, the store or clocks have a bad day.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cutByPartition, RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { partitionOf } from '#core/partition.ts'
import { SeriesTable } from '#core/series.ts'
import { type FleetWorld, openFleetWorld } from '../rules/fleet/world.ts'
import { runs } from '../runs.ts'

let world: FleetWorld
beforeEach(async () => {
  world = await openFleetWorld()
})
afterEach(() => world.close())

const hosts = ['a', 'b', 'c', 'd']
const silent = `groups:
- name: agents
  rules:
  - {alert: Silent, expr: agent_up == 0}
  - {alert: Hot, expr: heat > 90, for: 5s}
`

async function seconds(count: number, value: (host: string) => number): Promise<void> {
  for (let second = 0; second < count; second++) {
    world.send(...hosts.map(host => ['heat', { host }, value(host)] as const))
    await world.runFor(1_000)
  }
}

test('brokers that are away are no silence of hosts, and nothing is decided until they are back', async () => {
  const one = await world.start(silent)
  await world.runFor(4_000)
  await seconds(10, () => 5)
  world.topic.isCut = true
  await world.runFor(60_000)
  expect(world.said()).toEqual([])
  expect(await one.own.text()).toMatch(/plimsoll_rules_lag_seconds{share="rules\/hosts-\d"} [56]\d/)
  world.topic.isCut = false
  world.topic.wake()
  await seconds(10, host => (host === 'a' ? 95 : 5))
  await seconds(5, () => 5)
  const said = world.said()
  expect(said.map(each => each.replace(/\+\d+(\.\d)?s /, ''))).toEqual([
    'firing Hot host=a',
    'resolved Hot host=a',
  ])
  await one.engine.close()
})

test('a host that is expected has its time to speak, from when anybody listens', async () => {
  const one = await world.start(silent, { expected: ['late', 'never'] })
  for (let second = 0; second < 60; second++) {
    if (second > 20) world.send(['heat', { host: 'late' }, 5])
    await world.runFor(1_000)
  }
  const said = world.said().map(each => each.replace(/\.\d+s/, 's'))
  expect(said).toEqual([expect.stringMatching(/^\+3[0-5]s firing Silent host=never$/)])
  await one.engine.close()
})

test('a last record that nobody can read holds nothing up, neither what begins behind it nor what goes on', async () => {
  const away = partitionOf('a')
  world.send(['heat', { host: 'a' }, 5])
  world.topic.spoil(away, world.nowMs())
  const one = await world.start(silent)
  await world.runFor(4_000)
  await seconds(3, () => 5)
  world.topic.spoil(away, world.nowMs())
  await world.runFor(10_000)
  expect(await one.own.text()).not.toMatch(/plimsoll_rules_lag_seconds{.*} [1-9]/)
  await one.engine.close()
})

test('rules that are read anew while a share waits for the brokers are not forgotten', async () => {
  const joined = Promise.withResolvers<void>()
  world.topic.joins = joined.promise
  const one = await world.start(silent)
  await world.runFor(3_000)
  await one.engine.reload(world.settings(silent.replace('> 90, for: 5s', '> 50')))
  joined.resolve()
  await world.runFor(6_000)
  await seconds(2, host => (host === 'a' ? 60 : 5))
  expect(world.said()).toEqual(['+9s firing Hot host=a'])
  await one.engine.close()
})

test('a store that does not answer keeps no rule waiting', async () => {
  const one = await world.start(silent)
  one.store.last = () => new Promise(() => {})
  await world.runFor(4_000)
  await seconds(8, host => (host === 'a' ? 95 : 5))
  expect(world.said()).toEqual(['+9s firing Hot host=a'])
  await one.engine.close()
})

test('rules that are read anew while the store is away learn from the samples what they look back at', async () => {
  const one = await world.start(silent)
  await world.runFor(4_000)
  await seconds(10, host => (host === 'a' ? 60 : 5))
  one.store.readsFail = 1_000
  const more = silent.replace(
    'heat > 90, for: 5s',
    "'avg_over_time(cold[1m]) > 1 or max_over_time(heat[1m]) > 50'",
  )
  await one.engine.reload(world.settings(more))
  await world.runFor(6_000)
  expect(world.said().filter(each => each.includes('Hot host=a')).length).toBe(1)
  expect(one.shares()).toBe(20)
  await one.engine.close()
})

const rules = `groups:
- name: local
  rules:
  - {alert: Hot, expr: heat > 90, for: 10s}
  - {alert: Rising, expr: 'avg_over_time(heat[30s]) > 70'}
- name: all
  rules:
  - {alert: ManyHot, expr: count(heat > 80) > 1}
`

// The clock of each host's gateway is ahead by so much.
async function wave(
  count: number,
  aheadMs: readonly number[],
  disturb: (second: number) => void,
): Promise<void> {
  const table = new SeriesTable()
  for (let second = 0; second < count; second++) {
    disturb(second)
    for (const [at, host] of hosts.entries()) {
      const rows = new RowBuffer()
      const series = table.intern('heat', labelsOf([['host', host]]))
      const receivedAtMs = world.nowMs() + aheadMs[at]!
      const value = second < 100 ? Math.round(60 + 40 * Math.sin((second + 7 * at) / 9)) : 5
      rows.push(series, receivedAtMs, value)
      world.topic.add(
        cutByPartition({ source: 'x', receivedAtMs, rows: rows.rows(), notes: [] }, table),
        table,
      )
    }
    await world.runFor(1_000)
  }
  await world.runFor(20_000)
}

// Each told once, by alert.
function heard(): Map<string, string[]> {
  const once = [...new Map(world.topic.told.map(each => [each.id, each])).values()]
  const by = Map.groupBy(once, ({ alert }) => `${alert.labels['alertname']} ${alert.labels['host'] ?? ''}`)
  return new Map([...by].map(([key, all]) => [key, all.map(({ alert }) => alert.state)]))
}

test('clocks of gateways differ and processes die: what begins ends, once', async () => {
  const clocks = fc.array(fc.integer({ min: -4_000, max: 4_000 }), { minLength: 4, maxLength: 4 })
  const kills = fc.uniqueArray(fc.integer({ min: 5, max: 120 }), { maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(clocks, kills, async (aheadMs, when) => {
      await world.close()
      world = await openFleetWorld()
      let alive = [await world.start(rules), await world.start(rules)]
      await world.runFor(8_000)
      const joining: Promise<unknown>[] = []
      await wave(140, aheadMs, second => {
        if (!when.includes(second)) return
        alive[0]!.kill()
        alive = alive.slice(1)
        joining.push(world.start(rules).then(each => alive.push(each)))
      })
      const all = heard()
      expect(all.size).toBe(9)
      for (const [alert, states] of all) {
        const wanted = states.map((_, at) => (at % 2 === 0 ? 'firing' : 'resolved'))
        expect([alert, ...states]).toEqual([alert, ...wanted])
        expect(states.length % 2).toBe(0)
      }
    }),
    { numRuns: runs(1), endOnFailure: true },
  )
})

// Of what was told, each once, by the time that it says of itself.
const toldAt = (beginMs: number): string[] =>
  [...new Map(world.topic.told.map(each => [each.id, each])).values()]
    .map(({ atMs, alert: { state, labels } }) => {
      const at = String(Math.floor((atMs - beginMs) / 100) / 10).padStart(6)
      return `${at} ${state} ${labels['alertname']} ${labels['host'] ?? ''}`
    })
    .sort()

test('a state that is away loses nothing and doubles nothing, whoever owns what when it is back', async () => {
  const cut = fc.record({
    at: fc.integer({ min: 0, max: 110 }),
    forSeconds: fc.integer({ min: 1, max: 12 }),
    whom: fc.constantFrom(0, 1, 'both'),
  })
  const story = async (cuts: readonly { at: number; forSeconds: number; whom: unknown }[]) => {
    await world.close()
    world = await openFleetWorld()
    const both = [await world.start(rules), await world.start(rules)]
    await world.runFor(8_000)
    const beginMs = world.nowMs()
    await wave(140, [0, 0, 0, 0], second => {
      for (const [at, each] of both.entries()) {
        const mine = cuts.filter(({ whom }) => whom === at || whom === 'both')
        const isAway = mine.some(({ at: from, forSeconds }) => second >= from && second < from + forSeconds)
        each.set(isAway ? 'away' : 'open')
      }
    })
    const said = toldAt(beginMs)
    for (const each of both) await each.engine.close()
    return said
  }
  const calm = await story([])
  expect(calm.length).toBeGreaterThan(20)
  await fc.assert(
    fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 4 }), async cuts => {
      expect(await story(cuts)).toEqual(calm)
    }),
    { numRuns: runs(1), endOnFailure: true },
  )
})
