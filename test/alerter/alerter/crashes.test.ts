// Whatever happens to the process or its state: every transition that was acknowledged is told once, or is the message
// that was on its way when the process died.
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import type { AlertTransition } from '#core/model.ts'
import { runs } from '../../runs.ts'
import { configOf, type Point, points, transitionOf, World } from './world.ts'

let world: World
afterEach(() => world.close())

type Deed =
  | Readonly<{ kind: 'turn'; host: number }>
  | Readonly<{ kind: 'kill'; point: Point; after: number }>
  | Readonly<{ kind: 'refuse'; times: number }>
  | Readonly<{ kind: 'repeat'; back: number }>

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('turn' as const), host: fc.nat({ max: 2 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('kill' as const),
      point: fc.constantFrom(...points),
      after: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('refuse' as const), times: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), back: fc.nat({ max: 5 }) }) },
)

// Says the next thing of itself when the last was told.
class Host {
  readonly name: string
  readonly said: AlertTransition[] = []
  constructor(name: string) {
    this.name = name
  }

  next(atMs: number): AlertTransition {
    const last = this.said.at(-1)
    const isFiring = last?.alert.state === 'firing'
    const next = isFiring
      ? transitionOf(this.name, 'resolved', { startsAtMs: last.alert.startsAtMs, atMs })
      : transitionOf(this.name, 'firing', { startsAtMs: atMs })
    this.said.push(next)
    return next
  }

  // `+` told as firing, `-` told as ended, in their order; the same message again is the same.
  told(): string[] {
    const fingerprint = this.said[0]?.alert.fingerprint ?? ''
    const seen = new Set<string>()
    return world.sent.flatMap(({ telling }) => {
      if (seen.has(telling.id)) return []
      seen.add(telling.id)
      if (telling.resolved.includes(fingerprint)) return ['-']
      return telling.firing.includes(fingerprint) ? ['+'] : []
    })
  }

  get isHeard(): boolean {
    return this.told().length === this.said.length
  }
}

const config = configOf({ groupBy: ['host'], wait: 0, interval: 1, repeat: 100_000 })

async function live(deeds: readonly Deed[]): Promise<Readonly<{ kills: number; repeats: number }>> {
  world = new World()
  await world.start(config)
  const hosts = ['a', 'b', 'c'].map(name => new Host(name))
  let kills = 0
  const step = async (): Promise<void> => {
    await world.runFor(2_000)
    if (world.isDead) {
      kills++
      await world.start(config)
    } else {
      world.resend()
    }
    await world.runFor(1_000)
  }
  for (const each of deeds) {
    if (each.kind === 'turn') {
      const host = hosts[each.host]!
      if (host.isHeard) world.report(host.next(world.clock.nowMs()))
    } else if (each.kind === 'kill') world.diesAt = each
    else if (each.kind === 'refuse') world.stateFails = each.times
    else {
      const all = hosts.flatMap(({ said }) => said)
      const old = all.at(-1 - each.back)
      if (old !== undefined) world.report(old)
    }
    await step()
  }
  for (let round = 0; round < 6; round++) await step()
  world.diesAt = undefined
  for (let round = 0; round < 3; round++) await step()
  for (const { name, said, told } of hosts.map(host => ({
    name: host.name,
    said: host.said,
    told: host.told(),
  })))
    expect(told, name).toEqual(said.map(({ alert }) => (alert.state === 'firing' ? '+' : '-')))
  const repeats = world.sent.length - new Set(world.sent.map(({ telling }) => telling.id)).size
  expect(repeats).toBeLessThanOrEqual(kills)
  expect(world.unheard).toEqual([])
  // Nothing is left, and every transition is a fact once.
  const said = hosts.flatMap(host => host.said.map(({ id }) => id))
  const facts = (await world.facts()).filter(({ kind }) => kind === 'fired' || kind === 'resolved')
  expect(facts.map(({ id }) => id).toSorted()).toEqual(said.toSorted())
  expect(world.alerter.outbox.waiting()).toEqual([])
  return { kills, repeats }
}

// Dies at each point, whatever else is drawn.
const everyPoint: readonly Deed[] = points.flatMap((point, nth): Deed[] => [
  { kind: 'kill', point, after: 0 },
  { kind: 'turn', host: nth % 3 },
])

test('each is told once, or was on its way', async () => {
  let [kills, repeats] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25, size: 'max' }), async deeds => {
      const found = await live(deeds)
      kills += found.kills
      repeats += found.repeats
      await world.close()
    }),
    { numRuns: runs(2), examples: [[[...everyPoint]]] },
  )
  expect(kills).toBeGreaterThan(runs(1))
  // Of so many some hit a message on its way.
  if (kills > 40) expect(repeats).toBeGreaterThan(0)
  world = new World()
})

test('a storm that dies between its pieces is told as one that does not', async () => {
  for (const [wait, after] of [
    [0, 0],
    [0, 2],
    [3, 1],
    [3, 3],
  ] as const) {
    const storm = Array.from({ length: 3_500 }, (_, at) =>
      transitionOf('h'.repeat(1 + (at % 7)) + at, 'firing', { startsAtMs: 1_700_000_000_000 }),
    )
    world = new World()
    const config = configOf({ groupBy: ['rack'], wait, interval: 300, repeat: 100_000 })
    await world.start(config)
    world.diesAt = { point: 'after_save', after }
    world.report(...storm)
    await world.runFor(10_000)
    expect(world.isDead).toBe(true)
    await world.start(config)
    await world.runFor(700_000)
    expect(world.unheard).toEqual([])
    // Those of the first groups may be on their way while the others are being saved.
    const messages = new Map(world.sent.map(({ telling }) => [telling.id, telling]))
    const told = [...messages.values()].flatMap(({ begun }) => begun)
    expect(told.toSorted()).toEqual(storm.map(({ alert }) => alert.fingerprint).toSorted())
    if (after < 3) await world.close()
  }
})
